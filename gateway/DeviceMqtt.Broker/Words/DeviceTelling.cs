namespace DeviceMqtt.Broker.Words;

/// <summary>What a gateway below says of a device with the SUBSCRIBE for its P2P topic.</summary>
internal enum DeviceTelling : byte
{
    /// <summary>Nothing: it speaks 3.1.1, or is of a version before.</summary>
    Nothing,

    /// <summary>It knows the device. That may have left long ago.</summary>
    IsKnown,

    /// <summary>The device has connected there just now.</summary>
    IsHere,
}
