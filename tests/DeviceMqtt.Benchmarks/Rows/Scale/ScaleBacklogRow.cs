using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>A long backlog for one Session: to take, to start with, to deliver.</summary>
internal sealed class ScaleBacklogRow : ScaleRow
{
    private const int Publishers = 100;

    public override string Title => "A long backlog of one absent Session, QoS 1, a restart with it, and its reader";

    protected override string Things => "backlog";

    protected override int[] Counts => [100_000, 300_000, 1_000_000];

    protected override int FullCount => 5_000_000;

    protected override void Measure(ScaleStep step)
    {
        step.Begin();
        var load = new KeptLoad(step.Broker, step.Loop, step.Settings.ProtocolLevel, Publishers, FanInRow.WindowMessages);
        step.RunUntil(() => load.Published >= step.Count, "the backlog", SecondsMax);
        load.Stop();
        step.RunUntil(() => load.Acknowledged == load.Published, "acknowledgements", SecondsMax);
        step.End("take");
        long published = load.Published;
        load.Leave();
        step.Restart();

        long cpuBeforeNs = step.Broker.CpuNs;
        Subscriber reader = Subscriber.Resume(step.Loop, step.Broker.Port, step.Settings.ProtocolLevel, KeptLoad.Reader);
        step.RunUntil(() => reader.Delivered >= published, "delivery", SecondsMax);
        step.Add("broker CPU to deliver each, us", (step.Broker.CpuNs - cpuBeforeNs) / 1000.0 / published);
        step.Rest();
    }
}
