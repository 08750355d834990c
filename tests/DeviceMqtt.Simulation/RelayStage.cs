using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Clients;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>Who is in a run with upstreams, and how they are connected.</summary>
internal sealed class RelayStage
{
    // A copy goes over a link again when its acknowledgement is lost with the connection; without end only in a loop: thousands of times a minute.
    private const int CopiesMax = 200;

    private readonly Dictionary<SimGateway, List<SimUpstream>> _upstreamsOf = [];
    private readonly Dictionary<SimGateway, SimGateway> _above = [];
    private int _maxAgeSeconds;
    private int? _narrowSeed;

    public List<SimGateway> Gateways { get; } = [];

    public List<SimUpstream> Upstreams { get; } = [];

    public List<(SimClient Client, SimGateway Gateway)> Clients { get; } = [];

    public string[] Devices { get; private set; } = [];

    /// <summary>Topics on which a gateway takes nothing from the ones below, for a while: as with an access rule that is wrong.</summary>
    public List<(SimGateway Above, string Topic, long FromMs, long ForMs)> Denials { get; } = [];

    public IReadOnlyList<SimUpstream> UpstreamsOf(SimGateway gateway) => _upstreamsOf[gateway];

    /// <summary>Also those that are reached through another gateway.</summary>
    public IEnumerable<SimUpstream> AllUpstreamsAbove(SimGateway gateway) =>
        _upstreamsOf[gateway].Concat(_above.TryGetValue(gateway, out SimGateway? above) && !_above.ContainsKey(above) ? AllUpstreamsAbove(above) : []);

    public void CheckNoLoop()
    {
        foreach (SimGateway gateway in Gateways)
            Truth.Expect(gateway.CopiesMax <= CopiesMax, $"{gateway.Name} has sent one message {gateway.CopiesMax} times: it goes round");
    }

    /// <summary>Seconds that a message may wait; 0 for as long as it likes.</summary>
    /// <param name="publication">The message.</param>
    /// <param name="maxAgeSeconds">Of the rule that sends it up; 0 for none.</param>
    public static int LifeOf(Publication publication, int maxAgeSeconds) =>
        maxAgeSeconds == 0 || !publication.Topic.StartsWith("s/", StringComparison.Ordinal) ? publication.ExpirySeconds
        : publication.ExpirySeconds == 0 ? maxAgeSeconds : Math.Min(publication.ExpirySeconds, maxAgeSeconds);

    public static RelayStage Build(int seed, SimWorld world, Truth truth, PlantedFault? planted, int maxAgeSeconds, bool isNarrow)
    {
        RelayStage stage = new() { _maxAgeSeconds = maxAgeSeconds, _narrowSeed = isNarrow ? seed : null };
        SimNetwork network = new(world);
        switch (seed % 5)
        {
            case 0: // a gateway below another
                UpstreamKind top = Kind(world, "top").WithRules(new Random(seed), "upper");
                SimGateway upper = stage.Add(world, truth, network, planted, "upper", [top], above: null);
                network.Hosts["upper"] = upper;
                _ = stage.Add(world, truth, network, planted, "lower", [], above: upper);
                break;
            case 1: // each the other's upstream
                SimGateway left = stage.Add(world, truth, network, planted, "left", [], above: null, aboveName: "right");
                SimGateway right = stage.Add(world, truth, network, planted, "right", [], above: left);
                stage._above[left] = right;
                (network.Hosts["left"], network.Hosts["right"]) = (left, right);
                break;
            default:
                int count = 1 + (seed / 5 % 3);
                _ = stage.Add(world, truth, network, planted, "only", [.. Enumerable.Range(0, count).Select(i => Kind(world, $"up{i}").WithRules(new Random((seed * 10) + i), "only"))], above: null);
                break;
        }

        Random rules = new(seed);
        foreach ((SimGateway below, SimGateway above) in stage._above)
            if (rules.Next(2) == 0)
                stage.Denials.Add((above, $"t/{below.Name}/3", 10_000 + rules.Next(25_000), 5_000 + rules.Next(60_000)));
        stage.Devices = [.. stage.Clients.Where(static c => c.Client.Kind.IsDevice).Select(static c => c.Client.Kind.Id)];
        return stage;
    }

    /// <summary>One gateway with one upstream of one node.</summary>
    public static RelayStage BuildSmall(SimWorld world, Truth truth, PlantedFault? planted, ClientKind[] kinds)
    {
        RelayStage stage = new();
        UpstreamKind up = new("up0", 1, world.Chance(60) ? ProtocolVersion.V5 : ProtocolVersion.V311) { ReceiveMaximum = world.Chance(50) ? ushort.MaxValue : 5 };
        _ = stage.Add(world, truth, new SimNetwork(world), planted, "only", [up], above: null, kinds: kinds, snapshotAfterBytes: world.Chance(50) ? 1_000_000 : 2048);
        stage.Devices = [.. kinds.Where(static k => k.IsDevice).Select(static k => k.Id)];
        return stage;
    }

