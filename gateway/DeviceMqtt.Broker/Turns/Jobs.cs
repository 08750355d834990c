namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The jobs that are not done, each of which gets a slice in its turn: those of the gateway every other one, and the others go round by who pays for them (<see cref="IPayer"/>), so that five hundred
/// of one user do not stand in front of the one of another. Who has had more than its share of the time rests until that is paid, for <see cref="OwedMsMax"/> at most, and then has a slice unasked: other connections of a busy
/// user may see to it that there is always something to pay, and who has waited for that long is charged for its slice and not kept from it. While there are any, slices of at most
/// <see cref="Turn.SliceMs"/> go on in turns of their own, and whoever waits for the turn has it before the next slice. Those that write
/// (<see cref="IJob.Writes"/>) go on as the disk does.
/// Owned by the turn.
/// </summary>
internal sealed class Jobs(Turn turn) : IThreadPoolWorkItem
{
    // Chosen: the one who was woken has the turn long before. It only keeps a job from waiting for ever.
    private const int YieldsMax = 1_000;

    private const int OwedMsMax = 1_000; // chosen: what is retained for a busy house comes within some seconds
    private readonly Queue<IJob> _waiting = new(); // the gateway's
    private readonly PayerLines<IJob> _paid = new(static job => job.Payer); // those that somebody pays for
    private readonly List<(IJob Job, bool HasWaited)> _resting = [];
    private readonly HashSet<IJob> _known = [];
    private bool _isScheduled;
    private bool _isWriting;
    private bool _isTurnOfOthers; // the gateway's have had the last slice

    /// <summary>Has <see cref="Execute"/> run soon, on another thread. The thread pool does; a simulation has its own.</summary>
    public Action<Jobs> RunSoon { get; set; } = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false);

    /// <summary>Jobs that wait for a slice; not those that wait for the disk.</summary>
    public int Count => _waiting.Count + _paid.Count;

    /// <summary>Jobs that wait for the disk.</summary>
    public int Resting => _resting.Count;

    /// <summary>The job at hand writes, and the disk is behind.</summary>
    public bool IsHeldUp => _isWriting && turn.Gate.IsBehind;

    /// <summary>Begins with a job at once, and has it go on in later turns if it does not get done in what is left of this slice.</summary>
    public void Start(IJob job)
    {
        if (_known.Contains(job))
            return;
        if (turn.IsSliceOver || !IsDone(job))
            Continue(job);
    }

    /// <summary>Has a job go on in a later turn. One that is waiting already is there once.</summary>
    public void Continue(IJob job)
    {
        if (!_known.Add(job))
            return;
        if (HasToRest(job))
        {
            Rest(job, hasWaited: false);
            return;
        }

        Add(job, hasWaited: false);
        Schedule();
    }

    /// <summary>
    /// Some of what was on its way to the disk is there, or a second has passed: those that rest go on, unless the disk is behind still. One that becomes full is not,
    /// and does not get further either.
    /// </summary>
    public void LookAtDisk()
    {
        if (_resting.Count == 0)
            return;
        if (turn.Gate.IsBehind)
        {
            turn.Gate.Hurry();
            return;
        }

        foreach ((IJob job, bool hasWaited) in _resting)
            Add(job, hasWaited);
        _resting.Clear();
        Schedule();
    }

    /// <summary>One slice, in a turn of its own. Not to be called by others.</summary>
    public void Execute()
    {
        for (int i = 0; i < YieldsMax && turn.IsAwaited; i++)
            _ = Thread.Yield();
        using Turn.Scope scope = turn.Enter();
        _isScheduled = false;
        // Those of the gateway first, unless they have had all of the slice before.
        bool isTurnOfOthers = _isTurnOfOthers;
        _isTurnOfOthers = false;
        if (isTurnOfOthers)
            _ = RunPaid() && RunOwn();
        else if (RunOwn())
            _ = RunPaid();
        else
            _isTurnOfOthers = true;
        if (_waiting.Count > 0 || _paid.HasNext)
            Schedule();
    }

    // One after the other, so that a short one does not wait for the end of a long one.
    private bool RunOwn()
    {
        for (int count = _waiting.Count; count > 0 && _waiting.TryDequeue(out IJob? job); count--)
        {
            _ = _known.Remove(job);
            if (!IsDone(job))
                Continue(job);
            if (turn.IsSliceOverNow)
                return false;
        }

        return true;
    }

    private bool RunPaid()
    {
        for (int count = _paid.Count; count > 0 && _paid.HasNext; count--)
        {
            IPayer payer = _paid.NextPayer!;
            long beganUs = turn.MonotonicUs();
            bool hasWaited = _paid.NextHasWaited;
            if (!hasWaited && payer.Pay(beganUs, spentUs: 0) is > 0 and int owedMs)
            {
                WaitUntilPaid(_paid.SetAside(), owedMs);
                continue;
            }

            if (!_paid.TryTake(out IJob? job))
                break; // there is one
            if (HasToRest(job))
            {
                Rest(job, hasWaited);
                continue;
            }

            _ = _known.Remove(job);
            if (!IsDone(job))
                Continue(job);
            long nowUs = turn.MonotonicUs();
            _ = payer.Pay(nowUs, nowUs - beganUs);
            if (turn.IsSliceOverNow)
                return false;
        }

        return true;
    }

    private void WaitUntilPaid(Action putBack, int owedMs) => Once.After(turn.Time, Math.Min(owedMs, OwedMsMax), () =>
    {
        using Turn.Scope scope = turn.Enter();
        putBack();
        Schedule();
    });

    private void Add(IJob job, bool hasWaited)
    {
        if (job.Payer is null)
            _waiting.Enqueue(job);
        else
            _paid.Add(job, hasWaited);
    }

    // One job may begin another.
    private bool IsDone(IJob job)
    {
        if (HasToRest(job))
            return false;
        bool wasWriting = _isWriting;
        _isWriting = job.Writes;
        try
        {
            return job.Run(turn);
        }
        finally
        {
            _isWriting = wasWriting;
        }
    }

    private bool HasToRest(IJob job) => job.Writes && turn.Gate.IsBehind;

    private void Rest(IJob job, bool hasWaited)
    {
        if (_resting.Count == 0)
            turn.Gate.Hurry();
        _resting.Add((job, hasWaited));
    }

    private void Schedule()
    {
        if (_isScheduled)
            return;
        _isScheduled = true;
        RunSoon(this);
    }
}
