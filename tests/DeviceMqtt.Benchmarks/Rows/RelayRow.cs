using System.Diagnostics;
using DeviceMqtt.Benchmarks.Ceiling;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// A hundred boards publish, and all goes on to an upstream, which stands still for a while: the relay of the gateway
/// beside the bridge of mosquitto. Upstream and relay share the broker's core.
/// </summary>
/// <param name="name">Of the row.</param>
/// <param name="upstream">What stands above; null for a gateway.</param>
/// <param name="backlog">Messages that gather while it stands still.</param>
/// <param name="lines">More lines of the configuration of a mosquitto that stands above.</param>
internal sealed class RelayRow(string name, Peer? upstream, int backlog, params string[] lines) : BenchmarkRow
{
    private const string OthersGroup = "upstreams";
    private const string First = "relay1";

    private const int Publishers = 100;
    private const int SmokeBacklog = 1_000;
    private const double SecondsMax = 60;

    private const int ProtocolLevel = 4; // of the ceiling: the shortest packets
    private const int CeilingWindow = 1_000;
    private const string Drained = "backlog drained, messages/s";
    private const string NeverThere = "published and never upstream";

    /// <summary>The one beside the bridge, then what else may stand above.</summary>
    public static RelayRow[] All => [new(First, new MosquittoPeer(), 200_000), new("relay-20", new MosquittoPeer(), 200_000, "max_inflight_messages 20"), new("relay-nats", new NatsPeer(), 20_000), new("relay-rabbit", new RabbitMqPeer(), 20_000), new("relay-self", upstream: null, 200_000)];

    public override string Name => name;

    public override string Group => name == First ? base.Group : OthersGroup;

    public override string Title => $"{Publishers} publishers, QoS 1, on to {(upstream is null ? "a gateway upstream" : $"a {upstream.Name} upstream")}{(lines.Length > 0 ? $" with {string.Join(", ", lines)}" : "")}; then a backlog of {backlog:N0}";

    public override bool AsksRelay => true;

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer or NullPeer && (upstream is null || upstream.Prepare() is null);

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        Peer over = upstream ?? settings.UpstreamGateway;
        if (over.Prepare() is { } problem)
            throw new IOException(problem);
        using BrokerProcess above = over.Start(new BrokerSettings(LowLatency: false) { MosquittoLines = lines });
        if (peer is NullPeer)
            return MeasureCeiling(above, settings);
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false, KeepsMuch: true) { UpstreamPort = above.Port });
        using var loop = new LoadLoop();
        Subscriber reader = Subscriber.Open(loop, above.Port, settings.ProtocolLevel, "reader", "bench/#", qos: 0);
        List<WindowedPublisher> publishers = OpenPublishers(loop, broker, settings);
        _ = loop.RunUntil(() => reader.Delivered > 0, SecondsMax);
        loop.RunFor(settings.WarmUpSeconds);

        long relayedBefore = reader.Delivered;
        long acknowledgedBefore = publishers.Sum(static p => p.Acknowledged);
        var window = new Window(broker);
        loop.RunFor(settings.WindowSeconds);
        window.End();
        long relayed = reader.Delivered - relayedBefore;
        long acknowledged = publishers.Sum(static p => p.Acknowledged) - acknowledgedBefore;

        _ = Libc.Kill(above.Id, Libc.SignalStop);
        long wanted = publishers.Sum(static p => p.Acknowledged) + (settings.IsSmoke ? SmokeBacklog : backlog);
        _ = loop.RunUntil(() => publishers.Sum(static p => p.Acknowledged) >= wanted, SecondsMax);
        foreach (WindowedPublisher publisher in publishers)
            publisher.Stop();
        _ = loop.RunUntil(() => publishers.Sum(static p => p.Acknowledged) == publishers.Sum(static p => p.Published), SecondsMax);
        double waitingMb = broker.ResidentKb / 1024;
        long published = publishers.Sum(static p => p.Published);
        long there = reader.Delivered;
        // There is little to read and nothing to publish now: a reader that sleeps between two messages is what the upstream would spend its core on, and no relay.
        loop.IsAwake = true;
        long started = Stopwatch.GetTimestamp();
        _ = Libc.Kill(above.Id, Libc.SignalContinue);
        bool isAll = loop.RunUntil(() => reader.Delivered >= published, SecondsMax);
        double drainSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        var measurement = new Measurement();
        measurement.Add("relayed messages/s", MetricKind.Rate, relayed / window.Seconds);
        measurement.Add(Drained, MetricKind.Rate, (reader.Delivered - there) / drainSeconds);
        measurement.Add("acknowledged to publishers, messages/s", MetricKind.Circumstance, acknowledged / window.Seconds);
        measurement.Add("backlog", MetricKind.Circumstance, published - there);
        measurement.Add(NeverThere, MetricKind.Circumstance, isAll ? 0 : published - reader.Delivered);
        measurement.Add("RSS with the backlog, MB", MetricKind.Circumstance, waitingMb);
        measurement.Add("RSS at the end, MB", MetricKind.Circumstance, broker.ResidentKb / 1024);
        return measurement;
    }

    // No relay at all: what the upstream takes from a program on its core that does nothing but send.
    private Measurement MeasureCeiling(BrokerProcess above, RunSettings settings)
    {
        int messages = settings.IsSmoke ? SmokeBacklog : backlog;
        using var loop = new LoadLoop { IsAwake = true };
        Subscriber reader = Subscriber.Open(loop, above.Port, settings.ProtocolLevel, "reader", "bench/#", qos: 0);
        using BareSender sender = BareSender.Open(above.Port, ProtocolLevel, "bench/relayed/000", lines.Length > 0 ? FanInRow.WindowMessages : CeilingWindow, messages);
        long started = Stopwatch.GetTimestamp();
        sender.Go();
        bool isAll = loop.RunUntil(() => reader.Delivered >= messages, SecondsMax);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var measurement = new Measurement();
        measurement.Add(Drained, MetricKind.Rate, reader.Delivered / seconds);
        measurement.Add(NeverThere, MetricKind.Circumstance, isAll ? 0 : messages - reader.Delivered);
        return measurement;
    }

    private static List<WindowedPublisher> OpenPublishers(LoadLoop loop, BrokerProcess broker, RunSettings settings) =>
        [.. Enumerable.Range(0, Publishers).Select(i =>
            WindowedPublisher.Open(loop, broker.Port, settings.ProtocolLevel, $"pub{i:000}", $"bench/relayed/{i:000}", FanInRow.WindowMessages))];
}
