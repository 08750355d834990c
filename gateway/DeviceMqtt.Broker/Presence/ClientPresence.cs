using System.Net;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Presence;

/// <summary>What is known of the presence of one client.</summary>
internal sealed class ClientPresence
{
    public bool IsOnline { get; set; }

    /// <summary>Monotonic milliseconds since when.</summary>
    public long SinceMs { get; set; }

    public PresenceReason Reason { get; set; }

    /// <summary>The number of its connection, the last one while it is away; 0 before the first since the gateway started.</summary>
    public long Connection { get; set; }

    /// <summary>Monotonic milliseconds when a client that sleeps is to be back; 0 for one that does not sleep, <see cref="long.MaxValue"/> where nobody knows when.</summary>
    public long BackAtMs { get; set; }

    /// <summary>Monotonic milliseconds at which it is shown in another way if it is not back: asleep as overdue, one in its grace as offline; 0 for never.</summary>
    public long DueMs { get; set; }

    /// <summary>Where it came from.</summary>
    public EndPoint? Remote { get; set; }

    /// <summary>What it is shown as when its grace is over.</summary>
    public PresenceReason ReasonWhenDue { get; set; }
}
