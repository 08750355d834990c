using System.Runtime.ExceptionServices;

namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The jobs that are not done, each of which gets a slice in its turn: those of the gateway every other one, and the others go round by who pays for them (<see cref="IPayer"/>), so that five hundred
/// of one user do not stand in front of the one of another. Who has had more than its share of the time rests until that is paid, for <see cref="OwedMsMax"/> at most, and then has a slice unasked: other connections of a busy
/// user may see to it that there is always something to pay, and who has waited for that long is charged for its slice and not kept from it. While there are any, slices of at most
/// <see cref="Turn.SliceMs"/> go on in turns of their own, and whoever waits for the turn has it before the next slice. Those that write
/// (<see cref="IJob.Writes"/>) go on as the disk does.
/// A job that throws ends whose it is, and nobody else; one of the gateway's goes on behind a pause, which is longer each time (<see cref="IJob.Failed"/>).
/// Owned by the turn.
/// </summary>
internal sealed class Jobs(Turn turn) : IThreadPoolWorkItem
{
    // Chosen: the one who was woken has the turn long before. It only keeps a job from waiting for ever.
    private const int YieldsMax = 1_000;

    private const int OwedMsMax = 1_000; // chosen: what is retained for a busy house comes within some seconds

    // Chosen: with a beat, and then as long as nobody waits for a Will or an expiry that is late.
    private const int PauseMs = 1_000;
    private const int PauseMsMax = 30_000;
    private readonly Queue<IJob> _waiting = new(); // the gateway's
    private readonly PayerLines<IJob> _paid = new(static job => job.Payer); // those that somebody pays for
    private readonly List<(IJob Job, bool HasWaited)> _resting = [];
    private readonly HashSet<IJob> _known = [];
    private readonly Dictionary<IJob, Pause> _pauses = []; // of the gateway's that have failed, until one gets from its beginning to its end
    private bool _isScheduled;
    private bool _isWriting;
    private bool _isTurnOfOthers; // the gateway's have had the last slice

    private sealed class Pause
    {
        public int Ms { get; set; }

        public bool IsOn { get; set; }

        public bool HasFailed { get; set; } // since it was done last
    }

    /// <summary>
    /// Counts and logs a fault: the job, what it threw, what becomes of it, and the milliseconds until it goes on. Where nobody does it is thrown.
    /// </summary>
    public Action<IJob, Exception, AfterFault, int> Faulted { get; set; } = static (_, fault, _, _) => ExceptionDispatchInfo.Throw(fault);

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

    /// <summary>The same of a job that has to be made ready first, which may fail as the job itself does.</summary>
    public void Start(IJob job, Action ready)
    {
        try
        {
            ready();
        }
        catch (Exception fault)
        {
            Fail(job, fault);
            return;
        }

        Start(job);
    }

    /// <summary>A fault in what was done of a job outside its own turns. The turn at hand, whosever it is, has nothing to do with it.</summary>
    public void Fail(IJob job, Exception fault)
    {
        if (!HasEnded(job, fault))
            Continue(job);
    }

    /// <summary>A job of the gateway's has failed, and does not go on yet: it is not to be started either.</summary>
    public bool IsPausing(IJob job) => _pauses.TryGetValue(job, out Pause? pause) && pause.IsOn;

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
            if (!IsDone(job, isAlone: true))
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
                PutBackLater(Math.Min(owedMs, OwedMsMax), _paid.SetAside());
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
            if (!IsDone(job, isAlone: true))
                Continue(job);
            long nowUs = turn.MonotonicUs();
            _ = payer.Pay(nowUs, nowUs - beganUs);
            if (turn.IsSliceOverNow)
                return false;
        }

        return true;
    }

    // Outside the turn until then.
    private void PutBackLater(int ms, Action putBack) => Once.After(turn.Time, ms, () =>
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

    // One job may begin another. What one has to tell is a part of it where nothing else is at hand: a fault in that is its own.
    private bool IsDone(IJob job, bool isAlone = false)
    {
        if (HasToRest(job))
            return false;
        bool wasWriting = _isWriting;
        _isWriting = job.Writes;
        try
        {
            bool isDone = job.Run(turn);
            if (isAlone)
                turn.RunFollowUps();
            if (isDone && _pauses.Count > 0)
                IsWell(job);
            return isDone;
        }
        catch (Exception fault)
        {
            return HasEnded(job, fault);
        }
        finally
        {
            _isWriting = wasWriting;
        }
    }

    // False when it goes on at once.
    private bool HasEnded(IJob job, Exception fault)
    {
        AfterFault after = AfterFault.Later;
        try
        {
            after = job.Failed(fault, turn);
        }
        catch (Exception another)
        {
            fault = new AggregateException(fault, another);
        }

        int pauseMs = after == AfterFault.Later ? PauseOf(job) : 0;
        Faulted(job, fault, after, pauseMs);
        return after != AfterFault.GoesOn;
    }

    private int PauseOf(IJob job)
    {
        if (!_pauses.TryGetValue(job, out Pause? pause))
            _pauses.Add(job, pause = new Pause());
        pause.Ms = Math.Clamp(pause.Ms * 2, PauseMs, PauseMsMax);
        pause.HasFailed = true;
        if (!_known.Add(job))
            return 0; // it has asked for its next slice before it failed
        pause.IsOn = true;
        PutBackLater(pause.Ms, () =>
        {
            pause.IsOn = false;
            Add(job, hasWaited: true);
        });
        return pause.Ms;
    }

    // It has come to its end: without a fault since it was there last, the next one is the first again. One that somebody pays for does not come back.
    private void IsWell(IJob job)
    {
        if (!_pauses.TryGetValue(job, out Pause? pause))
            return;
        if (pause.HasFailed && job.Payer is null)
            pause.HasFailed = false;
        else
            _ = _pauses.Remove(job);
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
