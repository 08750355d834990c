namespace nanoFramework.Hardware.Esp32.Rmt;

/// <summary>A channel that measures what a test says.</summary>
public class ReceiverChannel : IDisposable
{
    private readonly ReceiverChannelSettings _settings;
    private bool _isStarted;

    /// <summary>Opens a channel.</summary>
    public ReceiverChannel(ReceiverChannelSettings settings)
    {
        _settings = settings;
    }

    /// <summary>What the next measurement gives, by GPIO number.</summary>
    internal static Func<int, RmtCommand[]?>? Pulses { get; set; }

    /// <summary>Begins to measure.</summary>
    public void Start(bool clearBuffer) => _isStarted = true;

    /// <summary>Ends measuring.</summary>
    public void Stop() => _isStarted = false;

    /// <summary>Everything that was measured, or null.</summary>
    public RmtCommand[]? GetAllItems() => _isStarted ? Pulses?.Invoke(_settings.PinNumber) : null;

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);
}
