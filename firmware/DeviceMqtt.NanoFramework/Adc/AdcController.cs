namespace System.Device.Adc;

/// <summary>The converter of a chip.</summary>
public class AdcController
{
    private readonly Dictionary<int, AdcChannel> _open = [];

    /// <summary>The reading of the highest voltage.</summary>
    public int MaxValue { get; } = 4095;

    /// <summary>A channel that is open.</summary>
    internal AdcChannel this[int channelNumber] => _open[channelNumber];

    /// <summary>Opens a channel.</summary>
    public AdcChannel OpenChannel(int channelNumber)
    {
        AdcChannel channel = new();
        _open[channelNumber] = channel;
        return channel;
    }
}
