namespace nanoFramework.Hardware.Esp32;

/// <summary>Which pin does what.</summary>
public class Configuration
{
    private static readonly Dictionary<DeviceFunction, int> Pins = [];

    /// <summary>Gives a function to a pin.</summary>
    public static void SetPinFunction(int pin, DeviceFunction function) => Pins[function] = pin;

    /// <summary>The pin of a function, or -1.</summary>
    public static int GetFunctionPin(DeviceFunction function) => Pins.TryGetValue(function, out int pin) ? pin : -1;
}
