namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// What crossed between a gateway and its upstream for one command. It tells who has lost it: a command is the gateway's as soon as the gateway has acknowledged it, and its end is the upstream's as
/// soon as the upstream has acknowledged that.
/// </summary>
internal sealed class CommandPath
{
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(2); // of a gateway that is there: its disk has to have the command
    private readonly CrossedPacket[] _brought;
    private readonly CrossedPacket[] _ends;
    private readonly HashSet<CrossedPacket> _acknowledged;

    /// <param name="id">Of the command.</param>
    /// <param name="crossed">All that crossed, in its order.</param>
    public CommandPath(string id, IReadOnlyList<CrossedPacket> crossed)
    {
        CrossedPacket[] publishes = [.. crossed.Where(c => c.Packet.Type == RawType.Publish && c.Packet.Text.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal))];
        _brought = [.. publishes.Where(static p => !p.IsUp && p.Packet.Text.Contains("\"cmd\"", StringComparison.Ordinal))];
        _ends = [.. publishes.Where(static p => p.IsUp && IsEnd(p.Packet))];
        HasEndBrought = publishes.Any(static p => !p.IsUp && p.Packet.Text.Contains("\"st\"", StringComparison.Ordinal) && IsEnd(p.Packet));
        _acknowledged = [.. publishes.Where(p => crossed.Any(c => c.At >= p.At && c.Acknowledges(p)))];
        IsTheGateways = !_ends.Any(_acknowledged.Contains) && _brought.Any(b => _acknowledged.Contains(b) || crossed.Any(c => c.IsUp && c.Connection == b.Connection && c.At - b.At > AckPatience));
    }

    /// <summary>
    /// The gateway has it: it has acknowledged it, or has not on a connection on which it goes on, and no end of it has got to the upstream.
    /// </summary>
    public bool IsTheGateways { get; }

    /// <summary>The upstream has brought it more than once: the first acknowledgement was lost there, or it was sent again.</summary>
    public bool WasBroughtAgain => _brought.Length > 1;

    /// <summary>On the way of a client that waits for the end: the upstream has brought it.</summary>
    public bool HasEndBrought { get; }

    /// <summary>An answer, or a receipt that says that there will be none, is with the upstream.</summary>
    public bool IsEnded => _ends.Any(_acknowledged.Contains);

    public override string ToString() => _brought.Length + _ends.Length == 0
        ? "it never came to the gateway"
        : string.Concat(_brought.Concat(_ends).OrderBy(static p => p.At).Select(p => $"{Environment.NewLine}  {p}{(_acknowledged.Contains(p) ? ", acknowledged" : "")}"));

    private static bool IsEnd(RawPacket publish) => publish.Topic.Contains("/p2p/", StringComparison.Ordinal)
        || publish.Text.Contains("\"st\":\"expired\"", StringComparison.Ordinal) || publish.Text.Contains("\"st\":\"dropped\"", StringComparison.Ordinal);
}
