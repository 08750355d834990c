using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>A hundred boards report to somebody who is away. mosquitto acknowledges from memory; the gateway when the disk has it.</summary>
/// <param name="isPaced">Few messages are under way.</param>
/// <param name="isVolatile">The gateway need not write them to the disk (<c>Topics:0:Durable=false</c>), and acknowledges from memory, too.</param>
internal sealed class KeepRow(bool isPaced, bool isVolatile = false) : BenchmarkRow
{
    private const int Publishers = 100;

    public override string Name => $"keep1{(isVolatile ? "-volatile" : "")}{(isPaced ? "-paced" : "")}";

    public override string Group => isPaced ? "paced" : StandardGroup;

    public override string Title => $"{Publishers} publishers to an absent persistent Session, QoS 1, window {FanInRow.WindowMessages}{(isPaced ? ", paced" : "")} (gateway: {(isVolatile ? "a topic that need not be durable" : "on the disk before the PUBACK")})";

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false, KeepsMuch: true) { GatewaySettings = isVolatile ? ["Topics:0:Filter=bench/#", "Topics:0:Durable=false"] : [] });
        using var loop = new LoadLoop();
        var load = new KeptLoad(broker, loop, settings.ProtocolLevel, Publishers, FanInRow.WindowMessages, isPaced ? settings.MessagesPerWriteMax : int.MaxValue);
        loop.RunFor(Math.Min(2, settings.WarmUpSeconds));
        long before = load.Acknowledged;
        DiskUse diskBefore = DiskUse.Of(broker.Folder);
        var window = new Window(broker);
        loop.RunFor(settings.WindowSeconds);
        window.End();
        long acknowledged = load.Acknowledged - before;
        DiskUse disk = DiskUse.Of(broker.Folder);
        if (acknowledged == 0)
            throw new IOException($"nothing was acknowledged in the window: {loop.FirstCloseReason}");

        var measurement = new Measurement();
        measurement.Add("acknowledged messages/s", MetricKind.Rate, acknowledged / window.Seconds);
        measurement.Add("broker CPU, us per message", MetricKind.Cost, window.BrokerSeconds * 1e6 / acknowledged);
        measurement.Add("bytes written per message", MetricKind.Circumstance, (disk.Bytes - diskBefore.Bytes) / (double)acknowledged);
        measurement.Add("messages per flush of the disk", MetricKind.Circumstance, acknowledged / (double)Math.Max(1, disk.Flushes - diskBefore.Flushes));
        measurement.Add("RSS at the end of the window, MB", MetricKind.Circumstance, broker.ResidentKb / 1024);
        window.AddCircumstances(measurement);
        return measurement;
    }
}
