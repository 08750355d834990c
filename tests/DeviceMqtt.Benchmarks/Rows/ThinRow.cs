using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Benchmarks.Rows.Stall;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>How much of its journal the gateway can fill with live data that is spread thin, and what it writes to get there. What the gateway does not tell stays empty.</summary>
internal sealed class ThinRow : BenchmarkRow
{
    private const int Publishers = 100;
    private const double SysSeconds = 2.5;

    public override string Name => "thin";

    public override string Group => "journal";

    public override string Title => "A backlog grows among messages that are soon gone, until the journal refuses";

    public override bool HasCeiling => false;

    public override bool CanRun(Peer peer) => peer is GatewayPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        StallSizes sizes = settings.IsSmoke ? settings.Stall.Smoke() : settings.Stall.Whole();
        long journalBytesMax = sizes.JournalMb * 1024L * 1024;
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false, KeepsMuch: true)
        {
            GatewaySettings = [$"Limits:JournalBytesMax={journalBytesMax}", "Sys:IntervalSeconds=1"],
        });
        using var loop = new LoadLoop();
        SysReader sys = SysReader.Open(loop, broker.Port, "$SYS/broker/journal/#");
        var load = new ThinLoad(loop, broker.Port, Publishers, sizes.StaysOneIn);
        DiskUse diskBefore = DiskUse.Of(broker.Folder);
        var window = new Window(broker);
        load.Go(isOn: true);
        double refusedPercent = double.NaN;
        bool isFull = loop.RunUntil(
            () =>
            {
                if (double.IsNaN(refusedPercent) && load.IsRefused)
                    refusedPercent = load.StayingBytes * 100.0 / journalBytesMax;
                return load.IsAtStandstill;
            },
            sizes.SecondsMax);
        window.End();
        load.Go(isOn: false);
        long acceptedBytes = load.AcceptedBytes;
        long stayingBytes = load.StayingBytes;
        DiskUse disk = DiskUse.Of(broker.Folder);
        loop.RunFor(settings.IsSmoke ? 1.2 : SysSeconds); // for the next $SYS
        if (acceptedBytes == 0)
            throw new IOException($"nothing was accepted: {loop.FirstCloseReason}");

        double compactedBytes = sys.Find("compact", "bytes");
        var measurement = new Measurement();
        measurement.Add("topics and payloads that wait at the first refusal, % of JournalBytesMax", MetricKind.Rate, refusedPercent);
        measurement.Add("that wait when it is full for good, %", MetricKind.Rate, isFull ? stayingBytes * 100.0 / journalBytesMax : double.NaN);
        measurement.Add("live bytes as the broker counts them at the end, %", MetricKind.Rate, sys.Find("live") * 100 / journalBytesMax);
        measurement.Add("bytes written for compaction per byte accepted", MetricKind.Cost, compactedBytes / acceptedBytes);
        measurement.Add("bytes written to the disk per byte accepted", MetricKind.Cost, (disk.Bytes - diskBefore.Bytes) / (double)acceptedBytes);
        measurement.Add("accepted messages/s", MetricKind.Circumstance, load.Accepted / window.Seconds);
        measurement.Add("accepted, MB", MetricKind.Circumstance, acceptedBytes / 1e6);
        measurement.Add("that wait, MB", MetricKind.Circumstance, stayingBytes / 1e6);
        measurement.Add("JournalBytesMax, MB", MetricKind.Circumstance, journalBytesMax / 1e6);
        measurement.Add("one message stays in", MetricKind.Circumstance, sizes.StaysOneIn);
        window.AddOthers(measurement);
        if (!isFull)
            measurement.Notes.Add($"not full for good within {window.Seconds:0} s");
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }
}
