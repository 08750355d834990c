using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>A hundred boards report, one application reads everything with the filter <c>#</c>.</summary>
internal sealed class FanInRow(int qos) : BenchmarkRow
{
    private const int Publishers = 100;

    /// <summary>Unacknowledged messages of one publisher at QoS 1.</summary>
    public const int WindowMessages = 20;

    public override string Name => $"fanin{qos}";

    public override string Title => $"Fan-in {Publishers}:1 with a `#` subscriber, QoS {qos}" + (qos > 0 ? $", window {WindowMessages}" : "");

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
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
        return load.Run(settings);
    }
}
