namespace DeviceMqtt.Custody.Records;

/// <summary>What a record of the journal says; its first byte. The values are on disk: they never change (gateway/docs/journal-format.md).</summary>
internal enum RecordKind : byte
{
    /// <summary>An Application Message, stored once however many wait for it. The only kind that outlives a snapshot by itself.</summary>
    Message = 1,

    /// <summary>A Session that outlives its connection began, or its terms changed.</summary>
    SessionBegan = 2,

    /// <summary>Its client is away from now on.</summary>
    SessionLeft = 3,

    /// <summary>A Session ended: its subscriptions and QoS 2 identifiers are gone.</summary>
    SessionEnded = 4,

    Subscribed = 5,

    Unsubscribed = 6,

    /// <summary>A QoS 2 Packet Identifier of the client is open.</summary>
    InboundOpened = 7,

    InboundClosed = 8,

    /// <summary>A message waits for somebody: an entry of the custody.</summary>
    Held = 9,

    /// <summary>An entry was sent under a Packet Identifier; 0 when it waits again, at QoS 1 as one that its client may have.</summary>
    Sent = 10,

    /// <summary>PUBREC came: only the Packet Identifier of the entry matters from here on.</summary>
    Received = 11,

    /// <summary>An entry is done with: delivered, expired or dropped.</summary>
    Settled = 12,

    Retained = 13,

    RetainedRemoved = 14,

    /// <summary>A Client Identifier that P2P messages may wait for.</summary>
    DeviceKnown = 15,

    DeviceForgotten = 16,

    /// <summary>A Will that is to be published if the gateway does not see the client leave.</summary>
    WillSet = 17,

    WillGone = 18,

    /// <summary>In a snapshot: what one class of the ledger had counted by then.</summary>
    LedgerCount = 19,

    /// <summary>An entry is not sent any more, because the upstream does not take it.</summary>
    SetAside = 20,

    /// <summary>An entry that was set aside waits again.</summary>
    TakenBack = 21,

    /// <summary>A known device is to be reached from upstream, too.</summary>
    DeviceReachable = 22,

    /// <summary>How long the gateway has been running, and what the clocks of the machine showed then.</summary>
    Clock = 23,

    /// <summary>Somebody is to be told what becomes of an entry.</summary>
    ReceiptOwed = 24,

    /// <summary>In a snapshot: the Session that an entry waited for has ended, and whose it was; there may be a new one of the same client.</summary>
    OfEndedSession = 25,

    /// <summary>The role that a known client was let in with, the last time.</summary>
    RoleIs = 26,

    /// <summary>A retained message that a subscription is owed was given to it at QoS 2.</summary>
    RetainedGiven = 27,

    /// <summary>A subscription has all the retained messages that it was owed.</summary>
    RetainedAllGiven = 28,

    /// <summary>What became of all messages in memory alone by then (<see cref="VolatileRecord"/>).</summary>
    Volatile = 29,
}
