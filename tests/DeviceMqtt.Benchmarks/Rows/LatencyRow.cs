using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// An even 5,000 messages a second over a hundred pairs. Age counts from the moment a message was due, not from when the load got to send
/// it, so a stall is seen in every message that it held up. The load generator spins here: it must not sleep through a due time.
/// </summary>
internal sealed class LatencyRow(int qos) : BenchmarkRow
{
    private const int Pairs = 100;
    private const int MessagesPerSecond = 5000;

    private readonly List<PacedPublisher> _publishers = [];
    private long _published;
    private long _due;

    public override string Name => qos == 0 ? "latency0" : "latency";

    public override string Title => $"Latency at {MessagesPerSecond:N0} messages/s, pairwise {Pairs}:{Pairs}, QoS {qos}";

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        var record = new AgeRecord((int)(MessagesPerSecond * (settings.WindowSeconds + 1)));
        _publishers.Clear();
        for (int i = 0; i < Pairs; i++)
        {
            string topic = $"bench/pair/{i:000}";
            _ = AgeSubscriber.Open(loop, broker.Port, settings.ProtocolLevel, $"sub{i:000}", topic, qos, record);
            _publishers.Add(PacedPublisher.Open(loop, broker.Port, settings.ProtocolLevel, $"pub{i:000}", topic, qos));
        }
        _due = Stopwatch.GetTimestamp();
        Publish(loop, settings.WarmUpSeconds);
        record.Clear();
        var window = new Window(broker);
        Publish(loop, settings.WindowSeconds);
        window.End();
        if (record.Count == 0)
            throw new IOException("no message was delivered in the window");

        var measurement = new Measurement();
        measurement.Add("p50, us", MetricKind.Cost, record.PercentileUs(0.50));
        measurement.Add("p95, us", MetricKind.Cost, record.PercentileUs(0.95));
        measurement.Add("p99, us", MetricKind.Cost, record.PercentileUs(0.99));
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("delivered messages/s", MetricKind.Circumstance, record.Count / window.Seconds);
        window.AddOthers(measurement);
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }

    private void Publish(LoadLoop loop, double seconds)
    {
        long interval = Stopwatch.Frequency / MessagesPerSecond;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            if (Stopwatch.GetTimestamp() >= _due)
            {
                if (!_publishers[(int)(_published % Pairs)].TryPublish(_due))
                    throw new IOException($"the broker took no more after {_published} messages");
                _published++;
                _due += interval;
            }
            loop.Poll(0);
        }
    }
}
