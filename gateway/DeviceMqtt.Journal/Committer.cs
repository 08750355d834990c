namespace DeviceMqtt.Journal;

/// <summary>
/// The thread that writes: one frame after the other, each on the disk before the next is begun. What gathers while one is
/// written is the next. Snapshots are written beside it.
/// </summary>
internal sealed class Committer : IAsyncDisposable
{
    // Of the recent sync time: what is gained by a fuller frame against what every waiter pays for it (DESIGN, measured).
    private const double GatherShare = 0.03;

    // Below, a disk is quicker than the timer of the system.
    private const double SlowSyncMs = 10;

    private readonly RecordJournal _journal;
    private readonly SegmentSet _segments;
    private readonly JournalOptions _options;
    private readonly IDisposable _folderLock;
    private readonly object _sleep = new();
    private readonly TimeProvider _time;
    private readonly ITimer _lazy;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SnapshotWriter _snapshots;
    private readonly Compactor _compactor;
    private readonly SpareMaker _spares;
    private readonly IJournalStorage _storage;
    private IOException? _toldObstacle;
    private long _writtenBytes;
    private readonly IPacedStorage? _paced;
    private long _durablePosition;
    private long _syncBegan; // timestamp of the one that is on; 0 between two
    private int _waiters;
    private int _isLazyArmed;
    private bool _isAwake;
    private volatile bool _isStopping;

    public Committer(RecordJournal journal, OpenedJournal opened, IJournalStorage storage, JournalOptions options, TimeProvider time)
    {
        _journal = journal;
        _storage = storage;
        SegmentSet segments = _segments = opened.Segments;
        _options = options;
        _folderLock = opened.FolderLock;
        _durablePosition = opened.LastPosition;
        _snapshots = new SnapshotWriter(storage, segments, journal.Gate, Wake, snapshot => SnapshotGivenUp?.Invoke(snapshot));
        _compactor = new Compactor(journal, segments, options);
        _spares = new SpareMaker(storage, segments, options, journal.Gate, Wake);
        _time = time;
        _lazy = time.CreateTimer(static state => ((Committer)state!).LazyIsDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _paced = storage as IPacedStorage;
        // A thread of its own: it spends its life waiting for the disk.
        if (_paced is null)
            new Thread(Run) { IsBackground = true, Name = "journal" }.Start();
    }

    public Action<long>? Durable { get; set; }

    public Action<Exception>? Failed { get; set; }

    public Action<IOException>? Obstructed { get; set; }

    /// <summary>One found no room, or no file handle.</summary>
    public Action<JournalSnapshot>? SnapshotGivenUp { get; init; }

    public long DurablePosition => Interlocked.Read(ref _durablePosition);

    public bool IsSnapshotting => _snapshots.IsBusy;

    public long Snapshots => _snapshots.Written;

    public long Frames { get; private set; }

    /// <summary>Milliseconds that a frame takes to be written and synced, a running average over some ten. The first frame of a segment does not count: its file may be made then.</summary>
    public double SyncMs { get; private set; }

    /// <summary>The same, or as long as the one that is on has taken by now: a disk that was quick may be slow from one moment to the next. From any thread.</summary>
    public double SyncMsNow => Volatile.Read(ref _syncBegan) is > 0 and long began ? Math.Max(SyncMs, _time.GetElapsedTime(began).TotalMilliseconds) : SyncMs;

    public void Commit()
    {
        _ = Interlocked.Increment(ref _waiters);
        Wake();
    }

    /// <summary>Something waits for a frame, and perhaps nobody for it.</summary>
    public void Appended()
    {
        if (Volatile.Read(ref _isLazyArmed) == 0 && Interlocked.Exchange(ref _isLazyArmed, 1) == 0)
            _ = _lazy.Change(_options.LazyMax, Timeout.InfiniteTimeSpan);
    }

    public bool TryBeginSnapshot(JournalSnapshot snapshot) => _snapshots.TryBegin(snapshot);

    public void FinishSnapshot(JournalSnapshot snapshot) => _snapshots.Finish(snapshot);

    public void AbandonSnapshot(JournalSnapshot snapshot) => _snapshots.Abandon(snapshot);

    /// <summary>Commits what was appended, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        Wake();
        await _ended.Task;
    }

