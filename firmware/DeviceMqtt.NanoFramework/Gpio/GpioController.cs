namespace System.Device.Gpio;

/// <summary>The pins of a chip, in memory.</summary>
public class GpioController
{
    private readonly Dictionary<int, GpioPin> _open = [];

    /// <summary>Opens a pin.</summary>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        GpioPin pin = new(this, pinNumber, mode);
        return _open.TryAdd(pinNumber, pin) ? pin : throw new InvalidOperationException();
    }

    /// <summary>An open pin.</summary>
    internal GpioPin this[int pinNumber] => _open[pinNumber];

    internal void Forget(int pinNumber) => _open.Remove(pinNumber);
}
