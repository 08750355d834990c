using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Publishers at full speed, whatever comes into one write.</summary>
internal abstract class GatheredRow : BenchmarkRow
{
    /// <summary>Connects everybody; publishers begin when the loop runs.</summary>
    public abstract ThroughputLoad Open(BrokerProcess broker, LoadLoop loop, RunSettings settings);

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
        return Open(broker, loop, settings).Run(settings);
    }
}
