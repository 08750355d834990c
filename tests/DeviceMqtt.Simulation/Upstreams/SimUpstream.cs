using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Upstreams;

/// <summary>
/// A broker of one to three nodes that gateways relay to: it acknowledges, delays, refuses, closes, loses Sessions and sends
/// commands to devices.
/// </summary>
internal sealed class SimUpstream
{
    private const int Poison = 7; // of forty numbers
    private const int LimitedOf = 3; // every so many commands
    private const long ToldMs = 20_000; // after which a gateway that has connected knows that nothing waits here any more
    private readonly SimWorld _world;
    private readonly Truth _truth;
    private readonly Dictionary<string, string> _retained = [];
    private readonly bool _isMonotonous; // most of its commands for a device say the same, at QoS 2
    private int _commands;
    private long _noRoomUntilMs;
    private long _silentUntilMs;
    private long _slowUntilMs;
    private UpstreamNode? _last;
    private long _connectedMs;

    public SimUpstream(SimWorld world, Truth truth, UpstreamKind kind, UpstreamCheck check)
    {
        (_world, _truth, Kind, Check) = (world, truth, kind, check);
        _isMonotonous = world.Chance(30);
        Dictionary<string, UpstreamSession> shared = [];
        Nodes = [.. Enumerable.Range(0, kind.Nodes).Select(i => new UpstreamNode(world, this, $"{kind.Name}-{i}", kind.SharesSessions ? shared : []))];
    }

    public UpstreamKind Kind { get; }

    public UpstreamCheck Check { get; }

    public UpstreamNode[] Nodes { get; }

    /// <summary>Gets the topics and payloads of what devices say, in place of the check; null where nobody listens.</summary>
    public Action<string, string>? DeviceSaid { get; set; }

    /// <summary>Some of its commands say how long they are good.</summary>
    public bool LimitsCommands { get; init; }

    /// <summary>Whether the gateway has connected so shortly before a moment, or since, that what comes may have waited here.</summary>
    public bool MayHaveKept(long sinceMs) => _connectedMs >= sinceMs - ToldMs;

    /// <summary>It is not choosy any more.</summary>
    public bool TakesAll { get; set; }

    /// <summary>The largest that came with a PUBLISH.</summary>
    public int PacketIdMax { get; set; }

    /// <summary>What it refused while it refused everything.</summary>
    public HashSet<string> RefusedForAWhile { get; } = [];

    /// <summary>What is retained, by topic.</summary>
    public IReadOnlyDictionary<string, string> Retained => _retained;

    /// <summary>Milliseconds until an answer leaves; negative for never.</summary>
    public int AnswerDelayMs => _world.NowMs < _silentUntilMs ? -1 : _world.NowMs < _slowUntilMs ? _world.Random.Next(1500) : 0;

