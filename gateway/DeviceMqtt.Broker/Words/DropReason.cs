namespace DeviceMqtt.Broker.Words;

/// <summary>Why a message was not delivered to somebody it was meant for. Each drop counts under exactly one reason. The values are on disk: they never change.</summary>
public enum DropReason : byte
{
    /// <summary>QoS 0 to a subscriber whose connection takes no more.</summary>
    SlowSubscriber = 0,

    /// <summary>The oldest of a Session's queue made room for a newer one.</summary>
    SessionQueueFull = 1,

    /// <summary>All queues together are at their limit.</summary>
    AllQueuesFull = 2,

    /// <summary>The message was older than it may be.</summary>
    Expired = 3,

    /// <summary>The message is larger than the client's Maximum Packet Size.</summary>
    LargerThanClientAccepts = 4,

    /// <summary>The Session ended while the message waited for it.</summary>
    SessionEnded = 5,

    /// <summary>No room for another retained message; it was delivered and not kept.</summary>
    RetainedFull = 6,

    /// <summary>P2P QoS 0 to a device that is not connected.</summary>
    P2PTargetAbsent = 7,

    /// <summary>P2P to a Client Identifier that never connected here.</summary>
    P2PTargetUnknown = 8,

    /// <summary>The oldest of a mailbox made room for a newer one.</summary>
    MailboxFull = 9,

    /// <summary>A client published to a topic that belongs to the gateway.</summary>
    ReservedTopic = 10,

    /// <summary>The oldest of the relay's buffer made room for a newer one.</summary>
    RelayFull = 11,

    /// <summary>QoS 0 while the upstream takes none, and <c>Relay:BufferQoS0</c> is off.</summary>
    UpstreamAway = 12,

    /// <summary>The upstream sent what nobody here asked it for.</summary>
    NotAskedFor = 13,

    /// <summary>No room in the journal: a limit of ours, or the disk itself.</summary>
    JournalFull = 14,

    /// <summary>Its bytes on disk cannot be read any more.</summary>
    Damaged = 15,

    /// <summary>Larger than the packets that the upstream takes.</summary>
    LargerThanUpstreamAccepts = 16,

    /// <summary>The upstream has refused it (5.0: PUBACK or PUBREC with a reason code of 128 or more).</summary>
    UpstreamRefused = 17,

    /// <summary>It has been through this gateway before: the upstream sent it back, or it came round through another gateway.</summary>
    CameBack = 18,

    /// <summary>P2P of a client that may not send to that target: a device to a device.</summary>
    P2PNotAllowed = 19,

    /// <summary>From an upstream that cannot be told how much this gateway takes: larger than <see cref="GatewayLimits.PacketBytesMax"/>.</summary>
    LargerThanGatewayAccepts = 20,

    /// <summary>A client published where the access rules do not let it, or was to get what they do not let it have any more.</summary>
    NotAllowed = 21,

    /// <summary>The upstream does not take it, and it may never be set aside: a bound is 0, or less than the message.</summary>
    AsideFull = 22,

    /// <summary>Its topic is one that the upstream cannot take, as its profile or a rule says.</summary>
    TopicNotForUpstream = 23,

    /// <summary>An operator had it dropped after it was set aside.</summary>
    DroppedByOperator = 24,

    /// <summary>The client it was sent to has refused it (5.0: PUBACK or PUBREC with a reason code of 128 or more).</summary>
    ClientRefused = 25,

    /// <summary>A command whose <c>from</c> is another client than the one that published it.</summary>
    SenderForged = 26,

    /// <summary>Its topic is volatile (<c>Topics:0:Durable=false</c>), and the gateway ended while it waited.</summary>
    NotDurable = 27,

    /// <summary>P2P that waited for a client whose user was removed, or whose Client Identifier is another user's now.</summary>
    UserGone = 28,

    /// <summary>Larger than what the journal can ever hold (<see cref="GatewayLimits.JournalBytesMax"/>), or than what it had room for while it had room for others.</summary>
    LargerThanJournal = 29,

    /// <summary>P2P that waited in a backup from which the gateway was restored: it may have been delivered since, or be stale.</summary>
    Restored = 30,

    /// <summary>A fault of the gateway itself kept it from a subscriber; the log has the exception.</summary>
    GatewayFault = 31,

    /// <summary>A gateway below tells the presence of a device that is elsewhere by now: here, or behind another gateway.</summary>
    DeviceElsewhere = 32,
}
