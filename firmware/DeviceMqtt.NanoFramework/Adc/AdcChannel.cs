namespace System.Device.Adc;

/// <summary>A voltage that a test sets.</summary>
public class AdcChannel : IDisposable
{
    internal AdcChannel()
    {
    }

    /// <summary>What the next readings give, 0 to 4095.</summary>
    internal int Level { get; set; }

    /// <summary>A reading, 0 to 4095.</summary>
    public int ReadValue() => Level;

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);
}
