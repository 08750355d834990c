namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The right to touch the broker's state. Whoever holds the turn owns sessions, subscriptions, retained messages, queues
/// and the output of every connection; nobody else touches them.
/// <para>
/// A turn handles everything that one read brought, then flushes each connection that was written to, once, and ends.
/// That batching is where the speed comes from (gateway/docs/performance.md), and one owner is why nothing else needs a
/// lock. Flushing under the turn is deliberate: a pipe's writer has one owner too, and the transport sends without waiting.
/// </para>
/// <list type="bullet">
/// <item>Nothing is awaited inside a turn, and no work in it is longer than a slice, or writes more (<see cref="WrittenBytesMax"/>): what may be is an <see cref="IJob"/>, and a
/// message for many becomes one.</item>
/// <item>A turn is never entered twice by one thread: the transport may run a continuation inside a flush, and that
/// continuation looks at <see cref="IsMine"/> and goes to the thread pool first.</item>
/// <item>A thread that has several turns to take one after the other may gather them: what they have written leaves behind the last of them.</item>
/// </list>
/// </summary>
internal sealed class Turn
{
    /// <summary>Milliseconds that work which can go on later may take in one turn. Chosen: a PINGRESP that has to wait for it is not noticed.</summary>
    public const int SliceMs = 2;

    /// <summary>Bytes that one turn writes for clients before it leaves the rest to the next. Chosen: the kernel takes so much in half a millisecond.</summary>
    public const int WrittenBytesMax = 1024 * 1024;

    // A look at the clock costs as much as a small step of a job.
    private const int StepsPerLook = 32;

    // So many are done however late it is, some hundred microseconds: what is retained for a small filter comes right behind the SUBACK,
    // as clients of other brokers are used to.
    private const int StepsAtLeast = 256;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Lock _next = new(); // has who waits for the turn longest; taken before _lock, never inside
    private readonly List<IFlushed> _touched = [];
    private readonly Queue<Action> _followUps = new();
    private readonly Sends _sends;

    // Chosen: as long as the turn of one read that was full.
    private const int GatherUs = 500;

    // Chosen: sending to so many takes a hundred microseconds and more, beside which another look at the sockets is nothing.
    private const int ManyPeers = 32;

    // Chosen: a delivery with its record on the disk, and what a small board copies and sends.
    private const int UsEach = 5;
    private const int BytesAUs = 200;

    private long _sliceEnds;
    private long _gatherEnds;
    private long _awaitedSince; // by the thread that gathers: since when it has seen others wait; 0 when none do
    private bool _isGathering;
    private bool _isInside;
    private bool _hasUnflushed;
    private int _steps;
    private long _written;
    private long _deliveries;
    private int _awaitedBy;

    public Turn(TimeProvider time)
    {
        _time = time;
        Jobs = new Jobs(this);
        Gate = new DurableGate(Jobs);
        _sends = new Sends(time, () =>
        {
            using Scope scope = Enter();
        });
    }

    /// <summary>What tells the time to whoever waits outside a turn.</summary>
    public TimeProvider Time => _time;

    /// <summary>What goes on over many turns.</summary>
    public Jobs Jobs { get; }

    /// <summary>Others wait for the turn. From any thread.</summary>
    public bool IsAwaited => Volatile.Read(ref _awaitedBy) > 0;

    /// <summary>Work that can go on later has had its time in this turn, or writes more than the disk takes. Asked once for each small step.</summary>
    public bool IsSliceOver
    {
        get
        {
            if (_steps++ >= StepsAtLeast && _steps % StepsPerLook == 0 && _sliceEnds != 0 && _time.GetTimestamp() >= _sliceEnds)
                _sliceEnds = 0;
            return _sliceEnds == 0 || HasWrittenMuch || Jobs.IsHeldUp;
        }
    }

    /// <summary>The turn has written as much for clients as it may: what can go later does. The kernel takes it at the end of the turn, and nobody else has one meanwhile.</summary>
    public bool HasWrittenMuch => _written >= WrittenBytesMax;

