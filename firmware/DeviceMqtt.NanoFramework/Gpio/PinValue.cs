namespace System.Device.Gpio;

/// <summary>Level of a pin.</summary>
public readonly struct PinValue : IEquatable<PinValue>
{
    private readonly bool _isHigh;

    private PinValue(bool isHigh)
    {
        _isHigh = isHigh;
    }

    /// <summary>3.3 V.</summary>
    public static PinValue High => new(isHigh: true);

    /// <summary>0 V.</summary>
    public static PinValue Low => new(isHigh: false);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(PinValue a, PinValue b) => a._isHigh != b._isHigh;

    /// <summary>Whether they are the same.</summary>
    public static bool operator ==(PinValue a, PinValue b) => a._isHigh == b._isHigh;

    /// <inheritdoc/>
    public bool Equals(PinValue other) => _isHigh == other._isHigh;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PinValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _isHigh.GetHashCode();
}
