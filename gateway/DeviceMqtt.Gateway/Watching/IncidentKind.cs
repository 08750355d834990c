namespace DeviceMqtt.Gateway.Watching;

/// <summary>What may go wrong with a client, as the broker tells it.</summary>
internal enum IncidentKind : byte
{
    /// <summary>Two clients take over from each other.</summary>
    ClientIdFought,

    /// <summary>A first packet that is a malformed CONNECT.</summary>
    MalformedConnect,

    /// <summary>TLS bytes at a port without TLS.</summary>
    TlsOnPlainPort,

    /// <summary>An HTTP request at a port for MQTT.</summary>
    HttpOnMqttPort,

    /// <summary>No CONNECT came in time.</summary>
    NoConnect,

    /// <summary>No sign of a client in one and a half times its Keep Alive.</summary>
    KeepAliveTimeout,

    /// <summary>User name or password are wrong.</summary>
    NotAuthorized,

    /// <summary>A Client Identifier that is not allowed.</summary>
    ClientIdRejected,

    /// <summary>A client does not read what it is sent.</summary>
    OutputStalled,

    /// <summary>A packet that may not be sent, or is too large.</summary>
    BadPacket,

    /// <summary>Messages for a client were dropped because too many wait for it.</summary>
    QueueFull,

    /// <summary>Messages for a device were dropped because too many wait in its mailbox.</summary>
    MailboxFull,

    /// <summary>A client published where it may not.</summary>
    NotAllowed,

    /// <summary>A device tried to command a device.</summary>
    P2PNotAllowed,

    /// <summary>A client sent a command in the name of another.</summary>
    SenderForged,

    /// <summary>Commands for a Client Identifier that nobody has.</summary>
    TargetUnknown,

    /// <summary>Messages for an upstream were dropped.</summary>
    UpstreamDropped,

    /// <summary>No room for another retained message.</summary>
    RetainedFull,

    /// <summary>No room in the journal.</summary>
    JournalFull,

    /// <summary>A client says that it is a bridge, and may not be one.</summary>
    BridgeNotAllowed,

    /// <summary>MQTT or HTTP without TLS at a port with TLS.</summary>
    PlainOnTlsPort,

    /// <summary>All queues together are full.</summary>
    AllQueuesFull,

    /// <summary>Messages that were kept cannot be read any more.</summary>
    Damaged,

    /// <summary>An upstream does not take messages: too large, a topic that it cannot have, or it refused them.</summary>
    UpstreamRefused,

    /// <summary>Messages are larger than the packets that a client takes.</summary>
    LargerThanClient,

    /// <summary>A client answers messages with an error.</summary>
    ClientRefused,

    /// <summary>Messages are larger than the journal has room for.</summary>
    LargerThanJournal,

    /// <summary>An upstream sends messages that are larger than the gateway takes.</summary>
    LargerThanGateway,

    /// <summary>Messages that an upstream does not take found no room beside those that are set aside.</summary>
    AsideFull,

    /// <summary>Subscriptions of a client were refused.</summary>
    SubscriptionRefused,

    /// <summary>A fault of the gateway itself kept messages from their subscribers.</summary>
    GatewayFault,
}
