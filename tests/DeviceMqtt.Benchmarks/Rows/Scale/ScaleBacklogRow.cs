using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>A long backlog: to take, to start with, to deliver, and what is left of it.</summary>
internal sealed class ScaleBacklogRow : ScaleRow
{
    private const int Publishers = 100;

    // Each of these messages counts as 282 bytes, and Limits:QueueBytesMax can be 1 GiB at most: of one Session the oldest of 5,000,000 would be dropped, and the row wait for them in vain.
    private const int OfOneSessionMax = 3_000_000;

    public override string Title => "A long backlog of an absent Session (two beyond 3,000,000), QoS 1, a restart with it, and its reader";

    protected override string Things => "backlog";

    protected override int[] Counts => [100_000, 300_000, 1_000_000];

    protected override int FullCount => 5_000_000;

    protected override void Measure(ScaleStep step)
    {
        step.Begin();
        var load = new KeptLoad(step.Broker, step.Loop, step.Settings.ProtocolLevel, Publishers, FanInRow.WindowMessages, sessions: 1 + ((step.Count - 1) / OfOneSessionMax));
        step.RunUntil(() => load.Published >= step.Count, "the backlog", SecondsMax);
        load.Stop();
        step.RunUntil(() => load.Acknowledged == load.Published, "acknowledgements", SecondsMax);
        step.End("take");
        long published = load.Published;
        load.Leave();
        step.Restart();

        long cpuBeforeNs = step.Broker.CpuNs;
        Subscriber[] readers = [.. load.Readers.Select(id => Subscriber.Resume(step.Loop, step.Broker.Port, step.Settings.ProtocolLevel, id))];
        step.RunUntil(() => readers.Sum(static reader => reader.Delivered) >= published, "delivery", SecondsMax);
        step.Add("broker CPU to deliver each, us", (step.Broker.CpuNs - cpuBeforeNs) / 1000.0 / published);
        step.Rest();
    }
}
