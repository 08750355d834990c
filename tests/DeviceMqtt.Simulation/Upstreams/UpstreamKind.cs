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

    /// <summary>From when on it refuses each message (5.0), as with an access rule that is wrong for a while; not at all where <see cref="RefusesAllForMs"/> is 0.</summary>
    public long RefusesAllFromMs { get; init; }

    public long RefusesAllForMs { get; init; }

    /// <summary>A topic or a filter for which it closes the connection of a gateway, always; empty for none.</summary>
    public string ClosesFor { get; init; } = "";

    /// <summary>The same with some of that, as a number says that is not the world's.</summary>
    /// <param name="random">Of the seed.</param>
    /// <param name="gateway">Who connects there.</param>
    public UpstreamKind WithRules(Random random, string gateway) => this with
    {
        RefusesAllFromMs = 10_000 + random.Next(25_000),
        RefusesAllForMs = random.Next(3) == 0 ? 3_000 + random.Next(15_000) : 0,
        ClosesFor = random.Next(6) switch { 0 => $"presence/gw-{gateway}", 1 => $"+/p2p/dev-{gateway}0", _ => "" },
    };

    /// <summary>A bridge is refused (3.1.1).</summary>
    public bool RefusesBridges { get; init; }
}
