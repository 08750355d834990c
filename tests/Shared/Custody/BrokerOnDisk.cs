using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Journal;

namespace DeviceMqtt.TestSupport;

/// <summary>A broker that keeps its state on a disk in memory.</summary>
internal sealed class BrokerOnDisk : TestBroker
{
    private BrokerOnDisk(Ground ground, JournalCustody custody, FakeTime time, RecordingEvents events, MemoryStorage disk, IJournalStorage storage, int? snapshotSteps, IReadOnlyList<GroupPolicy> policies)
        : base(ground, time, events, policies)
    {
        Disk = disk;
        Custody = custody;
        State = snapshotSteps is { } steps
            ? new DurableState(Broker, custody, storage, Lines, time) { Shape = new JournalOptions { SnapshotAfterBytes = 1 }, SnapshotStepsMax = steps }
            : new DurableState(Broker, custody, storage, Lines, time);
    }

    public MemoryStorage Disk { get; }

    public JournalCustody Custody { get; }

    public DurableState State { get; }

    /// <summary>What the custody says in the log.</summary>
    public RecordingLines Lines { get; } = new();

    /// <summary>A broker on what a disk holds.</summary>
    /// <param name="disk">What is kept.</param>
    /// <param name="limits">Other than the defaults.</param>
    /// <param name="before">What happens before the broker looks at the disk.</param>
    /// <param name="access">Who may do what; everybody everything when not given.</param>
    /// <param name="machine">Where; when not given, another machine that was just started, and whose clock is right.</param>
    /// <param name="snapshotSteps">Snapshots as often as can be, each turn at most so many steps; when not given, as the gateway does.</param>
    /// <param name="storage">What stands before the disk; nothing when not given.</param>
    /// <param name="policies">Of groups of clients.</param>
    public static BrokerOnDisk StartOn(
        MemoryStorage disk, Action<GatewayLimits>? limits = null, Action<BrokerOnDisk>? before = null, IAccessRules? access = null, FakeMachine? machine = null,
        int? snapshotSteps = null, IJournalStorage? storage = null, IReadOnlyList<GroupPolicy>? policies = null)
    {
        GatewayLimits chosen = new();
        limits?.Invoke(chosen);
        machine ??= new FakeMachine();
        FakeTime time = machine.Time;
        RecordingEvents events = new();
        Ground ground = new(time, chosen) { Events = events };
        JournalCustody custody = new(ground, machine);
        ground.Custody = custody;
        ground.Access = access ?? ground.Access;
        BrokerOnDisk broker = new(ground, custody, time, events, disk, storage ?? disk, snapshotSteps, policies ?? []);
        before?.Invoke(broker);
        broker.State.Open();
        return broker;
    }

    /// <summary>
    /// The broker is gone in the middle of whatever it does. Returns what its disk holds: everything written when the
    /// process was killed, or, with chance, what a power cut leaves of that.
    /// </summary>
    public async Task<MemoryStorage> CrashAsync(Random? power = null)
    {
        MemoryStorage left = Disk.Crash(power);
        await DisposeAsync();
        return left;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await State.DisposeAsync();
    }

    protected override void Beat()
    {
        State.Tend();
        base.Beat();
        using DeviceMqtt.Broker.Turns.Turn.Scope scope = Broker.Turn.Enter();
        State.SnapshotIfDue();
    }
}
