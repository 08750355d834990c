using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>One publisher that waits for each acknowledgement: what a message that must be on the disk costs over the bare disk.</summary>
internal sealed class CommitRow : BenchmarkRow
{
    private const int BareSyncs = 500;
    private const int BareBytes = 4096;

    public override string Name => "commit1";

    public override string Title => "One publisher that waits for each PUBACK, to an absent persistent Session";

    public override bool AsksLowLatency => true;

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true, KeepsMuch: true));
        using var loop = new LoadLoop();
        var load = new KeptLoad(broker, loop, settings.ProtocolLevel, publishers: 1, window: 1);
        loop.RunFor(Math.Min(2, settings.WarmUpSeconds));
        double bareBefore = BareSyncUs(broker.Folder);
        long before = load.Acknowledged;
        DiskUse diskBefore = DiskUse.Of(broker.Folder);
        var window = new Window(broker);
        loop.RunFor(settings.WindowSeconds);
        window.End();
        long acknowledged = load.Acknowledged - before;
        DiskUse disk = DiskUse.Of(broker.Folder);
        load.Stop();
        double bareUs = (bareBefore + BareSyncUs(broker.Folder)) / 2;
        double roundTripUs = window.Seconds * 1e6 / acknowledged;

        var measurement = new Measurement();
        measurement.Add("PUBLISH to PUBACK, us", MetricKind.Cost, roundTripUs);
        measurement.Add("write and fdatasync of 4 KB without a broker, us", MetricKind.Circumstance, bareUs);
        measurement.Add("times that", MetricKind.Circumstance, roundTripUs / bareUs);
        measurement.Add("bytes written per message", MetricKind.Circumstance, (disk.Bytes - diskBefore.Bytes) / (double)acknowledged);
        window.AddOthers(measurement);
        return measurement;
    }

    // Over and over into a file that is there, as a journal with prepared segments does.
    private static double BareSyncUs(string folder)
    {
        string path = Path.Combine(folder, "bare");
        byte[] bytes = new byte[BareBytes];
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int i = 0; i < BareSyncs; i++)
            RandomAccess.Write(file.SafeFileHandle, bytes, (long)i * BareBytes);
        _ = Libc.DataSync(file.SafeFileHandle);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < BareSyncs; i++)
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, (long)i * BareBytes);
            if (Libc.DataSync(file.SafeFileHandle) != 0)
                throw new IOException("fdatasync failed");
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / BareSyncs;
    }
}