    // Also where there is nothing left to commit: who appends from here on arms the timer again. Behind the gate, so that the committer sees
    // what was appended by whoever found it armed.
    private void LazyIsDue()
    {
        using (_journal.Gate.EnterScope())
            Volatile.Write(ref _isLazyArmed, 0);
        Wake();
    }

    private void Wake()
    {
        lock (_sleep)
        {
            bool wasAwake = _isAwake;
            _isAwake = true;
            if (_paced is null)
                Monitor.Pulse(_sleep);
            else if (!wasAwake)
                _paced.Later(RunPaced, TimeSpan.Zero);
        }
    }

    // What the thread does between two sleeps, when the storage says so.
    private void RunPaced()
    {
        _isAwake = false;
        if (_ended.Task.IsCompleted)
            return;
        bool goesOn = false;
        try
        {
            goesOn = Step(out TimeSpan pause);
            if (goesOn && pause == TimeSpan.Zero)
                Wake(); // not beside whoever has woken it already: two would wake two more
            else if (goesOn && pause != Timeout.InfiniteTimeSpan)
                _paced!.Later(RunPaced, pause);
            if (!goesOn)
                _snapshots.Finish();
        }
        catch (Exception exception)
        {
            goesOn = false;
            _journal.Fail();
            Failed?.Invoke(Explain(exception));
        }
        finally
        {
            if (!goesOn)
                End();
        }
    }

    private void Sleep(TimeSpan longest)
    {
        lock (_sleep)
        {
            if (!_isAwake)
                _ = Monitor.Wait(_sleep, longest);
            _isAwake = false;
        }
    }

    private void Run()
    {
        try
        {
            Sleep(Timeout.InfiniteTimeSpan); // what is appended meanwhile waits for somebody to ask for a commit
            // A journal that has more to write or to tidy does not sleep.
            while (Step(out TimeSpan pause))
                if (pause != TimeSpan.Zero)
                    Sleep(pause);
            _snapshots.Finish();
            _spares.Finish();
        }
        catch (Exception exception)
        {
            // A sync that failed once may succeed the next time without having written a byte: nothing is tried again.
            _journal.Fail();
            Failed?.Invoke(Explain(exception));
        }
        finally
        {
            End();
        }
    }

    /// <summary>One frame, and then a piece of what is to be tidied up: on a disk that is slower than its writers there is always another frame, and a journal that is never tidied becomes full of what is dead.</summary>
    /// <param name="pause">How long to sleep unless there is something to do; zero to go on.</param>
    /// <returns>False when all is done and the journal stops.</returns>
    private bool Step(out TimeSpan pause)
    {
        bool isStuck = !TryCommitOne();
        bool hasMadeRoom = _snapshots.Advance(DurablePosition, needsRoom: isStuck || _isStopping);
        if (_snapshots.TryTakeFinished())
            _compactor.SnapshotFinished();
        // Also where something waits: there may always be more. The copies go behind it, and there is room for it besides them.
        bool hasMore = !isStuck && !_isStopping && (_segments.DropOneOfTooMuch() || _snapshots.IsLettingGo || _compactor.Step(TakeWritten()));
        if (isStuck)
            _segments.MeasureDisk();
        // Spares are made by threads of the pool: not where one scheduler decides the order of everything.
        if (_paced is null)
            _spares.Advance(isIdle: !hasMore && !_journal.HasPending, mayBegin: !isStuck && !_isStopping);
        bool goesOn = hasMore || hasMadeRoom || _isStopping || (!isStuck && _journal.HasPending);
        pause = goesOn ? TimeSpan.Zero : isStuck ? _options.RetryWhenFull : Timeout.InfiniteTimeSpan;
        return !_isStopping || !TryStop();
    }

    private void End()
    {
        _lazy.Dispose();
        _snapshots.Settle();
        _spares.Settle();
        _segments.Dispose();
        _folderLock.Dispose();
        _ended.SetResult();
    }

    private bool TryStop() => !TryCommitAll() || !_journal.HasPending;

