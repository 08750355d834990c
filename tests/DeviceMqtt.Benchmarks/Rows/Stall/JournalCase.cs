using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>
/// A journal that is nearly full of live and dead records goes through snapshots and compaction while it takes more. mosquitto, which writes its whole state in one
/// go when it writes at all, has nothing to compare.
/// </summary>
internal sealed class JournalCase : StallCase
{
    // Few publishers: what is looked for is a standstill, not a broker that is short of time.
    private const int Publishers = 4;
    private const double PrepareSecondsMax = 600;
    private const double FilledShare = 0.8;

    private ThinLoad? _load;

    public override string Name => "journal";

    public override string Title => "snapshots and compaction of a big journal";

    public override bool IsForMosquitto => false;

    public override BrokerSettings Settings(StallSizes sizes) => base.Settings(sizes) with { GatewaySettings = [$"Limits:JournalBytesMax={JournalBytes(sizes)}"] };

    public override void Prepare(StallBench bench)
    {
        ThinLoad load = _load = new ThinLoad(bench.Loop, bench.Broker.Port, Publishers, bench.Sizes.StaysOneIn);
        load.Go(isOn: true);
        bench.RunUntil(() => load.AcceptedBytes >= FilledShare * JournalBytes(bench.Sizes) || load.IsAtStandstill, "filling the journal", PrepareSecondsMax);
        load.Go(isOn: false);
        bench.RunUntil(() => load.IsIdle, "acknowledgements", PrepareSecondsMax);
    }

    public override Func<bool> Act(StallBench bench)
    {
        ThinLoad load = _load!;
        long until = load.AcceptedBytes + JournalBytes(bench.Sizes);
        load.Go(isOn: true);
        return () => load.AcceptedBytes >= until || load.IsAtStandstill;
    }

    private static long JournalBytes(StallSizes sizes) => sizes.JournalMb * 1024L * 1024;
}
