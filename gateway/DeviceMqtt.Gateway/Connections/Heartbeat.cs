using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>Once a second: connections that were silent for too long, Sessions and Wills whose time has come, a snapshot when the journal wants one.</summary>
internal sealed class Heartbeat(Broker broker, ConnectionTable table, DurableState? state, TimeProvider time) : BackgroundService
{
    /// <summary>How late a timer may fire; keep alive is in whole seconds, so one is fine enough.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SnapshotWriter _snapshot = new(broker);

    public void Beat()
    {
        state?.Tend();
        using Turn.Scope scope = broker.Turn.Enter();
        table.CloseOverdue(broker.Turn.NowMs);
        table.ReportWithheldLines(broker.Turn.NowMs);
        broker.Sessions.Expire(broker.Turn.NowMs);
        broker.Custody.SnapshotIfDue(_snapshot);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Beat();
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