    // Whatever failed in a folder that was taken away failed because of that. In one that is ours the next open is told
    // that the cache of the system is not to be believed.
    private Exception Explain(Exception exception)
    {
        try
        {
            if (exception is JournalException { Fault: JournalFault.FolderGone })
                return exception;
            _segments.CheckInPlace();
            _storage.Create(FileNames.Distrusted, 0).Dispose();
            return exception;
        }
        catch (JournalException gone)
        {
            return new JournalException(gone.Fault, gone.Message, exception);
        }
        catch (IOException second)
        {
            // The disk takes no file either. The next open writes the last frame once more where it is.
            return new AggregateException(exception, second);
        }
    }

    private bool TryCommitAll()
    {
        while (_journal.HasPending)
            if (!TryCommitOne())
                return false;
        return true;
    }

    /// <returns>False when a frame waits that there is no room for.</returns>
    private bool TryCommitOne()
    {
        if (!_journal.HasPending)
            return true;
        Gather();
        Volatile.Write(ref _isLazyArmed, 0);
        FrameBuffer? frame;
        using (_journal.Gate.EnterScope())
            frame = _journal.PeekFrame();
        if (frame is null)
            return true;
        if (!TryWrite(frame))
            return false;
        Durable?.Invoke(DurablePosition);
        return true;
    }

    // On a slow disk the others who are about to come are waited for, if there are others.
    private void Gather()
    {
        int waiters = Interlocked.Exchange(ref _waiters, 0);
        if (waiters > 1 && SyncMs > SlowSyncMs)
            Thread.Sleep(TimeSpan.FromMilliseconds(SyncMs * GatherShare));
    }

    private bool TryWrite(FrameBuffer frame)
    {
        Segment? segment = _segments.Active;
        long offset = segment?.End ?? 0;
        long began = _time.GetTimestamp();
        Volatile.Write(ref _syncBegan, began);
        bool isFirst = segment is null || !segment.HasRoomFor(frame.Length);
        if (isFirst)
        {
            // Together with the header of the segment: one sync is enough for both.
            offset = SegmentHeader.Bytes;
            segment = _segments.Roll(frame.FirstPosition, frame.Length, frame.Span, frame.Count, mayUseFloor: true);
            SayObstacle();
            if (segment is not null)
                _segments.Block(false);
        }
        else
        {
            SayObstacle();
            segment = TryWriteAndSync(segment!, frame) ? segment : null;
        }

        Volatile.Write(ref _syncBegan, 0);
        if (segment is null)
            return false;
        double ms = _time.GetElapsedTime(began).TotalMilliseconds;
        _segments.CheckInPlace();
        _writtenBytes += frame.Length;
        if (SyncMs == 0 || !isFirst)
            SyncMs = SyncMs == 0 ? ms : (SyncMs * 0.9) + (ms * 0.1);
        Frames++;
        long last = frame.LastPosition;
        using (_journal.Gate.EnterScope())
            _journal.FrameWritten(frame, segment, offset);
        _ = Interlocked.Exchange(ref _durablePosition, last);
        return true;
    }

    // What was written in part, and not synced, is written again when there is room: where it was, or in another segment where the sync said so (a file system that
    // looks for room only then). For after a sync that failed the pages count as written, and to sync them once more would write nothing.
    private bool TryWriteAndSync(Segment segment, FrameBuffer frame)
    {
        bool isWritten = false;
        try
        {
            FrameHeader.Write(frame.Span, frame.FirstPosition, frame.Count, segment.Salt);
            segment.File.Write(segment.End, frame.Span);
            isWritten = true;
            segment.File.Sync();
            _segments.Block(false);
            return true;
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            if (isWritten)
            {
                using (_journal.Gate.EnterScope())
                    segment.IsClosed = true;
                segment.ForgetBehindEnd();
            }

            _segments.SayFull();
            return false;
        }
    }

    private long TakeWritten()
    {
        long written = _writtenBytes;
        _writtenBytes = 0;
        return written;
    }

    // Said when it begins, not at each try.
    private void SayObstacle()
    {
        if (_segments.Obstacle is { } obstacle && _toldObstacle is null)
            Obstructed?.Invoke(obstacle);
        _toldObstacle = _segments.Obstacle;
    }
}
