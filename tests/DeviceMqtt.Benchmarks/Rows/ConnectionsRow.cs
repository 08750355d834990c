using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Clients that are connected and silent: what each costs in memory, how fast they come, what they cost while nothing happens.</summary>
internal sealed class ConnectionsRow : BenchmarkRow
{
    // Few enough for the listen backlog of every peer (mosquitto: 100).
    private const int UnansweredMax = 64;
    private const double ConnectSecondsMax = 120;
    private const double SettleSeconds = 1;

    public override string Name => "connections";

    public override string Title => "Idle connections";

    public override bool HasCeiling => false;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
        double settleSeconds = Math.Min(SettleSeconds, settings.WindowSeconds);
        loop.RunFor(settleSeconds);
        double residentBeforeKb = broker.ReadSettledKb();

        int begun = 0;
        int accepted = 0;
        long started = Stopwatch.GetTimestamp();
        loop.RunUntil(
            () =>
            {
                for (; begun < settings.IdleConnections && begun - accepted < UnansweredMax; begun++)
                    _ = IdleConnection.Begin(loop, broker.Port, settings.ProtocolLevel, $"idle{begun:00000}", () => accepted++);
                return accepted == settings.IdleConnections || loop.ClosedCount > 0;
            },
            ConnectSecondsMax);
        double connectSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (accepted < settings.IdleConnections)
            throw new IOException($"{accepted} of {settings.IdleConnections} connections were accepted: {loop.FirstCloseReason ?? "no answer"}");

        loop.RunFor(settleSeconds);
        double residentKb = broker.ResidentKb;
        var idle = new Window(broker);
        loop.RunFor(settings.WindowSeconds);
        idle.End();

        var measurement = new Measurement();
        measurement.Add("memory per connection, KB", MetricKind.Cost, (residentKb - residentBeforeKb) / accepted);
        measurement.Add("connects/s", MetricKind.Rate, accepted / connectSeconds);
        measurement.Add("idle CPU, % of a core", MetricKind.Cost, idle.BrokerPercent);
        measurement.Add("connections", MetricKind.Circumstance, accepted);
        return measurement;
    }
}
