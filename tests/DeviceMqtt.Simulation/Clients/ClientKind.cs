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

    /// <summary>What it says that it takes at once (5.0).</summary>
    public ushort ReceiveMaximum { get; init; } = 5;

    /// <summary>More is never in flight to it, whatever it says.</summary>
    public int InflightMax { get; init; } = ushort.MaxValue;

    /// <summary>Milliseconds that it takes at most for each answer; 0 where it answers at once.</summary>
    public int AnswerMs { get; init; }
}
