using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Paced;

/// <summary>
/// A paced load that begins 2 s after the process, without warm-up: the first 10 s, in which a runtime compiles what it meets, beside the 10 s of steady
/// state that follow.
/// </summary>
internal sealed class ColdRow(PacedLoad load) : BenchmarkRow
{
    private const double BeginSeconds = 2;
    private const double FirstSeconds = 10;
    private const double SteadySeconds = 10;
    private const double SmokeSeconds = 1;
    private const int SlicesPerSecond = 2;
    private const double SteadyShare = 0.8;

    public override string Name => load.Name + "-cold";

    public override string Group => "cold";

    public override string Title => load.Title + $", begun {BeginSeconds} s after the process, without warm-up";

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
        ThroughputLoad throughput = load.Open(broker, loop, settings);
        // Publishers that go by themselves begin with the loop, so nothing runs in it before.
        if (BeginSeconds - broker.AgeSeconds is > 0 and var wait)
            Thread.Sleep(TimeSpan.FromSeconds(wait));

        List<long> slices = [0];
        var first = new Window(broker);
        RunSlices(throughput, slices, settings.IsSmoke ? SmokeSeconds : FirstSeconds);
        first.End();
        int firstSlices = slices.Count - 1;
        var steady = new Window(broker);
        RunSlices(throughput, slices, settings.IsSmoke ? SmokeSeconds : SteadySeconds);
        steady.End();
        long steadyCount = slices[^1] - slices[firstSlices];
        if (steadyCount == 0)
            throw new IOException("no message was delivered in the steady window" + (loop.FirstCloseReason is null ? "" : ": " + loop.FirstCloseReason));
        double steadyRate = steadyCount / steady.Seconds;

        var measurement = new Measurement();
        measurement.Add("delivered messages/s, first 10 s", MetricKind.Rate, slices[firstSlices] / first.Seconds);
        measurement.Add("first second", MetricKind.Rate, slices[SlicesPerSecond]);
        measurement.Add("10 s of steady state", MetricKind.Rate, steadyRate);
        measurement.Add("from the start of the process to 80 % of it, s", MetricKind.Cost, SecondsToSteady(slices, steadyRate));
        measurement.Add("broker CPU in steady state, us per delivered message", MetricKind.Cost, steady.BrokerSeconds * 1e6 / steadyCount);
        steady.AddCircumstances(measurement);
        throughput.AddNotes(measurement, steady);
        return measurement;
    }

    private static void RunSlices(ThroughputLoad throughput, List<long> slices, double seconds)
    {
        for (int i = 0; i < seconds * SlicesPerSecond; i++)
        {
            throughput.RunFor(1.0 / SlicesPerSecond);
            slices.Add(throughput.Delivered);
        }
    }

    // The end of the first slice from which on the rate is there.
    private static double SecondsToSteady(List<long> slices, double steadyRate)
    {
        int slice = 1;
        while (slice < slices.Count - 1 && (slices[slice] - slices[slice - 1]) * SlicesPerSecond < steadyRate * SteadyShare)
            slice++;
        return BeginSeconds + ((double)slice / SlicesPerSecond);
    }
}
