using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>A hundred publishers, each with a subscriber of its own, QoS 1 on both legs.</summary>
internal sealed class PairwiseRow : GatheredRow
{
    private const int Pairs = 100;

    public override string Name => "pairwise1";

    public override string Title => $"Pairwise {Pairs}:{Pairs}, QoS 1, window {FanInRow.WindowMessages}";

    public override ThroughputLoad Open(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        var load = new ThroughputLoad(broker, loop);
        int level = settings.ProtocolLevel;
        for (int i = 0; i < Pairs; i++)
        {
            string topic = $"bench/pair/{i:000}";
            load.Add(Subscriber.Open(loop, broker.Port, level, $"sub{i:000}", topic, qos: 1));
            load.Add(WindowedPublisher.Open(loop, broker.Port, level, $"pub{i:000}", topic, FanInRow.WindowMessages));
        }
        return load;
    }
}
