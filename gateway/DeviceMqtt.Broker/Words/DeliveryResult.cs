namespace DeviceMqtt.Broker.Words;

/// <summary>What became of a message on its way to one client.</summary>
internal enum DeliveryResult : byte
{
    Sent,
    Queued,

    /// <summary>QoS 0 and the client is away: nothing is owed to it.</summary>
    Absent,

    /// <summary>QoS 0 and the connection takes no more.</summary>
    Slow,

    /// <summary>Larger than the client's Maximum Packet Size.</summary>
    TooLarge,

    /// <summary>It waited, and the client may not have it any more.</summary>
    NotAllowed,

    /// <summary>All queues together are full; the queue has counted it.</summary>
    NoRoom,
}
