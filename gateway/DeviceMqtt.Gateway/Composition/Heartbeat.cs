using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>Once a second: connections that were silent for too long, Sessions and Wills whose time has come, users that have changed, a snapshot when the journal wants one.</summary>
internal sealed class Heartbeat(
    MqttBroker broker, (UserDirectory Directory, AuditTrail? Audit) security, ConnectionEvents events, DurableState? state, TimeProvider time, Observation? observation = null) : BackgroundService
{
    /// <summary>How late a timer may fire; keep alive is in whole seconds, so one is fine enough.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Called in each beat's turn: who cannot get into a turn any more is not alive.</summary>
    public Action? Alive { get; set; }

    /// <summary>Called once, with the first beat and outside its turn: the start is over.</summary>
    public Action? Settled { get; set; }

    /// <summary>What the gateway tells of itself; null for nothing.</summary>
    public GatewayReport? Report { get; init; }

    /// <summary>What a day brings to the disk; null where nobody asks.</summary>
    public DiskRate? Disk { get; init; }

    public void Beat()
    {
        Settled?.Invoke();
        Settled = null;
        state?.Tend();
        broker.Beat();
        if (security.Directory.HasChanged())
            broker.ReviewAccess();
        security.Audit?.Write();
        using Turn.Scope scope = broker.State.Turn.Enter();
        events.ReportWithheldLines();
        observation?.Beat();
        Disk?.Beat();
        Report?.PublishIfDue();
        state?.SnapshotIfDue();
        Alive?.Invoke();
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