    /// <summary>The first words of a payload; boards' readings and presence are their own.</summary>
    public static string IdOf(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(payload).Split('|')[0];

    /// <summary>Whether a choosy upstream closes the connection for a PUBLISH.</summary>
    public static bool IsPoison(byte[] publish) => int.TryParse(Encoding.Latin1.GetString(publish).Split('|')[0].Split(':')[^1], out int number) && number % 40 == Poison;

    /// <summary>Whether a choosy upstream would not take a message, at any time.</summary>
    public static bool IsUnwanted(string id) => int.TryParse(id.Split(':')[^1], out int number) && (number % 40) is Poison or 13 or 19 or 27;

    public UpstreamConnection? Find(string clientId) => Nodes.Select(n => n.Find(clientId)).FirstOrDefault(static c => c is not null);

    public void BeFull(long ms) => _noRoomUntilMs = Mood($"{Kind.Name} has no room", ms);

    public void BeSilent(long ms) => _silentUntilMs = Mood($"{Kind.Name} takes and says nothing", ms);

    public void BeSlow(long ms) => _slowUntilMs = Mood($"{Kind.Name} is slow", ms);

    public void LoseSessions()
    {
        _world.Tell($"{Kind.Name} loses its Sessions");
        foreach (UpstreamNode node in Nodes)
        {
            node.Sessions.Clear();
            node.CloseAll();
        }
    }

    /// <summary>No more faults.</summary>
    public void BeCalm()
    {
        (_noRoomUntilMs, _silentUntilMs, _slowUntilMs) = (0, 0, 0);
        foreach (UpstreamNode node in Nodes)
            node.IsReachable = true;
    }

    /// <summary>The gateway has connected.</summary>
    /// <param name="node">To which.</param>
    /// <param name="isSessionPresent">What CONNACK says.</param>
    /// <param name="isTold">The gateway knows since when there is this Session. If the CONNACK that said so was lost nothing tells it any more: the next says that there is one.</param>
    public void Connected(UpstreamNode node, bool isSessionPresent, bool isTold)
    {
        _world.Tell($"{node.Name} has the gateway, {(isSessionPresent ? "with its Session" : "without a Session")}");
        bool isOld = isSessionPresent && _last is not null && _last.Sessions != node.Sessions;
        if (!isSessionPresent || isOld)
            Check.SessionLost();
        if (isSessionPresent && !isTold)
            Check.LossWasNotTold();
        // What is in flight downwards may come twice: where nodes have Sessions of their own, the gateway forgets them at each change
        // of the node, and when it starts.
        if (Kind.HasOldSessions)
            foreach (UpstreamSession.Outgoing command in Nodes.SelectMany(static n => n.Sessions.Values).SelectMany(static s => s.Commands))
                command.Publication.MayComeTwice = true;
        (_last, _connectedMs) = (node, _world.NowMs);
    }

    /// <summary>Whether a message closes the connection, or is refused.</summary>
    public (bool Closes, ReasonCode Refusal) Judge(string topic, string id, ProtocolVersion version)
    {
        if (topic == Kind.ClosesFor)
            return (true, default);
        if (!int.TryParse(id.Split(':')[^1], out int number) || topic.StartsWith("presence/", StringComparison.Ordinal))
            return default;
        if (_world.NowMs < _noRoomUntilMs && version == ProtocolVersion.V5)
            return (false, ReasonCode.QuotaExceeded);
        if (version == ProtocolVersion.V5 && _world.NowMs >= Kind.RefusesAllFromMs && _world.NowMs < Kind.RefusesAllFromMs + Kind.RefusesAllForMs)
        {
            _ = RefusedForAWhile.Add(id);
            return (false, ReasonCode.NotAuthorized);
        }

        if (!Kind.IsChoosy || TakesAll)
            return default;
        return (number % 40) switch
        {
            Poison => (true, default),
            13 when version == ProtocolVersion.V5 => (false, ReasonCode.NotAuthorized),
            19 when version == ProtocolVersion.V5 => (false, ReasonCode.PayloadFormatInvalid),
            27 when version == ProtocolVersion.V5 => (false, ReasonCode.UnspecifiedError),
            _ => default,
        };
    }

    public void Arrived(string topic, string id, QoS qos, bool retain, bool isAgain, ReadOnlySpan<byte> payload)
    {
        if (retain)
            Keep(topic, Encoding.UTF8.GetString(payload));
        if (DeviceSaid is { } said && topic.StartsWith("dm/", StringComparison.Ordinal))
            said(topic, Encoding.UTF8.GetString(payload));
        else if (!topic.StartsWith("presence/", StringComparison.Ordinal))
            Check.Arrived(topic, id, qos, Encoding.UTF8.GetString(payload), isAgain);
    }

    public void Publish(byte[] topic, byte[] payload, bool retain, string by)
    {
        string name = Encoding.UTF8.GetString(topic);
        _world.Tell($"{Kind.Name} publishes {by}: {name} is {Encoding.UTF8.GetString(payload)}");
        if (retain)
            Keep(name, Encoding.UTF8.GetString(payload));
    }

    /// <summary>A command for a device, to every gateway that has subscribed for it.</summary>
    /// <param name="device">For which.</param>
    /// <param name="isLimited">It says how long it is good, where the commands of here may.</param>
    /// <returns>False when there is none.</returns>
    public bool Command(string device, bool isLimited = false)
    {
        foreach (UpstreamNode node in Nodes)
            foreach ((string clientId, UpstreamSession session) in node.Sessions)
            {
                // On one node where each has Sessions of its own, or it would come twice.
                if (!session.Subscriptions.ContainsKey($"+/p2p/{device}") || (node != _last && !Kind.SharesSessions))
                    continue;
                int number = ++_commands;
                bool isEqual = !isLimited && _isMonotonous && _world.Chance(80);
                int ttlSeconds = LimitsCommands && !isEqual && (isLimited || number % LimitedOf == 0) ? 3 + (number % 7) : 0;
                Publication publication = new(Kind.Name, isDurable: true, number, $"dm/p2p/{device}", !isEqual && _world.Chance(50) ? QoS.AtLeastOnce : QoS.ExactlyOnce, _world.NowMs)
                {
                    Payload = isEqual ? $"{Kind.Name}:the same for {device}" : ttlSeconds > 0 ? Payloads.Command($"{Kind.Name}:{number}", Kind.Name, ttlSeconds) : $"{Kind.Name}:{number}",
                    IsLimitedCommand = ttlSeconds > 0,
                    ExpirySeconds = ttlSeconds,
                };
                _truth.Published(publication);
                session.Commands.Add(new UpstreamSession.Outgoing(publication));
                Find(clientId)?.Pump();
                return true;
            }

        return false;
    }

    /// <summary>When the gateway went on with an earlier state of its disk; long ago if it did not.</summary>
    public long RestoredMs { get; set; } = long.MinValue;

    /// <summary>An acknowledgement of the gateway has come.</summary>
    /// <param name="command">Of which command.</param>
    /// <param name="connectionMs">When its connection began: what was on its way when the gateway was restored is of the time that is lost.</param>
    public void Acknowledged(Publication command, long connectionMs)
    {
        command.IsOfLostTime |= connectionMs <= RestoredMs;
        if (!command.IsAcknowledged)
            _truth.AcknowledgedBy(command);
    }

    private void Keep(string topic, string value)
    {
        _world.Tell($"{Kind.Name} keeps {topic} {value}");
        _retained[topic] = value;
    }

    private long Mood(string what, long ms)
    {
        _world.Tell($"{what} for {ms} ms");
        return _world.NowMs + ms;
    }
}
