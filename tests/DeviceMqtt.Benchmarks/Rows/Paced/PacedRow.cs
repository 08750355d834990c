using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Paced;

/// <summary>The steady rate of a paced load, after the warm-up.</summary>
internal sealed class PacedRow(PacedLoad load) : BenchmarkRow
{
    public override string Name => load.Name + "-paced";

    public override string Group => "paced";

    public override string Title => load.Title + ", paced";

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
        return load.Open(broker, loop, settings).Run(settings);
    }
}