    private static UpstreamKind Kind(SimWorld world, string name) => new(name, 1 + world.Random.Next(3), world.Chance(60) ? ProtocolVersion.V5 : ProtocolVersion.V311)
    {
        SharesSessions = world.Chance(50),
        IsChoosy = world.Chance(50),
        RefusesBridges = world.Chance(30),
        ReceiveMaximum = world.Chance(50) ? ushort.MaxValue : 5,
    };

    private SimGateway Add(SimWorld world, Truth truth, SimNetwork network, PlantedFault? planted, string name, UpstreamKind[] upstreamKinds, SimGateway? above, string? aboveName = null, ClientKind[]? kinds = null, long snapshotAfterBytes = 2048)
    {
        aboveName ??= above?.Name;
        List<RelayOptions> options = [];
        List<SimUpstream> upstreams = [];
        if (aboveName is not null)
            options.Add(Options(name, aboveName, [aboveName], sharesAll: true, _maxAgeSeconds));
        for (int i = 0; i < upstreamKinds.Length; i++)
        {
            // The second upstream gets less than the first.
            bool sharesAll = i == 0;
            SimUpstream upstream = new(world, truth, upstreamKinds[i], new UpstreamCheck(world, truth, upstreamKinds[i], topic => topic.StartsWith("t/", StringComparison.Ordinal) || (sharesAll && topic.StartsWith("s/", StringComparison.Ordinal)))
            {
                LifeSeconds = publication => LifeOf(publication, _maxAgeSeconds * (name == "upper" ? 2 : 1)), // each gateway on the way counts for itself
            })
            {
                LimitsCommands = kinds is null, // where there is no restore, which drops commands for another reason
            };
            foreach (UpstreamNode node in upstream.Nodes)
                network.Hosts[node.Name] = node;
            options.Add(Options(name, upstreamKinds[i].Name, [.. upstream.Nodes.Select(static n => n.Name)], sharesAll, _maxAgeSeconds, upstreamKinds[i].SharesSessions || planted?.TrustsNodes == true));
            upstreams.Add(upstream);
        }

        SmallBounds? bounds = _narrowSeed is { } seed ? new SmallBounds(seed + Gateways.Count) : null;
        SimGateway gateway = new(world, planted, new RelaySetup(name, options, network)) { SnapshotAfterBytes = snapshotAfterBytes, Bounds = bounds };
        Gateways.Add(gateway);
        Upstreams.AddRange(upstreams);
        _upstreamsOf[gateway] = upstreams;
        if (above is not null)
            _above[gateway] = above;
        foreach (ClientKind kind in kinds ?? ClientsOf(name, isAlone: Gateways.Count == 1 && aboveName is null, hearsAll: name is "left" or "right"))
            Clients.Add((new SimClient(bounds?.Narrow(kind) ?? kind, world, gateway, truth), gateway));
        return gateway;
    }

    private static RelayOptions Options(string gateway, string upstream, IEnumerable<string> hosts, bool sharesAll, int maxAgeSeconds, bool sharesSessions = true)
    {
        List<RelayRule> rules = [new() { Filter = "t/#", MaxQoS = 2 }, new() { Filter = "presence/#" }];
        if (sharesAll)
            rules.Add(new RelayRule { Filter = "s/#", Class = RelayClass.Low, MaxAgeSeconds = maxAgeSeconds });
        RelayOptions options = new()
        {
            Name = upstream,
            ClientId = $"gw-{gateway}",
            Addresses = [.. hosts.Select(static h => $"mqtt://{h}:1883")],
            SharesSessions = sharesSessions,
            BackoffMinMs = 200,
            BackoffMaxMs = 4000,
            KeepAliveSeconds = 10,
            Rules = rules,
        };
        Truth.Expect(options.Check() is null, $"{options.Check()}");
        return options;
    }

    private static ClientKind[] ClientsOf(string name, bool isAlone, bool hearsAll)
    {
        string[] filters = hearsAll ? ["t/#"] : [$"t/{name}/1", $"t/{name}/2"];
        return
        [
            .. Enumerable.Range(0, isAlone ? 5 : 3).Select(i => new ClientKind($"{name}{i}", (ProtocolVersion)(3 + (i % 3)), IsDurable: true, i == 0 ? filters : [])),
            .. Enumerable.Range(0, 2).Select(i => new ClientKind($"dev-{name}{i}", (ProtocolVersion)(4 + (i % 2)), IsDurable: true, []) { IsDevice = true }),
            new ClientKind($"clean{name}", ProtocolVersion.V311, IsDurable: false, []),
        ];
    }
}
