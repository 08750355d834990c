using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>A Session with a long backlog is ended by the Clean Start of its client.</summary>
internal sealed class SessionEndCase : StallCase
{
    private const int Publishers = 100;
    private const double PrepareSecondsMax = 600;

    public override string Name => "session-end";

    public override string Title => "a Session with a large backlog ends by Clean Start";

    public override void Prepare(StallBench bench)
    {
        var load = new KeptLoad(bench.Broker, bench.Loop, bench.ProtocolLevel, Publishers, FanInRow.WindowMessages);
        bench.RunUntil(() => load.Published >= bench.Sizes.Backlog || !bench.HasMemory(), "backlog", PrepareSecondsMax);
        load.Stop();
        bench.RunUntil(() => load.Acknowledged == load.Published, "acknowledgements of the backlog", PrepareSecondsMax);
    }

    public override Func<bool> Act(StallBench bench) => bench.Visits(
        1, answers: 1, _ => MqttBytes.Connect(bench.ProtocolLevel, KeptLoad.Reader, MqttHandshake.KeepAliveSeconds, clean: true));
}
