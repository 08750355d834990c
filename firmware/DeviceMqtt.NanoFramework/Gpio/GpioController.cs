namespace System.Device.Gpio;

/// <summary>The pins of an ESP32, in memory.</summary>
public class GpioController
{
    // Pads that the chip does not have (data sheet of the ESP32, table of pins): the runtime does not reserve them.
    private static readonly int[] Missing = [20, 24, 28, 29, 30, 31];

    // A pin opens on the whole chip: two controllers are two views of it. Here each is a chip, so that a test is alone with its own.
    private readonly Dictionary<int, GpioPin> _open = [];

    /// <summary>Opens a pin.</summary>
    /// <exception cref="InvalidOperationException">It is open, or the chip has no such pin.</exception>
    /// <exception cref="ArgumentException">It cannot be driven that way.</exception>
    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        if (pinNumber is < 0 or > GpioPin.Last || Missing.Contains(pinNumber) || _open.ContainsKey(pinNumber))
            throw new InvalidOperationException();

        GpioPin pin = new(this, pinNumber);
        pin.SetPinMode(mode);
        _open.Add(pinNumber, pin);
        return pin;
    }

    /// <summary>An open pin.</summary>
    internal GpioPin this[int pinNumber] => _open[pinNumber];

    internal void Forget(int pinNumber) => _open.Remove(pinNumber);
}
