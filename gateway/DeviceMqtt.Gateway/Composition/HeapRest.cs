using System.Runtime;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// Gives back what a burst has left in the heap. A backlog that has been delivered is garbage of the oldest generation, and the runtime collects that only when it wants its room for something else: a gateway that has come
/// to rest wants nothing, and keeps it. So once nothing goes on there is a collection of everything, beside the turns.
/// <para>
/// What it frees does not go back to the kernel at once. The runtime keeps as much as it thinks that the oldest generation will grow by, thinks less of that with each such collection, and gives back what is beyond in the next
/// collection of the young, while everything stands still. Measured: 0.1 ms a megabyte, up to two hundred megabytes at a time. So there are some rounds of both, a second apart.
/// </para>
/// <para>
/// Nor does a collection beside the turns move anything: a few objects that live on among millions that do not keep all that is around them. Where little lives, it is moved together, once, while everything stands still
/// for as long as that takes.
/// </para>
/// <list type="bullet">
/// <item>Nothing is done while there is load: garbage that is about to be made is collected later, with the rest.</item>
/// <item>It needs a reason to begin, and takes it away: so much more garbage than at the last collection (<see cref="GarbageBytesMin"/>), or so much more memory that the runtime does not use than after the last round
/// (<see cref="SpareBytesMin"/>). It ends after <see cref="RoundsMax"/> rounds, whatever has come of them.</item>
/// </list>
/// By who beats.
/// </summary>
/// <param name="lives">Bytes that what is kept for clients takes, by its accounts.</param>
/// <param name="memory">The runtime's.</param>
internal sealed class HeapRest(Func<long> lives, IRuntimeMemory memory)
{
    /// <summary>Bytes of garbage below which nothing is done. Chosen: an idle gateway has some fifty megabytes, and twice what the youngest generation has is not made by little.</summary>
    public const long GarbageBytesMin = 32 * 1024 * 1024;

    /// <summary>Bytes that the runtime has and does not use, below which nothing is done. Chosen: the room for the youngest generation, and what a collection leaves free in the others.</summary>
    public const long SpareBytesMin = 64 * 1024 * 1024;

    /// <summary>Bytes of holes from which on what lives is moved together.</summary>
    public const long HoleBytesMin = 32 * 1024 * 1024;

    /// <summary>Bytes of what lives beyond which it stays where it is. Chosen: to move it takes some 0.3 ms a megabyte, and nobody is to wait for 20 ms.</summary>
    public const long MovedBytesMax = 24 * 1024 * 1024;

    /// <summary>Rounds at most. Measured: three to four for 600 MB of garbage.</summary>
    public const int RoundsMax = 6;

    /// <summary>Bytes made from one beat to the next above which something goes on. Chosen: a thousand messages with acknowledgements make a megabyte.</summary>
    public const long RestBytesMax = 2 * 1024 * 1024;

    /// <summary>So many beats without load are rest. Chosen: whoever reads in bursts is not done in a second.</summary>
    public const int RestBeats = 5;

    /// <summary>Beats from the last round to the next first one at least. Chosen: bursts that come every few seconds are a load, and what was given back would be wanted again.</summary>
    public const int AgainBeats = 60;

    /// <summary>Bytes of garbage from which on there is a collection of everything at the start, when nobody is there who would wait for it. Chosen: what is kept is counted too high, and this is beside that.</summary>
    public const long StartBytesMin = 64 * 1024 * 1024;

    private readonly CollectorThread _thread = new(memory);
    private long _made;
    private int _beats;
    private Step _next;
    private int _rounds;
    private bool _hasMoved;
    private bool _isOfStart;
    private int _sinceLast = AgainBeats;

    // The last collection of everything that was asked for, and how it was then. The runtime's own does not count: one that goes on while a backlog is delivered takes for living what lived when it began.
    private long _index;
    private long _used;
    private long _lives;

    // What the runtime had when the last round was over; nothing is wrong with that.
    private long _committed;

    /// <summary>What comes next where it has begun to give back.</summary>
    private enum Step
    {
        None,
        Collecting,
        GivingBack,
    }

