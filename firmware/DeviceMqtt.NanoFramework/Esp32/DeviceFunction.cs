namespace nanoFramework.Hardware.Esp32;

/// <summary>What a pin can be used for.</summary>
public enum DeviceFunction
{
    /// <summary>Data of bus 1.</summary>
    I2C1_DATA = 0x20100,

    /// <summary>Clock of bus 1.</summary>
    I2C1_CLOCK = 0x20101,

    /// <summary>Transmit of UART 1.</summary>
    COM2_TX = 0x30200,

    /// <summary>Receive of UART 1.</summary>
    COM2_RX = 0x30201,

    /// <summary>Transmit of UART 2.</summary>
    COM3_TX = 0x30300,

    /// <summary>Receive of UART 2.</summary>
    COM3_RX = 0x30301,
}
