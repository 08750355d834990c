using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>A million messages waited; their reader comes back.</summary>
internal sealed class DrainRow : BenchmarkRow
{
    private const int Messages = 1_000_000;
    private const int SmokeMessages = 1_000;
    private const int Publishers = 100;
    private const double SecondsMax = 120;

    public override string Name => "drain1";

    public override string Title => $"A backlog of {Messages:N0} messages, QoS 1, to its reader";

    public override bool CanRun(Peer peer) => peer is GatewayPeer or MosquittoPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        long wanted = settings.IsSmoke ? SmokeMessages : Messages;
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false, KeepsMuch: true));
        using var loop = new LoadLoop();
        var load = new KeptLoad(broker, loop, settings.ProtocolLevel, Publishers, FanInRow.WindowMessages);
        _ = loop.RunUntil(() => load.Published >= wanted, SecondsMax);
        load.Stop();
        _ = loop.RunUntil(() => load.Acknowledged == load.Published, SecondsMax);
        double waitingMb = broker.ResidentKb / 1024;

        long started = Stopwatch.GetTimestamp();
        var window = new Window(broker);
        Subscriber reader = Subscriber.Resume(loop, broker.Port, settings.ProtocolLevel, KeptLoad.Reader);
        bool isAll = loop.RunUntil(() => reader.Delivered >= load.Published, SecondsMax);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        window.End();
        if (!isAll)
            throw new IOException($"{reader.Delivered} of {load.Published} messages came within {SecondsMax} s: {loop.FirstCloseReason}");

        var measurement = new Measurement();
        measurement.Add("delivered messages/s", MetricKind.Rate, reader.Delivered / seconds);
        measurement.Add("broker CPU, us per message", MetricKind.Cost, window.BrokerSeconds * 1e6 / reader.Delivered);
        measurement.Add("messages", MetricKind.Circumstance, reader.Delivered);
        measurement.Add("RSS with all of them waiting, MB", MetricKind.Circumstance, waitingMb);
        measurement.Add("RSS at the end, MB", MetricKind.Circumstance, broker.ResidentKb / 1024);
        window.AddCircumstances(measurement);
        return measurement;
    }
}