    /// <summary>So much more is not more than the turn may write: nobody has to look for each client.</summary>
    public bool MayWrite(long bytes) => _written + bytes < WrittenBytesMax;

    /// <summary>So many bytes were written for a client.</summary>
    public void Wrote(int bytes) => _written += bytes;

    /// <summary>So many were handed a message.</summary>
    public void Did(int deliveries) => _deliveries += deliveries;

    /// <summary>Microseconds that what this turn has done takes in any case: where the clock says more than this by far, the process may have stood still.</summary>
    public long WorkUs => (_deliveries * UsEach) + (_written / BytesAUs);

    /// <summary>As <see cref="IsSliceOver"/> says it to a job that writes, for whoever writes much outside one.</summary>
    public bool IsSliceOverForWriter => IsSliceOver || Gate.IsBehind;

    /// <summary>The turn has lasted for a slice. It is a look at the clock: not for each small step.</summary>
    public bool IsLong => _time.GetTimestamp() - BeganAt >= SliceMs * _time.TimestampFrequency / 1000;

    /// <summary>As <see cref="IsSliceOver"/>, for steps that may do much without a small one: a look at the clock each time.</summary>
    public bool IsSliceOverNow => IsSliceOver || IsLong;

    /// <summary>What waits for the disk before it leaves.</summary>
    public DurableGate Gate { get; }

    /// <summary>Who waits for room in the journal.</summary>
    public RoomLine Room { get; } = new();

    /// <summary>Runs before the flushes at the end of each turn: has the journal commit while the network is busy.</summary>
    public Action? AtEnd { get; set; }

    /// <summary>Runs behind the flushes, in the turn still: nobody waits for what was written any more.</summary>
    public Action? AtLast { get; set; }

    /// <summary>Monotonic milliseconds at the start of the turn.</summary>
    public long NowMs { get; private set; }

    /// <summary>Timestamp of the start of the turn.</summary>
    public long BeganAt { get; private set; }

    /// <summary>Counts the turns, gathered ones too.</summary>
    public long Number { get; private set; }

    /// <summary>Whether this thread is inside a turn already and must not start another.</summary>
    public bool IsMine => _lock.IsHeldByCurrentThread && _isInside;

    /// <summary>Nothing leaves at the end of the turns that this thread takes from now on, until <see cref="EndGathering"/>. Between them nobody else has one.</summary>
    public void BeginGathering()
    {
        LetOthersIn();
        Take();
        _isGathering = true;
        _gatherEnds = _time.GetTimestamp() + (GatherUs * _time.TimestampFrequency / 1_000_000);
    }

    /// <summary>What was gathered should leave: others wait for the turn, or it has been long enough. Only by the thread that gathers, outside a turn.</summary>
    public bool HasGatheredEnough => _gatherEnds == 0 || IsAwaited || _time.GetTimestamp() >= _gatherEnds;

    /// <summary>
    /// What was gathered is for so many peers that it is worth another look for more of it: a send costs the same for one message or ten. Only by the thread that gathers, outside a turn.
    /// </summary>
    public bool IsForMany => _touched.Count >= ManyPeers;

    /// <summary>Something was written that leaves when there is time for it (<see cref="Sends"/>). From any thread.</summary>
    public bool HasLateSends => _sends.HasLate;

    /// <summary>Nobody wants the time at the moment: the end of the gathering has some of what waits for it leave. Only by the thread that gathers, outside a turn.</summary>
    public void HasTimeForLateSends() => _sends.IsIdle = true;

    /// <summary>So much waits for one peer that it should leave: the next turn may have something for it that finds no room.</summary>
    public void GatherNoMore() => _gatherEnds = 0;

    /// <summary>What the turns since <see cref="BeginGathering"/> have written leaves now.</summary>
    public void EndGathering()
    {
        _isGathering = false;
        _isInside = true;
        Leave();
    }

