using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Custody.Snapshots;
using DeviceMqtt.Journal;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Custody;

/// <summary>The broker's state on disk: recovered at the start, written while the gateway runs, closed at the end.</summary>
internal sealed class DurableState(BrokerState broker, JournalCustody custody, IJournalStorage storage, ILogger log, TimeProvider time) : IThreadPoolWorkItem, IAsyncDisposable
{
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SnapshotJob _snapshot = new(new SnapshotWriter(broker, custody.Ledger, custody.Wills));
    private RecordJournal? _journal;
    private long _durable;
    private int _isScheduled;

    // While the state is restored, which is one turn: what gets to the disk meanwhile is told when it is over.
    private int _isRestoring;
    private AutoResetEvent? _gotFurther; // of the journal's thread, too, as long as there is one

    // Chosen: how often a start that waits for the disk looks whether it is full.
    private const int FullLookMs = 1_000;
    private bool _wasFull;
    private bool _isDisposed;

    // Until the record that takes its place is on the disk.
    private RestoreMark? _mark;
    private bool _isMarkTold;

    /// <summary>Completes when the journal has failed: nothing is acknowledged any more until everything was read anew from the disk.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>Something got to the disk since <see cref="Open"/>.</summary>
    public bool HasCommitted => Volatile.Read(ref _durable) > 0;

    /// <summary>Steps of a snapshot in one turn at most, also when the slice is not over; for those who look at it closely.</summary>
    public int SnapshotStepsMax { get => _snapshot.StepsMax; init => _snapshot.StepsMax = value; }

    /// <summary>Told of the messages that the journal still has, in <see cref="Open"/>; null for nobody.</summary>
    public MessageSeen? Seen { get; init; }

    /// <summary>Of the journal's files, and when a snapshot is due. What is bounded is bounded by the broker's limits.</summary>
    public JournalOptions Shape { get; init; } = new();

    /// <summary>How full the disk is, and how the journal fares; null before <see cref="Open"/>.</summary>
    public JournalStatus? Status => _journal?.Status;

    /// <summary>Sessions whose clients have not been told yet, or have not answered since, that the gateway was restored from a backup. Inside a turn.</summary>
    public int SessionsNotAnew => custody.Restore is null ? 0 : broker.Sessions.All.Count(static session => session.HasOldIdentifiers);

    /// <summary>Keeps the files of the journal as they are, for a copy.</summary>
    /// <exception cref="IOException">The journal has failed, or is not open.</exception>
    public JournalHold Hold() => _journal is { } journal ? journal.Hold() : throw new IOException("the journal is not open");

    /// <summary>Once a second: says when the journal is full and when it is no longer, for others may make room on the disk, or want what the journal has left over.</summary>
    public void Tend()
    {
        if (_journal is not { } journal)
            return;
        custody.Time.Look();
        journal.Tend();
        if (journal.IsFull || journal.IsRoomWanted || journal.HasSurplus || custody.OwesRestore)
            journal.MeasureDisk();
        SayRestored();
        RemoveMark();
        bool isFull = custody.IsFull;
        if (isFull == _wasFull)
            return;
        _wasFull = isFull;
        JournalStatus status = journal.Status;
        if (isFull)
            log.JournalFull(status.BytesUsed, status.BytesMax);
        else
            log.JournalHasRoom();
    }

    private void SayRestored()
    {
        if (!custody.OwesRestore)
            return;
        using Turn.Scope scope = broker.Turn.Enter();
        if (custody.SayRestored().IsOnDisk)
            custody.Commit();
    }

    private void KeepNumber()
    {
        try
        {
            broker.Upstreams.GatewayNumber = GatewayMark.FindOrWrite(storage, broker.Upstreams.GatewayNumber);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.NumberNotKept(exception); // as without a folder; a full disk must not keep the gateway from its start
        }
    }

    private void RemoveMark()
    {
        if (_mark is null || custody.OwesRestore || Volatile.Read(ref _durable) < custody.RestoredAt)
            return;
        try
        {
            _mark.Remove();
            _mark = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It does no harm: the journal knows its name. Tried again, and said once.
            if (!_isMarkTold)
                log.MarkStays(exception);
            _isMarkTold = true;
        }
    }

    /// <summary>Begins to write the whole state down when the journal wants it, and the running time when that was long ago. Inside a turn.</summary>
    public void SnapshotIfDue()
    {
        custody.KeepTime(isLast: false);
        broker.Turn.RunFollowUps(); // a receipt that is in custody is in its Session behind the turn, where the snapshot looks for it
        if (!broker.Turn.Jobs.IsPausing(_snapshot) && custody.BeginSnapshotIfDue() is { } snapshot)
            Begin(snapshot);
    }

    private void Begin(JournalSnapshot snapshot) =>
        broker.Turn.Jobs.Start(_snapshot, ready: () => _snapshot.Begin(snapshot, custody.LastEntryCount, custody.Time.Now(), custody.Restore));

    /// <summary>What became of all messages that were in custody.</summary>
    public Ledger Ledger => custody.Ledger;

