using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Upstreams;

/// <summary>Who an upstream is, for a whole run.</summary>
/// <param name="Name">Also that of its nodes, with a number behind.</param>
/// <param name="Nodes">One to three.</param>
/// <param name="Version">The newest that it speaks: 5.0 or 3.1.1.</param>
internal sealed record UpstreamKind(string Name, int Nodes, ProtocolVersion Version)
{
    /// <summary>A Session is on all nodes, not only on the one where it began.</summary>
    public bool SharesSessions { get; init; } = true;

    /// <summary>Sessions are not shared: a node still has its own, an old one, when the gateway comes back from another.</summary>
    public bool HasOldSessions => Nodes > 1 && !SharesSessions;

    /// <summary>Some messages are refused, and for some the connection is closed, each time.</summary>
    public bool IsChoosy { get; init; }

    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>A bridge is refused (3.1.1).</summary>
    public bool RefusesBridges { get; init; }
}