    public Scope Enter()
    {
        if (!_isGathering || !_lock.IsHeldByCurrentThread)
            Take();
        _isInside = true;
        Number++;
        long now = _time.GetTimestamp();
        BeganAt = now;
        NowMs = ToMs(now);
        _sliceEnds = now + (SliceMs * _time.TimestampFrequency / 1000);
        _steps = 0;
        _written = 0;
        _deliveries = 0;
        return new Scope(this);
    }

    /// <summary>Milliseconds since an arbitrary start; never jumps, whatever happens to the clock of the machine.</summary>
    public long MonotonicMs() => ToMs(_time.GetTimestamp());

    /// <summary>Has the output flushed at the end of the turn.</summary>
    public void Touch(IFlushed output)
    {
        _hasUnflushed = true;
        _touched.Add(output);
    }

    /// <summary>Something was written since <see cref="FlushEarly"/>: it may help again.</summary>
    /// <param name="output">To this one.</param>
    /// <param name="isFirst">It had nothing to flush before.</param>
    public void NoteUnflushed(IFlushed output, bool isFirst)
    {
        _hasUnflushed = true;
        if (isFirst && output.IsLate)
            _sends.Wrote(output);
    }

    /// <summary>Everything written until now leaves, for want of memory: it cannot wait for the end of the turn. Once, however many ask, until something more is written.</summary>
    public void FlushEarly()
    {
        if (!_hasUnflushed)
            return;
        _hasUnflushed = false;
        for (int i = 0; i < _touched.Count; i++)
            _touched[i].FlushEarly();
        _sends.FlushEarly();
    }

    /// <summary>Microseconds of the clock that <see cref="NowMs"/> is of.</summary>
    public long MonotonicUs() => ToUs(_time.GetTimestamp());

    /// <summary>Runs when the packet at hand is done with: messages that the gateway itself makes must not start inside the routing of another.</summary>
    public void FollowUp(Action action) => _followUps.Enqueue(action);

    /// <summary>Runs what <see cref="FollowUp"/> left.</summary>
    public void RunFollowUps()
    {
        while (_followUps.TryDequeue(out Action? action))
            action();
    }

    private void Take()
    {
        if (_lock.TryEnter())
            return;
        _ = Interlocked.Increment(ref _awaitedBy);
        lock (_next)
            _lock.Enter();
        _ = Interlocked.Decrement(ref _awaitedBy);
    }

    // A lock that was left and is taken again at once is taken by nobody else: who waits for it has to wake up first. The lock itself lets them wait for a tenth of a second.
    private void LetOthersIn()
    {
        if (!IsAwaited)
        {
            _awaitedSince = 0;
            return;
        }

        long now = _time.GetTimestamp();
        if (_awaitedSince == 0)
            _awaitedSince = now;
        else if (now - _awaitedSince >= SliceMs * _time.TimestampFrequency / 1000)
        {
            lock (_next)
                _awaitedSince = 0; // the first of them has the turn now
        }
    }

    private long ToUs(long timestamp) => (long)(timestamp * (1_000_000.0 / _time.TimestampFrequency));

    private long ToMs(long timestamp) => (long)(timestamp * (1000.0 / _time.TimestampFrequency));

    private void Leave()
    {
        if (_isGathering)
        {
            LeaveToNext();
            return;
        }

        try
        {
            if (Room.Count > 0)
                Room.Look();
            RunFollowUps();
            AtEnd?.Invoke();
        }
        finally
        {
            // Whatever has failed: what was written for others leaves. A flush does not throw, and may touch further outputs.
            _sends.Leave(_touched, ToUs(BeganAt));
            try
            {
                if (Gate.HasNewcomers)
                    AtEnd?.Invoke(); // an output that has room again has taken more from its backlog, which is to get to the disk, too
                AtLast?.Invoke();
            }
            finally
            {
                _isInside = false;
                _lock.Exit();
            }
        }
    }

    private void LeaveToNext()
    {
        try
        {
            RunFollowUps();
        }
        finally
        {
            _isInside = false;
        }
    }

    public readonly ref struct Scope(Turn turn)
    {
        public void Dispose() => turn.Leave();
    }
}
