using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// A hundred boards publish, and all goes on to a mosquitto upstream, which stands still for a while: the relay of the gateway
/// beside the bridge of mosquitto. Upstream and relay share the broker's core.
/// </summary>
internal sealed class RelayRow : BenchmarkRow
{
    private const int Publishers = 100;
    private const int Backlog = 200_000;
    private const int SmokeBacklog = 1_000;
    private const double SecondsMax = 60;
    private static readonly MosquittoPeer Upstream = new();

    public override string Name => "relay1";

    public override string Title => $"{Publishers} publishers, QoS 1, on to a mosquitto upstream; then a backlog of {Backlog:N0}";

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer && Upstream.Prepare() is null;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess upstream = Upstream.Start(new BrokerSettings(LowLatency: false));
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false, KeepsMuch: true) { UpstreamPort = upstream.Port });
        using var loop = new LoadLoop();
        Subscriber reader = Subscriber.Open(loop, upstream.Port, settings.ProtocolLevel, "reader", "bench/#", qos: 0);
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

        _ = Libc.Kill(upstream.Id, Libc.SignalStop);
        long wanted = publishers.Sum(static p => p.Acknowledged) + (settings.IsSmoke ? SmokeBacklog : Backlog);
        _ = loop.RunUntil(() => publishers.Sum(static p => p.Acknowledged) >= wanted, SecondsMax);
        foreach (WindowedPublisher publisher in publishers)
            publisher.Stop();
        _ = loop.RunUntil(() => publishers.Sum(static p => p.Acknowledged) == publishers.Sum(static p => p.Published), SecondsMax);
        double waitingMb = broker.ResidentKb / 1024;
        long published = publishers.Sum(static p => p.Published);
        long there = reader.Delivered;
        long started = Stopwatch.GetTimestamp();
        _ = Libc.Kill(upstream.Id, Libc.SignalContinue);
        bool isAll = loop.RunUntil(() => reader.Delivered >= published, SecondsMax);
        double drainSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        var measurement = new Measurement();
        measurement.Add("relayed messages/s", MetricKind.Rate, relayed / window.Seconds);
        measurement.Add("backlog drained, messages/s", MetricKind.Rate, (reader.Delivered - there) / drainSeconds);
        measurement.Add("acknowledged to publishers, messages/s", MetricKind.Circumstance, acknowledged / window.Seconds);
        measurement.Add("backlog", MetricKind.Circumstance, published - there);
        measurement.Add("published and never upstream", MetricKind.Circumstance, isAll ? 0 : published - reader.Delivered);
        measurement.Add("RSS with the backlog, MB", MetricKind.Circumstance, waitingMb);
        measurement.Add("RSS at the end, MB", MetricKind.Circumstance, broker.ResidentKb / 1024);
        return measurement;
    }

    private static List<WindowedPublisher> OpenPublishers(LoadLoop loop, BrokerProcess broker, RunSettings settings) =>
        [.. Enumerable.Range(0, Publishers).Select(i =>
            WindowedPublisher.Open(loop, broker.Port, settings.ProtocolLevel, $"pub{i:000}", $"bench/relayed/{i:000}", FanInRow.WindowMessages))];
}