    /// <summary>Made when the gateway starts. From then on the runtime collects the oldest generation beside the turns only, for as long as the machine has memory: otherwise it does so with everything standing still where it sees many holes.</summary>
    public static HeapRest Of(MqttBroker broker)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        BrokerState state = broker.State;
        Account account = state.Owners[Good.Memory];
        return new HeapRest(() => Read(state.Turn, account), new Runtime());
    }

    private static long Read(Turn turn, Account account)
    {
        using Turn.Scope scope = turn.Enter();
        return account.Used;
    }

    /// <summary>When all that the disk has is read, and nobody is let in yet.</summary>
    public void Started()
    {
        HeapSize size = memory.Size;
        if (size.UsedBytes - lives() >= StartBytesMin)
            memory.CollectAll();
        else if (size.UsedBytes >= StartBytesMin)
            Begin(isOfStart: true); // or nobody knows what of it is garbage already
        Remember();
    }

    /// <summary>Once a second, outside a turn.</summary>
    public void Look()
    {
        _thread.Look();
        long made = memory.BytesMade;
        _beats = made - _made <= RestBytesMax ? Math.Min(_beats + 1, RestBeats) : 0;
        _made = made;
        _sinceLast = Math.Min(_sinceLast + 1, AgainBeats);
        HeapSize size = memory.Size;
        if (_next == Step.Collecting && size.FullIndex != _index)
            (_next, _used) = (Step.GivingBack, size.UsedBytes);

        if (_beats < RestBeats)
            return;
        if (_next == Step.None && _sinceLast == AgainBeats && (IsGarbage(size) || IsSpare(size)))
            Begin(isOfStart: false);
        else if (_next == Step.GivingBack)
            GiveBack(size);
    }

    // What the heap has grown by since it was collected, and is not there for what has come since; and what has gone since.
    private bool IsGarbage(in HeapSize size) => size.UsedBytes - _used - (lives() - _lives) >= GarbageBytesMin;

    private bool IsSpare(in HeapSize size) => size.SpareBytes >= SpareBytesMin && size.CommittedBytes - _committed >= SpareBytesMin;

    private void Begin(bool isOfStart)
    {
        (_rounds, _hasMoved, _isOfStart) = (1, false, isOfStart);
        Collect();
    }

    private void Collect()
    {
        // What goes from here on counts as if it lived: it is garbage for the next time.
        _next = Step.Collecting;
        (_index, _lives) = (memory.Size.FullIndex, lives());
        memory.CollectBeside();
    }

    private void GiveBack(HeapSize size)
    {
        if (!_hasMoved && size.HoleBytes >= HoleBytesMin && size.UsedBytes <= MovedBytesMax)
        {
            _hasMoved = true;
            memory.Move();
            Remember();
            return; // the next beat goes on: one thing at a time
        }

        memory.CollectYoung();
        size = memory.Size;
        _next = Step.None;
        _sinceLast = _isOfStart ? AgainBeats : 0; // what a start has read is no burst, and the first one may follow it at once
        _committed = size.CommittedBytes;
        if (size.SpareBytes < SpareBytesMin || _rounds >= RoundsMax)
            return;
        _rounds++;
        Collect();
    }

    private void Remember() => (_used, _lives) = (memory.Size.UsedBytes, lives());

    private sealed class Runtime : IRuntimeMemory
    {
        public long BytesMade => GC.GetTotalAllocatedBytes(precise: false);

        public HeapSize Size
        {
            get
            {
                GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
                long full = Math.Max(GC.GetGCMemoryInfo(GCKind.FullBlocking).Index, BesideIndex);
                return new HeapSize(full, last.HeapSizeBytes - last.FragmentedBytes, last.FragmentedBytes, last.TotalCommittedBytes);
            }
        }

        public long BesideIndex => GC.GetGCMemoryInfo(GCKind.Background).Index;

        // Where it does not collect beside anything, the mode that was set is another one.
        public bool IsThreadLetGo { get; } = Environment.Version.Major < 11 && GCSettings.LatencyMode == GCLatencyMode.SustainedLowLatency;

        public void CollectBeside() => GC.Collect(2, GCCollectionMode.Forced, blocking: false);

        public void CollectYoung() => GC.Collect(0, GCCollectionMode.Forced, blocking: true);

        public void Move() => GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);

        public void CollectAll() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
