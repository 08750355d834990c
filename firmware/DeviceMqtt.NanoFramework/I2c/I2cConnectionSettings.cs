namespace System.Device.I2c;

/// <summary>Which device on which bus.</summary>
public sealed class I2cConnectionSettings
{
    /// <summary>Which device on which bus.</summary>
    public I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed)
    {
        BusId = busId;
        DeviceAddress = deviceAddress;
        BusSpeed = busSpeed;
    }

    /// <summary>Number of the bus, from 1 on an ESP32.</summary>
    public int BusId { get; }

    /// <summary>Seven-bit address.</summary>
    public int DeviceAddress { get; }

    /// <summary>Clock.</summary>
    public I2cBusSpeed BusSpeed { get; }
}
