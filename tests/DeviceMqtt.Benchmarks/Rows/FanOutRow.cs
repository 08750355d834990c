using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>One source, two hundred readers of the same topic, QoS 0.</summary>
internal sealed class FanOutRow : GatheredRow
{
    private const int Subscribers = 200;
    private const string Topic = "bench/fanout/all";

    public override string Name => "fanout0";

    public override string Title => $"Fan-out 1:{Subscribers}, QoS 0";

    public override ThroughputLoad Open(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        var load = new ThroughputLoad(broker, loop) { CopiesPerMessage = Subscribers };
        for (int i = 0; i < Subscribers; i++)
            load.Add(Subscriber.Open(loop, broker.Port, settings.ProtocolLevel, $"sub{i:000}", Topic, qos: 0));
        load.Add(StreamingPublisher.Open(loop, broker.Port, settings.ProtocolLevel, "pub", Topic));
        return load;
    }
}
