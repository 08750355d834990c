using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>From the start of the process to its first CONNACK, and what it occupies when left alone afterwards.</summary>
internal sealed class StartupRow : BenchmarkRow
{
    private const int StartsPerRound = 3;
    private const double IdleSecondsMax = 2;

    public override string Name => "startup";

    public override string Title => "Start to the first CONNACK, and idle memory";

    public override bool HasCeiling => false;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        var startMs = new double[StartsPerRound];
        double residentMb = 0;
        for (int i = 0; i < StartsPerRound; i++)
        {
            using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
            startMs[i] = broker.StartMs;
            if (i < StartsPerRound - 1)
                continue;
            Thread.Sleep(TimeSpan.FromSeconds(Math.Min(IdleSecondsMax, settings.WindowSeconds)));
            residentMb = broker.ResidentKb / 1024;
        }
        Array.Sort(startMs);
        var measurement = new Measurement();
        measurement.Add("start to first CONNACK, ms", MetricKind.Cost, startMs[StartsPerRound / 2]);
        measurement.Add("idle RSS, MB", MetricKind.Cost, residentMb);
        return measurement;
    }
}
