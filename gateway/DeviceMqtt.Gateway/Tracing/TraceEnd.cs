namespace DeviceMqtt.Gateway.Tracing;

/// <summary>Where a message stands on its way to one client or upstream.</summary>
internal enum TraceEnd : byte
{
    /// <summary>It waits: in a queue, a mailbox or a backlog.</summary>
    Waits,

    /// <summary>It is sent at QoS 1 or 2, and not acknowledged.</summary>
    Sent,

    /// <summary>It is acknowledged, or was sent at QoS 0.</summary>
    Delivered,

    /// <summary>QoS 0, and nobody was there.</summary>
    Absent,

    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>For another reason.</summary>
    Dropped,
}
