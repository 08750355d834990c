using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Durability;

/// <summary>The broker's state on disk: recovered at the start, written while the gateway runs, closed at the end.</summary>
internal sealed class DurableState(Broker broker, IJournalStorage storage, ILogger log, TimeProvider time) : IThreadPoolWorkItem, IAsyncDisposable
{
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RecordJournal? _journal;
    private long _durable;
    private int _isScheduled;

    /// <summary>Completes when the journal has failed: nothing is acknowledged any more, and the process must start anew to recover.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>How full the disk is, and how the journal fares; null before <see cref="Open"/>.</summary>
    public JournalStatus? Status => _journal?.Status;

    /// <summary>Somebody else may have made room on the disk. Once a second while it is full.</summary>
    public void MeasureDisk() => _journal?.MeasureDisk();

    /// <summary>Recovers what there is. Nobody may be connected yet.</summary>
    /// <exception cref="JournalException">The folder is in use, of a newer version, damaged or cannot be read.</exception>
    public void Open()
    {
        RecoveredState state = new();
        JournalOptions options = new()
        {
            BytesMax = broker.Limits.JournalBytesMax,
            FreeFloorBytes = broker.Limits.JournalFreeBytesMin,
            RecordBytesMax = broker.Limits.PacketBytesMax + RecordOverheadMax,
        };
        RecordJournal journal = RecordJournal.Open(storage, options, state, time);
        journal.Durable = OnDurable;
        journal.Failed = OnFailed;
        _journal = journal;
        using Turn.Scope scope = broker.Turn.Enter();
        broker.Custody.Begin(journal, state.LastEntryCount, state.Wills.Keys);
        if (journal.LastPosition == 0)
            return; // A new folder: nothing to recover, and nothing to say.
        RecoverySummary summary = new StateRestorer(broker, journal, state).Restore();
        log.Recovered(journal.Recovery, summary);
    }

    /// <summary>What waited for the journal goes out. Runs on the thread pool: the journal's own thread is syncing the next frame by then.</summary>
    public void Execute()
    {
        Volatile.Write(ref _isScheduled, 0);
        using Turn.Scope scope = broker.Turn.Enter();
        broker.Turn.Gate.Open(Volatile.Read(ref _durable));
    }

    /// <summary>Everything written until now gets to the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_journal is not null)
            await _journal.DisposeAsync();
    }

    // Of the record around a message: kind, flags, three lengths and two times, generously.
    private const int RecordOverheadMax = 128;

    private void OnDurable(long durable)
    {
        Volatile.Write(ref _durable, durable);
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
            _ = ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void OnFailed(Exception exception)
    {
        log.JournalFailed(exception);
        _ = _failed.TrySetResult(exception);
    }
}
