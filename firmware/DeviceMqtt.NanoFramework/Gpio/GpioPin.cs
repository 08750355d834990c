namespace System.Device.Gpio;

/// <summary>
/// A pin in memory, which does what the runtime does on an ESP32: it is driven low by each <see cref="SetPinMode"/> to output, and reads as low while it is
/// an output. Debouncing is the caller's matter here: a test moves the level when it means it.
/// </summary>
public class GpioPin : IDisposable
{
    /// <summary>Highest number of an ESP32.</summary>
    internal const int Last = 39;

    // Without a driver of their own (data sheet, table of pins).
    private const int InputsFrom = 34;

    private readonly GpioController _owner;
    private bool _isClosed;

    internal GpioPin(GpioController owner, int pinNumber)
    {
        _owner = owner;
        PinNumber = pinNumber;
    }

    /// <summary>An edge came.</summary>
    public event PinValueChangedEventHandler? ValueChanged;

    /// <summary>GPIO number.</summary>
    public int PinNumber { get; }

    /// <summary>How long a level must last to count.</summary>
    public TimeSpan DebounceTimeout { get; set; }

    /// <summary>How it is driven.</summary>
    internal PinMode Mode { get; private set; }

    /// <summary>What somebody with a meter would find on it.</summary>
    internal PinValue Level { get; private set; } = PinValue.Low;

    /// <summary>How often it was written.</summary>
    internal int Writes { get; private set; }

    /// <summary>How often it was driven from high to low.</summary>
    internal int Falls { get; private set; }

    /// <summary>Its level; low for an output, whose input is switched off.</summary>
    public PinValue Read() => Mode == PinMode.Output ? PinValue.Low : Level;

    /// <summary>Drives it otherwise. An output is low from here on.</summary>
    /// <exception cref="ArgumentException">It cannot be driven that way.</exception>
    public void SetPinMode(PinMode value)
    {
        if (value == PinMode.Output && PinNumber >= InputsFrom)
            throw new ArgumentException(null, nameof(value));

        Mode = value;
        if (value == PinMode.Output)
            Drive(isHigh: false);
        else
            Level = value == PinMode.InputPullUp ? PinValue.High : PinValue.Low;
    }

    /// <summary>Drives it.</summary>
    /// <exception cref="InvalidOperationException">It is closed.</exception>
    /// <exception cref="ArgumentException">It is an input.</exception>
    public void Write(PinValue value)
    {
        if (_isClosed)
            throw new InvalidOperationException();
        if (Mode != PinMode.Output)
            throw new ArgumentException(null, nameof(value));

        Writes++;
        Drive(value == PinValue.High);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosed = true;
        _owner.Forget(PinNumber);
        GC.SuppressFinalize(this);
    }

    /// <summary>The world moves the level of an input.</summary>
    internal void Drive(PinValue value)
    {
        if (value != Level)
        {
            Level = value;
            ValueChanged?.Invoke(this, new PinValueChangedEventArgs(value == PinValue.High ? PinEventTypes.Rising : PinEventTypes.Falling, PinNumber));
        }
    }

    private void Drive(bool isHigh)
    {
        Falls += Level == PinValue.High && !isHigh ? 1 : 0;
        Level = isHigh ? PinValue.High : PinValue.Low;
    }
}
