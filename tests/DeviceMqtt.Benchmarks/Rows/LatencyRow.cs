using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>How late a message arrives at an even rate (<see cref="PacedPairs"/>).</summary>
internal sealed class LatencyRow(int qos) : BenchmarkRow
{
    public override string Name => qos == 0 ? "latency0" : "latency";

    public override string Title => $"Latency at {PacedPairs.MessagesPerSecond:N0} messages/s, pairwise {PacedPairs.Pairs}:{PacedPairs.Pairs}, QoS {qos}";

    public override bool AsksLowLatency => true;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        var record = new AgeRecord((int)(PacedPairs.MessagesPerSecond * (settings.WindowSeconds + 1)));
        var pairs = new PacedPairs(loop, broker.Port, settings.ProtocolLevel, qos, record);
        pairs.Begin();
        pairs.Publish(settings.WarmUpSeconds);
        record.Clear();
        var window = new Window(broker);
        pairs.Publish(settings.WindowSeconds);
        window.End();
        if (record.Count == 0)
            throw new IOException("no message was delivered in the window");

        var measurement = new Measurement();
        foreach (int percent in (int[])[50, 95, 99])
            measurement.Add($"p{percent}, us", MetricKind.Cost, record.PercentileUs(percent / 100.0));
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("delivered messages/s", MetricKind.Circumstance, record.Count / window.Seconds);
        window.AddOthers(measurement);
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }
}
