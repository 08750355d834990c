using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>Many retained messages: to keep, to start with, to give to one who subscribes to all.</summary>
internal sealed class ScaleRetainedRow : ScaleRow
{
    private const double ReadSecondsMax = 60;

    public override string Title => "Many retained messages, a restart with them, and a subscriber to all";

    protected override string Things => "retained";

    protected override int[] Counts => [10_000, 30_000, 100_000];

    protected override int FullCount => 1_000_000;

    protected override BrokerSettings Settings(int count) => base.Settings(count) with
    {
        GatewaySettings = [$"Limits:RetainedMessagesMax={count + 20_000}", "Limits:RetainedBytesMax=8000000000", "Limits:MemoryBytesMax=8000000000", "Limits:JournalPromisedPercentMax=100000"],
    };

    protected override void Measure(ScaleStep step)
    {
        (int port, int level) = (step.Broker.Port, step.Settings.ProtocolLevel);
        step.Begin();
        var retained = new TopicsPublisher(step.Loop, port, level, step.Count, TopicsPublisher.RetainedTopic, retain: true);
        step.RunUntil(() => retained.IsDone, "retained messages", SecondsMax);
        step.End("retain");
        retained.Leave();
        step.Restart();

        long cpuBeforeNs = step.Broker.CpuNs;
        Subscriber subscriber = Subscriber.OpenUnasked(step.Loop, port, level, "reader", "bench/#");
        if (step.Loop.RunUntil(() => subscriber.Delivered >= step.Count, ReadSecondsMax))
            step.Add("broker CPU to deliver each, us", (step.Broker.CpuNs - cpuBeforeNs) / 1000.0 / step.Count);
        else
            step.Measurement.Notes.Add($"{subscriber.Delivered:N0} of {step.Count:N0} retained messages came to a new subscriber within {ReadSecondsMax} s");
    }
}
