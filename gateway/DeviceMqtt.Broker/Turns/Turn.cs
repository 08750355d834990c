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
/// <item>Nothing is awaited inside a turn.</item>
/// <item>A turn is never entered twice by one thread: the transport may run a continuation inside a flush, and that
/// continuation looks at <see cref="IsMine"/> and goes to the thread pool first.</item>
/// </list>
/// </summary>
internal sealed class Turn(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<IFlushed> _touched = [];
    private readonly Queue<Action> _followUps = new();

    /// <summary>What waits for the disk before it leaves.</summary>
    public DurableGate Gate { get; } = new();

    /// <summary>Runs before the flushes at the end of each turn: has the journal commit while the network is busy.</summary>
    public Action? AtEnd { get; set; }

    /// <summary>Monotonic milliseconds at the start of the turn.</summary>
    public long NowMs { get; private set; }

    /// <summary>Whether this thread is inside a turn already and must not start another.</summary>
    public bool IsMine => _lock.IsHeldByCurrentThread;

    public Scope Enter()
    {
        _lock.Enter();
        NowMs = MonotonicMs();
        return new Scope(this);
    }

    /// <summary>Milliseconds since an arbitrary start; never jumps, whatever happens to the clock of the machine.</summary>
    public long MonotonicMs() => (long)(time.GetTimestamp() * (1000.0 / time.TimestampFrequency));

    /// <summary>Seconds since 1970 by the machine's clock, which may jump.</summary>
    public long UnixSeconds() => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Has the output flushed at the end of the turn.</summary>
    public void Touch(IFlushed output) => _touched.Add(output);

    /// <summary>Runs when the packet at hand is done with: messages that the gateway itself makes must not start inside the routing of another.</summary>
    public void FollowUp(Action action) => _followUps.Enqueue(action);

    /// <summary>Runs what <see cref="FollowUp"/> left.</summary>
    public void RunFollowUps()
    {
        while (_followUps.TryDequeue(out Action? action))
            action();
    }

    private void Leave()
    {
        try
        {
            RunFollowUps();
            AtEnd?.Invoke();
        }
        finally
        {
            // Whatever has failed: what was written for others leaves. A flush does not throw, and may touch further outputs.
            for (int i = 0; i < _touched.Count; i++)
                _touched[i].Flush();
            _touched.Clear();
            _lock.Exit();
        }
    }

    public readonly ref struct Scope(Turn turn)
    {
        public void Dispose() => turn.Leave();
    }
}
