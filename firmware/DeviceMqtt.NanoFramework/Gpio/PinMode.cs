namespace System.Device.Gpio;

/// <summary>How a pin is driven.</summary>
public enum PinMode
{
    /// <summary>Read.</summary>
    Input,

    /// <summary>Read, with the chip's resistor to ground.</summary>
    InputPullDown,

    /// <summary>Read, with the chip's resistor to 3.3 V.</summary>
    InputPullUp,

    /// <summary>Driven.</summary>
    Output,
}
