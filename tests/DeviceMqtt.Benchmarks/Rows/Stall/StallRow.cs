using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>How long an innocent client waits for its PINGRESP while the broker does something heavy for others, beside the same broker idle.</summary>
internal sealed class StallRow(StallCase stallCase) : BenchmarkRow
{
    private const double IdleSeconds = 2;

    // What was made before is still being put away.
    private const double SettleSeconds = 1;

    // Work may go on after the answer that says it is done.
    private const double AfterSeconds = 1;

    public override string Name => "stall-" + stallCase.Name;

    public override string Group => "stall";

    public override string Title => "Wait for a PINGRESP: " + stallCase.Title;

    public override bool AsksLowLatency => true;

    public override bool HasCeiling => false;

    public override bool CanRun(Peer peer) => peer is GatewayPeer || (peer is MosquittoPeer && stallCase.IsForMosquitto);

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        StallSizes sizes = settings.IsSmoke ? settings.Stall.Smoke() : settings.Stall.Whole();
        using BrokerProcess broker = peer.Start(stallCase.Settings(sizes));
        using var loop = new LoadLoop();
        var bench = new StallBench(broker, loop, settings.ProtocolLevel, sizes);
        stallCase.Prepare(bench);

        var record = new AgeRecord(PingSampler.CountFor(sizes.SecondsMax + IdleSeconds + AfterSeconds));
        PingSampler sampler = PingSampler.Open(loop, broker.Port, settings.ProtocolLevel, record);
        _ = Sample(bench, sampler, static () => false, Math.Min(SettleSeconds, settings.WindowSeconds));
        record.Clear();
        _ = Sample(bench, sampler, static () => false, Math.Min(IdleSeconds, settings.WindowSeconds));
        double idleP99Ms = record.PercentileUs(0.99) / 1000;
        double idleMaxMs = record.PercentileUs(1) / 1000;
        record.Clear();

        Func<bool> step = stallCase.Act(bench);
        var window = new Window(broker);
        (double seconds, bool isDone) = Sample(bench, sampler, step, sizes.SecondsMax);
        _ = Sample(bench, sampler, static () => false, AfterSeconds);
        window.End();
        sampler.RecordUnanswered();
        if (record.Count == 0)
            throw new IOException($"the innocent client's connection ended: {sampler.CloseReason}");
        if (sampler.CloseReason is not null)
            bench.Notes.Add($"the innocent client's connection ended: {sampler.CloseReason}");
        if (!isDone)
            bench.Notes.Add($"not done after {seconds:0} s; the figures are those until then");

        var measurement = new Measurement();
        measurement.Add("longest wait beyond idle, ms", MetricKind.Cost, Math.Max(0, (record.PercentileUs(1) / 1000) - idleMaxMs));
        measurement.Add("p99 beyond idle, ms", MetricKind.Cost, Math.Max(0, (record.PercentileUs(0.99) / 1000) - idleP99Ms));
        measurement.Add("idle: longest wait, ms", MetricKind.Circumstance, idleMaxMs);
        measurement.Add("idle: p99, ms", MetricKind.Circumstance, idleP99Ms);
        measurement.Add("the heavy client's work took, s", MetricKind.Circumstance, seconds);
        measurement.Add("RSS at the end, MB", MetricKind.Circumstance, broker.ResidentKb / 1024);
        // Shown, and no reason to try again: a case may take minutes.
        measurement.Add("others, % of a core", MetricKind.Circumstance, window.OthersPercent);
        measurement.Notes.AddRange(bench.Notes);
        return measurement;
    }

    // It spins, so that a PINGREQ is sent and its answer seen at once. A PINGREQ that waits keeps the step going: what is quiet may be at a standstill.
    private static (double Seconds, bool IsDone) Sample(StallBench bench, PingSampler sampler, Func<bool> step, double secondsMax)
    {
        long started = Stopwatch.GetTimestamp();
        double seconds = 0;
        bool isDone = false;
        for (; !isDone && seconds < secondsMax && bench.HasMemory(); seconds = Stopwatch.GetElapsedTime(started).TotalSeconds)
        {
            sampler.PingIfDue();
            bench.Loop.Poll(0);
            isDone = step() && (sampler.Unanswered == 0 || sampler.Fd < 0);
        }
        return (seconds, isDone);
    }
}
