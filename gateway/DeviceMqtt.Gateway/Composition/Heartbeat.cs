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

    /// <summary>
    /// Called outside a turn when what was loaded has come to rest: <see cref="RestMs"/> after the first beat, for then the start is over, and after that which comes <see cref="RestSeconds"/> after the
    /// last page of the console was opened.
    /// </summary>
    public Action? Settled { get; set; }

    /// <summary>From a page to that. Chosen: the page has asked for all that it shows, and the next one is not long in coming.</summary>
    public const int RestSeconds = 5;

    /// <summary>What was loaded has come to rest with the last beat: <see cref="Settled"/> is called <see cref="RestMs"/> behind it. By who beats.</summary>
    public bool HasComeToRest { get; private set; }

    /// <summary>From a beat to that. Chosen: what ran often until then is compiled anew beside it, in less than a fifth of a second.</summary>
    public const int RestMs = 500;

    /// <summary>How many pages of the console were opened so far; null where there are none. Safe from any thread.</summary>
    public Func<int>? PagesOpened { get; set; }

    /// <summary>Gives back what a burst has left in the heap; null where nobody does.</summary>
    public HeapRest? Heap { get; set; }

    // Chosen: a house gets another prefix now and then, and its machines use the old one for longer than that.
    private const int LookEveryBeats = 60;
    private int _beats;
    private int _opened;
    private int _untilRest = 1;

    /// <summary>What the gateway tells of itself; null for nothing.</summary>
    public GatewayReport? Report { get; init; }

    /// <summary>What a day brings to the disk; null where nobody asks.</summary>
    public DiskRate? Disk { get; init; }

    public void Beat()
    {
        BeatWork beats = broker.State.Beats;
        if (_beats++ % LookEveryBeats == 0)
            beats.Do("the look at the machine's networks", OwnNetworks.Look);
        state?.Tend();
        broker.Beat();
        beats.Do("the look at users and rights", ReviewAccess);
        beats.Do("the audit trail", () => security.Audit?.BeginWrite());
        BeatInTurn(beats);
        beats.Do("giving memory back", () => Heap?.Look());
        LookForRest();
    }

    private void ReviewAccess()
    {
        if (security.Directory.HasChanged())
            broker.ReviewAccess();
    }

    private void BeatInTurn(BeatWork beats)
    {
        using Turn.Scope scope = broker.State.Turn.Enter();
        beats.Do("the lines of the log that were withheld", events.ReportWithheldLines);
        beats.Do("what the console is shown", () => observation?.Beat());
        beats.Do("the rate of the disk", () => Disk?.Beat());
        beats.Do("what the gateway tells of itself", () => Report?.PublishIfDue());
        state?.SnapshotIfDue();
        Alive?.Invoke();
    }

    private void LookForRest()
    {
        if (PagesOpened?.Invoke() is { } opened && opened != _opened)
            (_opened, _untilRest) = (opened, RestSeconds);
        HasComeToRest = _untilRest > 0 && --_untilRest == 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Beat();
                if (!HasComeToRest)
                    continue;
                // Behind what the beat has done for the first time.
                await Task.Delay(TimeSpan.FromMilliseconds(RestMs), time, stoppingToken);
                Settled?.Invoke();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
