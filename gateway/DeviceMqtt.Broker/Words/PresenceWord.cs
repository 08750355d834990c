namespace DeviceMqtt.Broker.Words;

/// <summary>What a gateway below has told last of a device.</summary>
internal enum PresenceWord : byte
{
    /// <summary>Nobody knows: it was before a restart, or its Will has spoken for it.</summary>
    Unknown,

    /// <summary>That it is gone, or nothing.</summary>
    Gone,

    /// <summary>With its SUBSCRIBE, that it has come. That it is online may follow when the device has left again: it is retained only when the Will for it is held.</summary>
    Came,

    /// <summary>That it is online.</summary>
    Online,
}
