using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Faults;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Simulation.World;

/// <summary>The machine with the gateway: it is started, killed, loses its power and comes back on what its disk holds.</summary>
internal sealed partial class SimGateway(SimWorld world, PlantedFault? planted, RelaySetup? setup = null) : ISimHost
{
    // Each snapshot goes over many turns.
    private const int SnapshotStepsMax = 5;
    private const long JobPauseMs = 20;
    private const int RecipientsATurn = 1; // a message for more than four goes on in others, with a pause between, in which all may fail that can
    private const long RoomyBytes = 200L * 1024 * 1024;
    private const string LoneName = "gateway";
    private readonly Dictionary<string, WireFault?> _wireFaults = [];
    private readonly FullTimes _full = new(world);
    private readonly List<SimLink> _links = [];
    private MqttBroker? _broker;
    private DurableState? _state;
    private MemoryStorage _memory = new() { Capacity = RoomyBytes };
    private long _sentAsNewBefore;
    private int _run;
    private int _restores;
    private MemoryStorage? _cutMemory;

    /// <summary>Snapshots all the time, unless there is much.</summary>
    public long SnapshotAfterBytes { get; init; } = 2048;

    /// <summary>Milliseconds between the looks at what is due; longer where months go by.</summary>
    public long BeatMs { get; init; } = 1000;

    /// <summary>Bounds that are reached; null for roomy ones.</summary>
    public SmallBounds? Bounds { get; init; }

    /// <summary>What it has in custody, and what it said that became of it.</summary>
    public CustodyBook Book { get; } = new(world, setup?.Name ?? LoneName);

    /// <summary>Who is let in, and as what; null for everybody.</summary>
    public SimUsers? Users { get; init; }

    /// <summary>The same where it has upstreams.</summary>
    public SimAccess Access { get; } = new();

    /// <summary>Null while the gateway is down, or has no upstream.</summary>
    public GatewayRelay? Relay { get; private set; }

    /// <summary>QoS 2 messages that its relays sent again as new ones, over all its runs.</summary>
    public long SentAsNew => _sentAsNewBefore + (Relay?.SentAsNew ?? 0);

    public bool IsReachable => true;

    /// <summary>The names of its upstreams.</summary>
    public IEnumerable<string> Upstreams => setup?.Upstreams.Select(static o => o.Name) ?? [];

    /// <summary>Its Client Identifier with its upstreams.</summary>
    public string ClientId => setup!.Upstreams[0].ClientId;

    /// <summary>How often it has sent the message up that it has sent most often.</summary>
    public int CopiesMax => setup?.Network.CopiesMaxOf(Name) ?? 0;

    /// <summary>Bytes on the way to the disk: few, so that it is behind at times, and who has something written waits.</summary>
    public long PendingBytesMax { get; init; } = 4 * 1024;

    public string Name => setup?.Name ?? LoneName;

    public Downtimes Downtimes { get; } = new();

    public bool IsUp => _broker is not null;

    /// <summary>How often it went.</summary>
    public int Ends { get; private set; }

    /// <summary>When it went last; long ago where it did not.</summary>
    public long LastEndMs { get; private set; } = long.MinValue;

    /// <summary>Whether it went at this moment or later.</summary>
    public bool HasEndedSince(long ms) => LastEndMs >= ms;

    /// <summary>What the disk may hold; the journal finds out at its next segment.</summary>
    public long Capacity
    {
        set
        {
            _memory.Capacity = value;
            if (value < RoomyBytes)
                _full.Begin();
            else
                _full.End();
        }
    }

    /// <summary>Whether the disk was full at some time in between, or the journal had not found out yet that it is no more: what nobody waits for had no place there.</summary>
    public bool WasFull(long fromMs, long toMs) => _full.Was(fromMs, toMs);

    public long BytesUsed => _memory.Capacity - _memory.FreeBytes();

    /// <summary>No more faults, those included that were to come.</summary>
    public void BeCalm()
    {
        Capacity = RoomyBytes;
        if (_cutMemory is null)
            _memory.Fault = null;
    }

