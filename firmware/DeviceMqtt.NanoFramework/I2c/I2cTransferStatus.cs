namespace System.Device.I2c;

/// <summary>What became of a transfer.</summary>
public enum I2cTransferStatus
{
    /// <summary>Nobody knows.</summary>
    UnknownError,

    /// <summary>Done.</summary>
    FullTransfer,

    /// <summary>A line was held down for longer than the driver waits (1 s on an ESP32).</summary>
    ClockStretchTimeout,

    /// <summary>Broken off.</summary>
    PartialTransfer,

    /// <summary>Nobody answers at the address.</summary>
    SlaveAddressNotAcknowledged,
}
