namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The jobs that are not done, oldest first, each of which gets a slice in its turn. While there are any, slices of at most
/// <see cref="Turn.SliceMs"/> go on in turns of their own, and whoever waits for the turn has it before the next slice. Those that write
/// (<see cref="IJob.Writes"/>) go on as the disk does.
/// Owned by the turn.
/// </summary>
internal sealed class Jobs(Turn turn) : IThreadPoolWorkItem
{
    // Chosen: the one who was woken has the turn long before. It only keeps a job from waiting for ever.
    private const int YieldsMax = 1_000;

    private readonly Queue<IJob> _waiting = new();
    private readonly List<IJob> _resting = [];
    private readonly HashSet<IJob> _known = [];
    private bool _isScheduled;
    private bool _isWriting;

    /// <summary>Has <see cref="Execute"/> run soon, on another thread. The thread pool does; a simulation has its own.</summary>
    public Action<Jobs> RunSoon { get; set; } = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false);

    /// <summary>Jobs that wait for a slice; not those that wait for the disk.</summary>
    public int Count => _waiting.Count;

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
            Rest(job);
            return;
        }

        _waiting.Enqueue(job);
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

        foreach (IJob job in _resting)
            _waiting.Enqueue(job);
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
        // One after the other, so that a short one does not wait for the end of a long one.
        for (int count = _waiting.Count; count > 0 && _waiting.TryDequeue(out IJob? job); count--)
        {
            _ = _known.Remove(job);
            if (!IsDone(job))
                Continue(job);
            if (turn.IsSliceOver)
                break;
        }

        if (_waiting.Count > 0)
            Schedule();
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

    private void Rest(IJob job)
    {
        if (_resting.Count == 0)
            turn.Gate.Hurry();
        _resting.Add(job);
    }

    private void Schedule()
    {
        if (_isScheduled)
            return;
        _isScheduled = true;
        RunSoon(this);
    }
}