    public void Start()
    {
        int run = ++_run;
        GatewayLimits limits = (Bounds ?? SmallBounds.None).Copy();
        limits.JournalPendingBytesMax = PendingBytesMax;
        planted?.Limits?.Invoke(limits);
        TimeProvider time = planted?.Time?.Invoke(world.Time) ?? world.Time;
        Ground ground = new(time, limits);
        JournalCustody custody = new(ground, planted?.Machine?.Invoke() ?? world.Machine);
        ground.Events = new SimEvents(Name, world);
        ground.IsVolatile = planted?.IsVolatile ?? VolatileTopics.IsVolatile;
        ground.Custody = new WatchedCustody(planted?.Custody?.Invoke(custody) ?? custody, Book) { IsGone = () => run != _run };
        if (setup is not null)
            ground.Access = Access;
        Users?.Load();
        if (Users is not null)
            ground.Access = planted?.Access?.Invoke(Users) ?? Users;
        MqttBroker broker = new(ground, new GroupPolicies([]), time);
        SimDisk disk = planted?.Disk?.Invoke(world, _memory) ?? new SimDisk(world, _memory);
        disk.IsFolderGone = () => _isFolderGone && run == _run;
        DurableState state = new(broker.State, custody, disk, NullLogger.Instance, time) { Shape = (Bounds?.Shape ?? new JournalOptions()) with { SnapshotAfterBytes = SnapshotAfterBytes }, SnapshotStepsMax = SnapshotStepsMax };
        (broker.State.FanOuts.PerLook, broker.State.FanOuts.StopsAtEachLook) = (RecipientsATurn, true);
        broker.State.Turn.Jobs.RunSoon = jobs => world.At(JobPauseMs, () => Go(jobs, run));
        _memory.Fault = null;
        GatewayRelay? relay = setup is null ? null : new GatewayRelay(world, setup, broker, planted, FaultOf);
        Open(state);
        planted?.Opened?.Invoke(broker.State);
        (_broker, _state, Relay) = (broker, state, relay);
        _bounds?.Started();
        world.Tell($"{Name} up");
        if (Users is not null)
        {
            using Turn.Scope scope = broker.State.Turn.Enter();
            broker.State.ReviewAccess(isStart: true);
        }

        relay?.Start();
        world.At(BeatMs, () => Beat(run));
        _ = WatchAsync(state, run);
    }

    // Whatever it is that a gateway does not start for, it is no fault of the scenario.
    private void Open(DurableState state)
    {
        try
        {
            state.Open();
        }
        catch (Exception exception) when (exception is not BrokenPromiseException && _cutMemory is null)
        {
            throw new BrokenPromiseException($"{Name} does not start: {exception.Message}");
        }
    }

    public SimLink? Connect(Action<byte[]> received, Action closed)
    {
        if (_broker is not { } broker)
            return null;
        SimLink link = new(world, planted?.Packets?.Invoke(world), received, closed);
        _links.Add(link);
        link.Run(broker, hidesUnread: planted is { HidesUnread: true });
        return link;
    }

    public ISimWire? Dial(Action<byte[]> received, Action closed) => Connect(received, closed);

    /// <summary>The process or the whole machine goes; with power only what is on the disk for certain stays for certain.</summary>
    public void Kill(bool power, long backMs)
    {
        if (IsUp)
            End(power, isClean: false, backMs);
    }

    private void End(bool power, bool isClean, long backMs)
    {
        Ends++;
        LastEndMs = world.NowMs;
        Downtimes.Add(world.NowMs, backMs, power, isClean);
        _full.End();
        MemoryStorage system = _folderLeft ?? _memory; // nothing that was written since is in the folder
        MemoryStorage left = (_folderLeft is null ? _cutMemory : null) ?? (power ? system.Crash(world.Random) : system.Kill());
        (_cutMemory, _folderLeft, _isFolderGone, _isStopping) = (null, null, false, false);
        left.Capacity = RoomyBytes;
        _memory = left;
        _broker = null;
        _state = null;
        _sentAsNewBefore = SentAsNew;
        Relay?.Die();
        Relay = null;
        _run++;
        world.Tell(isClean ? $"{Name} has stopped" : power ? $"power cut of {Name}" : $"kill of {Name}");
        if (power)
            world.Machine.Reboot();
        foreach (SimLink link in _links)
            link.End();
        _links.Clear();
        world.At(backMs, Start);
    }

    /// <summary>The file of the users has changed, and is read.</summary>
    public void ReloadUsers()
    {
        if (_broker is not { } broker)
            return; // it reads them when it starts
        Users!.Load();
        if (planted is not { ForgetsReview: true })
            broker.ReviewAccess();
    }

    /// <summary>An operator has a client forgotten that is away.</summary>
    public bool TryForget(string clientId)
    {
        if (_broker is not { } broker)
            return false;
        using Turn.Scope scope = broker.State.Turn.Enter();
        bool isForgotten = broker.State.Sessions.Find(clientId) is not { IsConnected: true } && !broker.State.Sessions.ForgetAway(clientId).IsNoRoom;
        if (isForgotten)
            world.Tell($"{clientId} is forgotten");
        return isForgotten;
    }

