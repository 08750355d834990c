using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Where bytes wait that promise something: an acknowledgement leaves when the journal has on disk what it acknowledges.
/// Owned by the turn.
/// </summary>
internal sealed class DurableGate(Jobs jobs)
{
    private readonly List<IHeld> _waiting = [];
    private bool _hasNewcomers;
    private TurnSignal _caughtUp;
    private TurnSignal _further;

    /// <summary>Where it is written; null when nothing is kept beyond the process.</summary>
    public IDisk? Disk
    {
        get => Line.Disk;
        set => Line.Disk = value;
    }

    /// <summary>Who waits to have something written.</summary>
    public DiskLine Line { get; } = new();

    /// <summary>More is on its way to the disk than may be: who has more written waits, and nobody else.</summary>
    public bool IsBehind => Disk is { RoomBytes: <= 0 };

    /// <summary>The journal has failed: what waits for a position waits for ever.</summary>
    public bool HasFailed => Disk is { HasFailed: true };

    /// <summary>Up to here the journal is on disk.</summary>
    public long Durable { get; private set; }

    /// <summary>Counts the turns in which something came to wait.</summary>
    public long TurnNumber { get; private set; }

    /// <summary>Somebody has begun to wait since the turn's end was told last.</summary>
    public bool HasNewcomers => _hasNewcomers;

    /// <summary>What became of all that the packet at hand has the custody keep: its acknowledgement is written with this.</summary>
    public Kept Outcome { get; private set; }

    /// <summary>Another packet: nothing is to be kept of it yet.</summary>
    public void BeginPacket() => Outcome = Kept.NotNeeded;

    /// <summary>Something of the packet at hand is kept, or is not: its acknowledgement depends on that, too.</summary>
    public void Join(Kept kept) => Outcome = Outcome.And(kept);

    /// <summary>The end of a turn.</summary>
    /// <returns>True when something waits that did not before: the journal should commit.</returns>
    public bool EndTurn()
    {
        if (!_hasNewcomers)
            return false;
        _hasNewcomers = false;
        TurnNumber++;
        return true;
    }

    /// <summary>Somebody waits for a position that is not durable yet.</summary>
    /// <param name="held">Who: an output that holds bytes for it, or an owner who has too much on its way.</param>
    /// <param name="isFirst">It did not wait before.</param>
    public void Wait(IHeld held, bool isFirst)
    {
        _hasNewcomers = true;
        if (isFirst)
            _waiting.Add(held);
    }

    /// <summary>Somebody waits no longer.</summary>
    public void Forget(IHeld held) => _ = _waiting.Remove(held);

    /// <summary>Completes when no more is on its way to the disk than may be.</summary>
    public Task WhenCaughtUp()
    {
        if (!IsBehind)
            return Task.CompletedTask;
        if (!_caughtUp.IsAwaited)
            Hurry();
        return _caughtUp.Next();
    }

    /// <summary>Completes when the journal has got further.</summary>
    public Task WhenFurther() => _further.Next();

    /// <summary>Somebody waits for the disk to get further, and not for a position: what is lazy would not be on its way for a second.</summary>
    public void Hurry() => Disk?.Commit();

    /// <summary>The journal has got further: what waited for that goes out at the end of this turn.</summary>
    public void Open(long durable)
    {
        Durable = durable;
        _ = _waiting.RemoveAll(held => held.Release(durable));
        _further.Set();
        Line.Serve();
        if (!IsBehind)
            _caughtUp.Set();
        jobs.LookAtDisk();
    }
}
