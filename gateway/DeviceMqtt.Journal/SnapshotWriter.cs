namespace DeviceMqtt.Journal;

/// <summary>
/// Writes snapshots beside the frames, one at a time, and lets segments go afterwards. Begun by the owner, advanced by the
/// committer; only the file is written elsewhere, for it is large and nobody waits for it.
/// </summary>
internal sealed class SnapshotWriter(IJournalStorage storage, SegmentSet segments, Lock gate, long snapshotPosition, Action wake)
{
    // The last one, and the one before for whoever has to salvage.
    private const int Kept = 2;

    private sealed record Job(long UpTo, ReadOnlyMemory<byte> State);

    private long _lastUpTo = snapshotPosition;
    private Job? _wanted;
    private Task<bool>? _writing;
    private Job? _written;
    private List<Segment> _superfluous = [];
    private long _finished;

    /// <summary>One is wanted or being written.</summary>
    public bool IsBusy => Volatile.Read(ref _wanted) is not null;

    public long Written { get; private set; }

    public bool TryBegin(long upTo, ReadOnlyMemory<byte> state) =>
        upTo > _lastUpTo && Interlocked.CompareExchange(ref _wanted, new Job(upTo, state), null) is null;

    /// <summary>The next step, if it can be taken. On the committer's thread.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Advance(long durablePosition)
    {
        if (Volatile.Read(ref _wanted) is not { } job)
            return;
        if (_writing is null && job.UpTo <= durablePosition)
        {
            long[] needed;
            using (gate.EnterScope())
            {
                _superfluous = [.. segments.All.Where(s => s != segments.Active && s.IsSuperfluous(job.UpTo))];
                needed = [.. segments.All.Except(_superfluous).Select(s => s.Number)];
            }

            _written = job;
            _writing = storage is IPacedStorage ? WriteNow(job, needed) : Task.Run(() => Write(job, needed));
            _ = _writing.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else if (_writing is { IsCompleted: true })
        {
            Complete();
        }
    }

    /// <summary>The journal stops: what is being written is waited for.</summary>
    public void Finish()
    {
        if (_writing is null)
            return;
        ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
        Complete();
    }

    /// <summary>A snapshot has been finished since the last call.</summary>
    public bool TryTakeFinished(out long upTo)
    {
        upTo = _finished;
        _finished = 0;
        return upTo != 0;
    }

    private void Complete()
    {
        bool isWritten = _writing!.GetAwaiter().GetResult();
        _writing = null;
        if (isWritten)
        {
            _lastUpTo = _finished = _written!.UpTo;
            segments.Recycle(_superfluous);
            DeleteOld();
            Written++;
        }

        _superfluous = [];
        Volatile.Write(ref _wanted, null);
    }

    // One thread for everything: as the pool would do it, but at once.
    private Task<bool> WriteNow(Job job, long[] needed)
    {
        try
        {
            return Task.FromResult(Write(job, needed));
        }
        catch (IOException exception)
        {
            return Task.FromException<bool>(exception);
        }
    }

    /// <returns>False when there was no room: the next one will be tried in its turn.</returns>
    private bool Write(Job job, long[] needed)
    {
        byte[] bytes = SnapshotFile.Encode(job.UpTo, needed, job.State.Span);
        string name = FileNames.Snapshot(job.UpTo);
        string unfinished = FileNames.Unfinished(name);
        try
        {
            using IJournalFile file = storage.Create(unfinished, 0);
            file.Write(0, bytes);
            file.Sync();
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            storage.Delete(unfinished);
            return false;
        }

        storage.Rename(unfinished, name);
        storage.SyncNames();
        return true;
    }

    private void DeleteOld()
    {
        List<long> all = [.. storage.List().Select(n => FileNames.IsSnapshot(n, out long upTo) ? upTo : 0).Where(u => u > 0).OrderDescending()];
        foreach (long old in all.Skip(Kept))
            storage.Delete(FileNames.Snapshot(old));
        long bytes = 0;
        foreach (long kept in all.Take(Kept))
            using (IJournalFile file = storage.Open(FileNames.Snapshot(kept)))
                bytes += file.Length;
        using (gate.EnterScope())
            segments.SnapshotBytes = bytes;
    }
}
