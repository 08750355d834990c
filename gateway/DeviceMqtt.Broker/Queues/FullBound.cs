namespace DeviceMqtt.Broker.Queues;

/// <summary>Which bound of a queue, a mailbox or a backlog is meant.</summary>
internal enum FullBound : byte
{
    /// <summary>How many messages it may have.</summary>
    Messages,

    /// <summary>How many bytes.</summary>
    Bytes,

    /// <summary>What its user may have of all queues together.</summary>
    Share,
}