    /// <summary>Recovers what there is. Nobody may be connected yet.</summary>
    /// <exception cref="JournalException">The folder is in use, of a newer version, damaged or cannot be read.</exception>
    public void Open()
    {
        RecoveredState state = new(MemoryPlan.ForRecovery) { Seen = Seen };
        JournalOptions options = Shape with
        {
            BytesMax = broker.Limits.JournalBytesMax,
            FreeFloorBytes = broker.Limits.JournalFreeBytesMin,
            RecordBytesMax = RecordBound.BytesMax,
        };
        RecordJournal journal = RecordJournal.Open(storage, options, state, time);
        _journal = journal; // to be closed, whatever comes next
        _mark = RestoreMark.Find(storage);
        if (broker.Upstreams.Backlogs.Count > 0) // nobody else says it
            KeepNumber();
        journal.Durable = OnDurable;
        journal.Failed = OnFailed;
        journal.Damage = log.JournalDamaged;
        journal.Obstructed = log.JournalObstructed;
        custody.Moved = _snapshot.HasMoved;
        _gotFurther = storage is IPacedStorage ? null : new AutoResetEvent(initialState: false);
        _ = Interlocked.Exchange(ref _isRestoring, 1);
        try
        {
            Restore(journal, state);
        }
        finally
        {
            _ = Interlocked.Exchange(ref _isRestoring, 0);
        }

        if (HasCommitted)
            Execute();
    }

    private void Restore(RecordJournal journal, RecoveredState state)
    {
        using Turn.Scope scope = broker.Turn.Enter();
        bool isNew = journal.LastPosition == 0;
        TimeOff off = custody.Begin(journal, state.LastEntryCount, state.Wills, state.Clock);
        SettleMark(state);
        if (isNew)
            return; // A new folder: nothing to recover, and nothing to say.
        RecoverySummary summary = new StateRestorer(broker, custody, state, CatchUp).Restore();
        log.Recovered(journal.Recovery, summary);
        log.CountedTimeOff(off);
    }

    // What follows in the journal is behind the record that says it: whatever of this start gets to the disk, the next one knows the same.
    private void SettleMark(RecoveredState state)
    {
        bool isKnown = _mark is null || _mark.Name == state.Restore;
        if (!isKnown)
            state.Restored(_mark!.Name);
        custody.Restore = state.Restore;
        broker.Upstreams.IsRestored = state.Restore is not null;
        // Also of the backup of a new folder: upstreams may have heard of this gateway since.
        foreach ((string upstream, IUpstreamBacklog backlog) in broker.Upstreams.Backlogs)
            backlog.HasOldIdentifiers = state.HasOldIdentifiers(upstream, backlog.Where);
        if (isKnown)
            return;
        if (custody.Restored(_mark!.Name).IsNoRoom)
            log.RestoreOwed();
        log.Restored(state.Sessions.Count);
    }

    // Nobody is connected yet, and what is written has no other bound than the disk: it is waited for. Where one scheduler decides the order of
    // everything the journal goes on later. A full disk is not waited for: nobody could make room on it before the start is over.
    private void CatchUp()
    {
        while (broker.Turn.Gate.IsBehind && _gotFurther is { } gotFurther)
        {
            custody.Commit();
            _ = gotFurther.WaitOne(FullLookMs);
        }
    }

    /// <summary>What waited for the journal goes out.</summary>
    public void Execute()
    {
        Volatile.Write(ref _isScheduled, 0);
        using Turn.Scope scope = broker.Turn.Enter();
        long durable = Math.Max(Volatile.Read(ref _durable), broker.Turn.Gate.Durable); // none of this run, where the disk fails before the first
        broker.Counters.Trace?.Durable(durable);
        broker.Turn.Gate.Open(durable);
    }

    /// <summary>Everything written until now gets to the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_journal is null)
            return;
        if (!_isDisposed)
        {
            _isDisposed = true;
            using Turn.Scope scope = broker.Turn.Enter();
            _snapshot.Abandon(); // the events that it was to replace are there
            custody.KeepTime(isLast: true);
        }

        await _journal.DisposeAsync();
        _gotFurther?.Dispose();
    }

    private void OnDurable(long durable)
    {
        _ = Interlocked.Exchange(ref _durable, durable);
        if (Volatile.Read(ref _isRestoring) == 1)
        {
            _ = _gotFurther?.Set();
            return;
        }

        if (Interlocked.Exchange(ref _isScheduled, 1) != 0)
            return;
        // The journal's thread has the next frame to sync. If there is none it does this itself: one change of threads less
        // for a client that waits for each acknowledgement.
        if (storage is IPacedStorage || _journal!.PendingBytes == 0)
            Execute();
        else
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void OnFailed(Exception exception)
    {
        log.JournalFailed(exception);
        _ = _failed.TrySetResult(exception);
        // Nothing gets to the disk any more: who waits for it to catch up waits no longer.
        OnDurable(Volatile.Read(ref _durable));
    }
}
