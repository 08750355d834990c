namespace DeviceMqtt.Journal;

/// <summary>
/// Writes snapshots beside the frames, one at a time, and lets segments go afterwards. Begun by the owner, advanced by the
/// committer; only the file is written elsewhere, for it is large and nobody waits for it.
/// </summary>
internal sealed class SnapshotWriter(IJournalStorage storage, SegmentSet segments, Lock gate, Action wake, Action<JournalSnapshot> givenUp)
{
    // The last one, and the one before for whoever has to salvage.
    private const int Kept = 2;

    // What is written instead of bytes.
    private const long NoRoom = 0;
    private const long NoHandle = -1;

    private JournalSnapshot? _wanted;
    private JournalSnapshot? _ready;
    private Task<long>? _writing;
    private JournalSnapshot? _written;
    private Queue<Segment> _superfluous = [];
    private bool _hasFinished;
    private bool _isLettingGo;

    /// <summary>One is wanted or being written.</summary>
    public bool IsBusy => Volatile.Read(ref _wanted) is not null;

    public long Written { get; private set; }

    /// <summary>Under the lock.</summary>
    public bool TryBegin(JournalSnapshot snapshot) =>
        snapshot.UpTo > segments.SnapshotUpTo && Interlocked.CompareExchange(ref _wanted, snapshot, null) is null;

    /// <summary>The owner has added all.</summary>
    public void Finish(JournalSnapshot snapshot) => Volatile.Write(ref _ready, snapshot);

    public void Abandon(JournalSnapshot snapshot) => _ = Interlocked.CompareExchange(ref _wanted, null, snapshot);

    /// <summary>It is on the disk, and segments that it made superfluous are still there: each goes in a step of its own.</summary>
    public bool IsLettingGo => _isLettingGo;

    /// <summary>The next step, if it can be taken. On the committer's thread, between two commits: to delete a file of some megabytes takes as long as to sync.</summary>
    /// <param name="durablePosition">What is on the disk.</param>
    /// <param name="needsRoom">Commits wait for the room, and not for the time: all go at once.</param>
    /// <returns>Segments went: there may be room.</returns>
    /// <exception cref="IOException">The disk failed.</exception>
    public bool Advance(long durablePosition, bool needsRoom)
    {
        long before = Written;
        bool wasLettingGo = _isLettingGo;
        if (_isLettingGo)
            LetOneGo();
        else if (_writing is { IsCompleted: true })
            Complete();
        else if (_writing is null && Volatile.Read(ref _ready) is { } snapshot && snapshot.LastPosition <= durablePosition)
            Begin(snapshot);
        while (needsRoom && _isLettingGo)
            LetOneGo();
        return wasLettingGo || _isLettingGo || Written != before;
    }

    /// <summary>The journal stops: what is being written is waited for.</summary>
    public void Finish()
    {
        if (_writing is not null)
        {
            ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
            Complete();
        }

        while (_isLettingGo)
            LetOneGo();
    }

    /// <summary>The journal has failed: what is being written ends before another may have the folder.</summary>
    public void Settle()
    {
        _ = (_writing as IAsyncResult)?.AsyncWaitHandle.WaitOne();
        Volatile.Read(ref _ready)?.LetGo();
    }

    /// <summary>A snapshot has been finished since the last call.</summary>
    public bool TryTakeFinished()
    {
        bool hasFinished = _hasFinished;
        _hasFinished = false;
        return hasFinished;
    }

    private void Begin(JournalSnapshot snapshot)
    {
        NeededSegment[] needed;
        using (gate.EnterScope())
        {
            _superfluous = new(segments.All.Where(s => s != segments.Active && !s.IsGoing && s.IsSuperfluous(snapshot.UpTo)));
            needed = [.. segments.All.Where(s => !s.IsGoing).Except(_superfluous).Select(s => new NeededSegment(s.Number, s.LastPosition))];
        }

        segments.CheckInPlace();
        segments.MakeRoomBeside(snapshot.Bytes);
        _written = snapshot;
        SnapshotFile file = new(snapshot.UpTo, needed, snapshot.Slices);
        _writing = storage is IPacedStorage ? WriteNow(file) : Task.Run(() => Write(file));
        _ = _writing.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Complete()
    {
        long bytes = _writing!.GetAwaiter().GetResult();
        _writing = null;
        _written!.LetGo();
        if (bytes <= 0)
        {
            _superfluous = [];
            if (bytes == NoRoom)
                segments.DropSurplus();
            givenUp(_written);
            Ended();
            return;
        }

        DeleteOld(_written.UpTo, bytes);
        _isLettingGo = true;
        LetOneGo();
    }

    // A commit may come between two of them.
    private void LetOneGo()
    {
        // One that has emptied meanwhile may have gone by itself.
        while (_superfluous.TryDequeue(out Segment? segment))
        {
            if (segment.IsGoing || !segments.All.Contains(segment))
                continue;
            segments.Recycle([segment]);
            break;
        }

        if (_superfluous.Count > 0)
            return;
        _isLettingGo = false;
        _hasFinished = true;
        Written++;
        Ended();
    }

    private void Ended()
    {
        Volatile.Write(ref _ready, null);
        Volatile.Write(ref _wanted, null);
    }

    // One thread for everything: as the pool would do it, but at once.
    private Task<long> WriteNow(SnapshotFile snapshot)
    {
        try
        {
            return Task.FromResult(Write(snapshot));
        }
        catch (IOException exception)
        {
            return Task.FromException<long>(exception);
        }
    }

    /// <returns>Its bytes; <see cref="NoRoom"/> or <see cref="NoHandle"/> when there was no room or no file handle: another one is due for its events after a while.</returns>
    private long Write(SnapshotFile snapshot)
    {
        string name = FileNames.Snapshot(snapshot.UpTo);
        string unfinished = FileNames.Unfinished(name);
        long bytes = 0;
        try
        {
            using IJournalFile file = storage.Create(unfinished, 0);
            foreach (ReadOnlyMemory<byte> piece in snapshot.Encode())
            {
                file.Write(bytes, piece.Span);
                bytes += piece.Length;
            }

            file.Sync();
        }
        catch (IOException exception) when (HandlesExhausted.Is(exception) || DiskFull.Is(exception))
        {
            SegmentSet.DeleteUnfinished(storage, unfinished);
            return HandlesExhausted.Is(exception) ? NoHandle : NoRoom;
        }

        storage.Rename(unfinished, name);
        storage.SyncNames();
        return bytes;
    }

    private void DeleteOld(long newest, long newestBytes)
    {
        bool isHeld;
        using (gate.EnterScope())
            isHeld = segments.IsHeld;
        // Those that are more than the next one finds go with the next one.
        List<(long UpTo, long Bytes)> kept = [.. segments.Snapshots.Append((newest, newestBytes)).TakeLast(isHeld ? int.MaxValue : Kept)];
        foreach ((long old, _) in segments.Snapshots.Where(s => !kept.Contains(s)))
            storage.Delete(FileNames.Snapshot(old));
        using (gate.EnterScope())
            segments.Snapshots = kept;
    }
}
