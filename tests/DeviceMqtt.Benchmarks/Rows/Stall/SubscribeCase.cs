using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary><c>#</c> many times in one SUBSCRIBE, each of which brings all that is retained.</summary>
internal sealed class SubscribeCase : StallCase
{
    private const double QuietSeconds = 0.5;
    private const double PrepareSecondsMax = 120;

    public override string Name => "subscribe";

    public override string Title => "somebody subscribes to `#` many times in one SUBSCRIBE, with many messages retained";

    public override BrokerSettings Settings(StallSizes sizes) => base.Settings(sizes) with
    {
        GatewaySettings = [$"Limits:RetainedMessagesMax={RoomFor(sizes.Retained)}", $"Limits:SubscriptionsPerSessionMax={sizes.Filters}", "Limits:RetainedBytesMax=1073741824", "Limits:JournalPromisedPercentMax=100000"],
    };

    public override void Prepare(StallBench bench)
    {
        var retained = new TopicsPublisher(bench.Loop, bench.Broker.Port, bench.ProtocolLevel, bench.Sizes.Retained, TopicsPublisher.RetainedTopic, retain: true);
        bench.RunUntil(() => retained.IsDone, "retained messages", PrepareSecondsMax);
    }

    public override Func<bool> Act(StallBench bench)
    {
        BulkClient client = BulkClient.Open(bench.Loop, bench.Broker.Port, bench.ProtocolLevel, "heavy");
        client.Write(MqttBytes.Subscribe(bench.ProtocolLevel, Enumerable.Repeat("#", bench.Sizes.Filters), qos: 0));
        return () => (client.IsSent && client.ReceivedBytes > 0 && Stopwatch.GetElapsedTime(client.LastReceived).TotalSeconds > QuietSeconds) || client.Fd < 0;
    }
}
