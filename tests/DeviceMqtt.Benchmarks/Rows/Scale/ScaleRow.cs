using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>What one more costs when there are many already: a broker for each size, memory and time for each thing, and how their sum grows.</summary>
internal abstract class ScaleRow : BenchmarkRow
{
    protected const double SecondsMax = 600;
    private const int SmokeCount = 200;
    private const int SmokeCountTwice = 400;

    public override string Name => "scale-" + Things.Replace(' ', '-');

    public override string Group => "scale";

    public override bool HasCeiling => false;

    /// <summary>What there are many of.</summary>
    protected abstract string Things { get; }

    protected abstract int[] Counts { get; }

    /// <summary>Where <see cref="Counts"/> goes on with --full-scale.</summary>
    protected abstract int FullCount { get; }

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer;

    public sealed override Measurement Measure(Peer peer, RunSettings settings)
    {
        var measurement = new Measurement();
        int[] counts = settings.IsSmoke ? [SmokeCount, SmokeCountTwice] : settings.IsFullScale ? [.. Counts, FullCount] : Counts;
        foreach (int count in counts)
        {
            using BrokerProcess broker = peer.Start(Settings(count));
            using var loop = new LoadLoop();
            Measure(new ScaleStep(broker, loop, settings, Things, count, measurement));
        }
        AddGrowth(measurement);
        return measurement;
    }

    protected virtual BrokerSettings Settings(int count) => new(LowLatency: false, KeepsMuch: true) { OutlivesRestart = true };

    protected abstract void Measure(ScaleStep step);

    // Of a cost that is each thing's: n of them cost n times that. 1 is linear; n log n is 1.1 to 1.2 over these sizes.
    private static void AddGrowth(Measurement measurement)
    {
        foreach (IGrouping<string, Metric> curve in measurement.Metrics.Where(static metric => metric.Place is not null).GroupBy(static metric => metric.Place!.Curve).ToArray())
        {
            (Metric first, Metric last) = (curve.First(), curve.Last());
            double exponent = Math.Log(last.Value / first.Value) / Math.Log(last.Place!.Count / (double)first.Place!.Count);
            bool isEach = curve.Key.Contains("each", StringComparison.Ordinal);
            measurement.Add($"{curve.Key}{(isEach ? ", all together" : "")}: grows as n to the", MetricKind.Circumstance, exponent + (isEach ? 1 : 0));
        }
    }
}
