namespace DeviceMqtt.Broker.Budgets;

/// <summary>What all clients share, and no owner may have more than a share of.</summary>
internal enum Good : byte
{
    /// <summary>Bytes of memory.</summary>
    Memory,

    /// <summary>Accepted connections.</summary>
    Connections,

    /// <summary>Connections whose CONNECT is not accepted yet.</summary>
    HalfOpen,

    /// <summary>Sessions, of clients that are here or away.</summary>
    Sessions,

    /// <summary>Client Identifiers that are remembered as devices.</summary>
    Devices,

    /// <summary>Retained Messages.</summary>
    RetainedMessages,

    /// <summary>Bytes of them.</summary>
    RetainedBytes,

    /// <summary>Bytes that wait in queues and mailboxes, on disk or in memory.</summary>
    QueueBytes,

    /// <summary>Bytes of 3.x messages that wait for room in the journal.</summary>
    BlockedBytes,
}