    /// <summary>What a backup holds that is made now.</summary>
    public MemoryStorage TakeImage() => _memory.Crash();

    /// <summary>The gateway ends, and goes on with an earlier state of its disk, as a restore leaves it.</summary>
    /// <param name="image">Stays as it is.</param>
    /// <param name="backMs">When it starts.</param>
    public void Restore(MemoryStorage image, long backMs)
    {
        Kill(power: false, backMs);
        (_memory, _cutMemory) = (image.Crash(), null);
        _memory.Capacity = RoomyBytes;
        _sentAsNewBefore = 0;
        if (planted is not { IgnoresMark: true })
            RestoreMark.Write(_memory, $"restore {++_restores}");
        world.Tell($"{Name} is restored");
    }

    /// <summary>How many messages were dropped for a reason, as its ledger says; null while it is down.</summary>
    public long? Dropped(DropReason reason) => _state is { } state ? Custody.Accounts.Ledger.Classes.Sum(c => state.Ledger[c].DroppedFor(reason)) : null;

    /// <summary>The power goes at a later operation of the disk, in the middle of whatever it belongs to.</summary>
    public void CutPowerAtOperation(int operations, long backMs)
    {
        if (!IsUp || _memory.Fault is not null)
            return;
        MemoryStorage memory = _memory;
        int at = memory.Operations + operations;
        memory.Fault = (number, what) =>
        {
            if (number < at || _cutMemory is not null || memory != _memory)
                return null;
            world.Tell($"power goes at disk operation '{what}'");
            _cutMemory = memory.Crash(world.Random);
            world.At(0, () => Kill(power: true, backMs));
            return new IOException("the power is gone");
        };
    }

    /// <summary>The next sync fails; the process ends, as it must, and the machine with it, or not: then the system shows what the disk does not have.</summary>
    public void FailSync()
    {
        if (!IsUp || _memory.Fault is not null)
            return;
        world.Tell("the next sync fails");
        _memory.Fault = (_, what) => what == "sync" ? new IOException("Input/output error") : null;
    }

    public void CheckState()
    {
        if (_broker is not { } broker || _state is not { } state)
            return;
        Relay?.Check();
        using Turn.Scope scope = broker.State.Turn.Enter();
        Truth.Expect(state.Ledger.IsBalanced, "the ledger does not balance");
        Truth.Expect(broker.State.Counters.Closed(CloseReason.InternalError) == 0, "a connection was closed by a fault of the gateway");
        Truth.Expect(broker.State.Counters.JobFaults == 0, "work over turns failed by a fault of the gateway");
        Truth.Expect(broker.State.QueueBytes >= 0 && broker.State.QueueBytes <= broker.State.Limits.QueueBytesTotalMax, $"{broker.State.QueueBytes} bytes wait for all, and the bound is {broker.State.Limits.QueueBytesTotalMax}");
        CheckCounts(state);
    }

    public void CheckSettled()
    {
        CheckState();
        if (_broker is not { } broker || _state is not { } state)
            return;
        using Turn.Scope scope = broker.State.Turn.Enter();
        long pending = Custody.Accounts.Ledger.Classes.Sum(c => state.Ledger[c].Pending);
        Truth.Expect(pending == 0, $"everybody has everything, and {pending} messages are still in custody");
        Truth.Expect(broker.State.QueueBytes == 0, $"everybody has everything, and {broker.State.QueueBytes} bytes wait");
    }

    // One for all connections to one upstream, whatever its nodes are.
    private WireFault? FaultOf(string host)
    {
        string upstream = host.Split('-')[0];
        if (!_wireFaults.ContainsKey(upstream))
            _wireFaults[upstream] = planted?.Wire?.Invoke(world);
        return _wireFaults[upstream];
    }

    private void Go(Jobs jobs, int run)
    {
        if (run == _run)
            jobs.Execute();
    }

    private void Beat(int run)
    {
        if (run != _run)
            return;
        _state!.Tend();
        _broker!.Beat();
        using (Turn.Scope scope = _broker.State.Turn.Enter())
            _state.SnapshotIfDue();
        world.At(BeatMs, () => Beat(run));
    }

    private async Task WatchAsync(DurableState state, int run)
    {
        _ = await state.Failed;
        if (run == _run && _cutMemory is null)
            Kill(power: world.Chance(50), 500);
    }
}
