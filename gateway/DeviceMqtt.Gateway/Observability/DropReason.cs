namespace DeviceMqtt.Gateway.Observability;

/// <summary>Why a message was not delivered to somebody it was meant for. Each drop counts under exactly one reason.</summary>
internal enum DropReason : byte
{
    /// <summary>QoS 0 to a subscriber whose connection takes no more.</summary>
    SlowSubscriber,

    /// <summary>The oldest of a Session's queue made room for a newer one.</summary>
    SessionQueueFull,

    /// <summary>All queues together are at their limit.</summary>
    AllQueuesFull,

    /// <summary>The message was older than it may be.</summary>
    Expired,

    /// <summary>The message is larger than the client's Maximum Packet Size.</summary>
    LargerThanClientAccepts,

    /// <summary>The Session ended while the message waited for it.</summary>
    SessionEnded,

    /// <summary>No room for another retained message; it was delivered and not kept.</summary>
    RetainedFull,

    /// <summary>P2P QoS 0 to a device that is not connected.</summary>
    P2PTargetAbsent,

    /// <summary>P2P to a Client Identifier that never connected here.</summary>
    P2PTargetUnknown,

    /// <summary>The oldest of a mailbox made room for a newer one.</summary>
    MailboxFull,

    /// <summary>A client published to a topic that belongs to the gateway.</summary>
    ReservedTopic,

    /// <summary>The oldest of the relay's buffer made room for a newer one.</summary>
    RelayFull,

    /// <summary>QoS 0 while the upstream takes none, and <c>Relay:BufferQoS0</c> is off.</summary>
    UpstreamAway,

    /// <summary>The upstream sent what nobody here asked it for.</summary>
    NotAskedFor,
}
