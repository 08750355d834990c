using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>Who a client is, for a whole run.</summary>
internal sealed record ClientKind(string Id, ProtocolVersion Version, bool IsDurable, string[] Filters, QoS SubscribesAt = QoS.ExactlyOnce)
{
    /// <summary>The group it shares its subscription with; empty for none.</summary>
    public string Group { get; init; } = "";

    /// <summary>It asks for what is retained, again and again.</summary>
    public bool IsKeeper { get; init; }

    /// <summary>It has this subscription at times, and at times not; null for none.</summary>
    public string? WandersTo { get; init; }

    /// <summary>Between the end of its connection and its Will (5.0).</summary>
    public uint WillDelaySeconds { get; init; }

    /// <summary>P2P messages for it are checked.</summary>
    public bool IsDevice { get; init; }
}
