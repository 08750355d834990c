namespace System.Device.Gpio;

/// <summary>A pin in memory. Debouncing is the caller's matter here: a test moves the level when it means it.</summary>
public class GpioPin : IDisposable
{
    private readonly GpioController _owner;
    private PinValue _value = PinValue.Low;
    private bool _isClosed;

    internal GpioPin(GpioController owner, int pinNumber, PinMode mode)
    {
        _owner = owner;
        PinNumber = pinNumber;
        Mode = mode;
        _value = mode == PinMode.InputPullUp ? PinValue.High : PinValue.Low;
    }

    /// <summary>An edge came.</summary>
    public event PinValueChangedEventHandler? ValueChanged;

    /// <summary>GPIO number.</summary>
    public int PinNumber { get; }

    /// <summary>How long a level must last to count.</summary>
    public TimeSpan DebounceTimeout { get; set; }

    /// <summary>How it is driven.</summary>
    internal PinMode Mode { get; private set; }

    /// <summary>How often it was written.</summary>
    internal int Writes { get; private set; }

    /// <summary>Its level.</summary>
    public PinValue Read() => _value;

    /// <summary>Drives it otherwise.</summary>
    public void SetPinMode(PinMode value) => Mode = value;

    /// <summary>Drives it.</summary>
    /// <exception cref="InvalidOperationException">It is closed.</exception>
    public void Write(PinValue value)
    {
        if (_isClosed)
        {
            throw new InvalidOperationException();
        }

        Writes++;
        _value = value;
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
        if (value != _value)
        {
            _value = value;
            ValueChanged?.Invoke(this, new PinValueChangedEventArgs(value == PinValue.High ? PinEventTypes.Rising : PinEventTypes.Falling, PinNumber));
        }
    }
}
