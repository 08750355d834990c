using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>A hundred boards report, one application reads everything with the filter <c>#</c>.</summary>
internal sealed class FanInRow(int qos) : GatheredRow
{
    private const int Publishers = 100;

    /// <summary>Unacknowledged messages of one publisher at QoS 1.</summary>
    public const int WindowMessages = 20;

    public override string Name => $"fanin{qos}";

    public override string Title => $"Fan-in {Publishers}:1 with a `#` subscriber, QoS {qos}" + (qos > 0 ? $", window {WindowMessages}" : "");

    public override ThroughputLoad Open(BrokerProcess broker, LoadLoop loop, RunSettings settings)
    {
        var load = new ThroughputLoad(broker, loop);
        int level = settings.ProtocolLevel;
        load.Add(Subscriber.Open(loop, broker.Port, level, "sub", "#", qos));
        for (int i = 0; i < Publishers; i++)
        {
            string topic = $"bench/fanin/{i:000}";
            load.Add(qos == 0
                ? StreamingPublisher.Open(loop, broker.Port, level, $"pub{i:000}", topic)
                : WindowedPublisher.Open(loop, broker.Port, level, $"pub{i:000}", topic, WindowMessages));
        }
        return load;
    }
}
