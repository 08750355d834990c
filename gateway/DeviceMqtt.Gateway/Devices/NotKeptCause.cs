namespace DeviceMqtt.Gateway.Devices;

/// <summary>Why the console does not keep a device.</summary>
internal enum NotKeptCause : byte
{
    /// <summary>There are as many as may be (<c>Limits:KnownDevicesMax</c>).</summary>
    Devices,

    /// <summary>No memory is left for another (<c>Console:ReadingsBytesMax</c>).</summary>
    Memory,

    /// <summary>Its name is longer than a person reads.</summary>
    LongName,
}
