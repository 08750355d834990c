namespace DeviceMqtt.Journal;

/// <summary>
/// The segments of a journal, the one that is written last, and what room there is for more. Only the committer changes
/// which there are; it works on the disk without the journal's lock and notes the result under it, for others to read.
/// </summary>
internal sealed partial class SegmentSet(IJournalStorage storage, JournalOptions options, Lock gate) : IDisposable
{
    // Of a disk that has more than can be added up.
    private const long FreeBytesMost = long.MaxValue / 2;

    private readonly List<Segment> _segments = [];
    private readonly Spares _spares = new(options);
    private long _nextNumber = 1;
    private long _segmentBytes;
    private long _zeroBytes;
    private long _freeBytes = FreeBytesMost;
    private readonly List<Segment> _heldBack = [];
    private bool _isBlocked;
    private int _looked;
    private int _holds;

    public IReadOnlyList<Segment> All => _segments;

    public Segment? Active => _segments.Count > 0 ? _segments[^1] : null;

    public int SpareCount => _spares.Count;

    /// <summary>A spare is being made: its bytes count already, and so does the room that it will give.</summary>
    public bool IsMakingSpare { get; set; }

    // Those beyond count as room that they take from nobody: they go when it is needed for something else.
    private int SparesSoon => _spares.Kept + (IsMakingSpare ? 1 : 0);

    /// <summary>The snapshots that are kept, the newest last.</summary>
    public IReadOnlyList<(long UpTo, long Bytes)> Snapshots
    {
        get;
        set
        {
            field = value;
            // Asked for with each record that is appended, so not added up then.
            SnapshotBytes = 0;
            foreach ((_, long bytes) in value)
                SnapshotBytes += bytes;
        }
    } = [];

    /// <summary>Events until here are superfluous; 0 without a snapshot.</summary>
    public long SnapshotUpTo => Snapshots.Count == 0 ? 0 : Snapshots[^1].UpTo;

    /// <summary>Bytes of the snapshots, which count too.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>Bytes of Bodies that are not released, with their headers.</summary>
    public long LiveBytes
    {
        get
        {
            long bytes = 0;
            foreach (Segment segment in _segments)
                bytes += segment.LiveBytes;
            return bytes;
        }
    }

    /// <summary>Bytes of empty segments beyond those that are always kept: they are used again, or go when anything else needs the room.</summary>
    public long SurplusBytes => (long)_spares.Surplus * options.SegmentBytes;

    /// <summary>Bytes of all files but <see cref="SurplusBytes"/>.</summary>
    public long BytesUsed => _segmentBytes + ((long)SparesSoon * options.SegmentBytes) + SnapshotBytes;

    /// <summary>
    /// Bytes of zeros written since the open that no frame has taken yet. Segments come back as spares, so that a journal that does not grow
    /// makes no new ones: what lies ahead is never more than that.
    /// </summary>
    public long PreparedBytes
    {
        get
        {
            long rest = Active is { IsClosed: false } active ? active.Capacity - active.End : 0;
            return Math.Min(_zeroBytes + (IsMakingSpare ? options.SegmentBytes : 0), rest + ((long)SparesSoon * options.SegmentBytes));
        }
    }

    /// <summary>Why there is no segment for what is to be written, when that is neither the cap nor the disk; it will pass.</summary>
    public IOException? Obstacle { get; private set; }

    /// <summary>Segments of the usual size that there could be in all.</summary>
    public long Potential => _segments.Count + SparesSoon + Grantable;

    // Outside the lock: others measure, too, and not every processor reads eight bytes at once.
    private long FreeBytes => Interlocked.Read(ref _freeBytes);

    /// <summary>There is room for another file within the cap and the floor.</summary>
    public bool CanGrow => !_isBlocked && Grantable > 0;

    private long Grantable => Math.Max(0, Math.Min(options.BytesMax - BytesUsed, _freeBytes + SurplusBytes - (IsMakingSpare ? options.SegmentBytes : 0) - options.FreeFloorBytes)) / options.SegmentBytes;

    /// <summary>Bytes that new files can still have, within the cap and the floor. A frame that is larger than a segment needs one of its own: no spare is as large.</summary>
    public long GrowthBytes => _isBlocked ? 0 : Grantable * options.SegmentBytes;

    /// <summary>Bytes that all files may come to have, within the cap and the floor. What is less than a segment below the cap counts as the cap.</summary>
    public long BytesAttainable => BytesUsed + GrowthBytes is var bytes && options.BytesMax - bytes < options.SegmentBytes ? options.BytesMax : bytes;

    /// <summary>Bytes that frames can still have: what is left of the active segment, the spares, and new files within cap and floor.</summary>
    /// <param name="frameBytes">Of the frame that comes next: the end of a segment is lost to a frame that does not fit.</param>
    public long RoomBehind(long frameBytes)
    {
        if (_isBlocked)
            return -frameBytes;
        long left = Active is { IsClosed: false } active && active.End + frameBytes <= active.Capacity ? active.Capacity - active.End : 0;
        return left + ((SparesSoon + Grantable) * (options.SegmentBytes - SegmentHeader.Bytes)) - frameBytes;
    }

    /// <summary>
    /// The disk said that it is full, whatever it says of its free bytes (a quota; a file system that copies on write):
    /// nothing fits until the frame that was to be written does.
    /// </summary>
    public void Block(bool isBlocked)
    {
        using (gate.EnterScope())
            _isBlocked = isBlocked;
    }

    public void AddRecovered(Segment segment)
    {
        _segments.Add(segment);
        _segmentBytes += segment.Capacity;
        _nextNumber = Math.Max(_nextNumber, segment.Number + 1);
    }

    /// <summary>Another empty segment may be kept, as far as is known.</summary>
    public bool CanKeepSpare => _spares.CanTake && (_spares.Count < options.SparesMax || IsAboveFloor);

    /// <summary>The disk has what others are to find on it: a segment that goes gives its room to the journal.</summary>
    public bool IsAboveFloor => FreeBytes >= options.FreeFloorBytes;

    public void AddSpare(string name)
    {
        _spares.Add(name);
        string digits = name[..name.IndexOf('.', StringComparison.Ordinal)];
        _nextNumber = Math.Max(_nextNumber, long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) + 1);
    }

    /// <summary>A spare that was made: its zeros are on the disk. Under the lock.</summary>
    public void AddMadeSpare(string name)
    {
        _zeroBytes += options.SegmentBytes;
        AddSpare(name);
    }

    /// <summary>A number for a file that is being made.</summary>
    public long TakeNumber() => _nextNumber++;

    /// <summary>How much room the disk has; asked once a second and at every new segment, not for every record.</summary>
    public void MeasureDisk()
    {
        long freeBytes = Math.Min(storage.FreeBytes(), FreeBytesMost);
        using (gate.EnterScope())
            _freeBytes = freeBytes;
    }

    /// <summary>
    /// Whether the folder is still the one that was opened: the active segment is looked for, and another in turn. What is
    /// reported durable behind a file that has no name is gone with the process.
    /// </summary>
    /// <exception cref="JournalException">It is not.</exception>
    public void CheckInPlace()
    {
        if (Active is not { } active)
            return;
        _looked = (_looked + 1) % _segments.Count;
        foreach (Segment segment in (ReadOnlySpan<Segment>)[active, _segments[_looked]])
            if (!storage.IsInPlace(FileNames.Segment(segment.Number), segment.File))
                throw new JournalException(JournalFault.FolderGone, $"'{FileNames.Segment(segment.Number)}' is not in '{storage.Name}' any more: the folder was deleted or replaced while it was in use");
    }

    /// <summary>Takes away a file that could not be finished.</summary>
    public static void DeleteUnfinished(IJournalStorage storage, string name)
    {
        try
        {
            storage.Delete(name);
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            // Some file systems need room to delete. The next start does it.
        }
    }

    /// <summary>Makes a segment the active one: a spare under a new salt, or a new file.</summary>
    /// <param name="firstPosition">Of the first record in it.</param>
    /// <param name="frameBytes">Of the first frame.</param>
    /// <param name="frame">The first frame itself, when it must be on the disk before the segment has its name; its header is written here.</param>
    /// <param name="frameCount">Records in that.</param>
    /// <param name="mayUseFloor">
    /// It is for what was accepted while there was room, which others have taken since. Without it nothing would go on, neither snapshots nor copies, and what is dead here could not be given back to them. It is
    /// not much: nothing more is accepted below the floor.
    /// </param>
    /// <returns>Null when there is no room for it, or no file handle (<see cref="Obstacle"/>).</returns>
    public Segment? Roll(long firstPosition, int frameBytes, Span<byte> frame = default, int frameCount = 0, bool mayUseFloor = false)
    {
        CheckInPlace(); // or it would be made in a stranger's folder
        SegmentHeader header = new(TakeNumber(), firstPosition, (uint)Random.Shared.NextInt64(1L << 32));
        if (!frame.IsEmpty)
            FrameHeader.Write(frame, firstPosition, frameCount, header.Salt);
        long bytes = Math.Max(options.SegmentBytes, SegmentHeader.Bytes + (long)frameBytes);
        bool usesSpare = bytes == options.SegmentBytes && _spares.Count > 0;
        IJournalFile? file;
        try
        {
            file = usesSpare ? OpenSpare(_spares.Next, header, frame) : MakeNew(bytes, header, frame, mayUseFloor ? 0 : options.FreeFloorBytes);
            Obstacle = null;
        }
        catch (IOException exception) when (HandlesExhausted.Is(exception))
        {
            Obstacle = exception;
            return null;
        }

        if (file is null)
            return null;
        Segment segment = new(header, file, bytes) { End = SegmentHeader.Bytes };
        using (gate.EnterScope())
        {
            if (usesSpare)
                _spares.TakeNext();
            else
                _zeroBytes += bytes;
            AddRecovered(segment);
        }

        if (!usesSpare)
            MeasureDisk(); // or what it took would be granted once more
        return segment;
    }

    /// <summary>Somebody copies the files: none of them goes. Under the lock.</summary>
    public bool IsHeld => _holds > 0;

    /// <summary>What was not let go while it was held can go now.</summary>
    public bool HasHeldBack
    {
        get
        {
            using (gate.EnterScope())
                return _holds == 0 && _heldBack.Count > 0;
        }
    }

    /// <summary>From now on no file goes, until <see cref="Release"/>. Under the lock.</summary>
    /// <returns>The files that make a journal, the newest snapshot among them.</returns>
    public List<HeldFile> Hold()
    {
        _holds++;
        List<HeldFile> files = [.. _segments.Where(static s => !s.IsLeaving).Select(static s => new HeldFile(FileNames.Segment(s.Number), s.End, s.Capacity))];
        if (Snapshots.Count > 0)
            files.Add(new HeldFile(FileNames.Snapshot(SnapshotUpTo), Snapshots[^1].Bytes, Snapshots[^1].Bytes));
        return files;
    }

    public void Release()
    {
        using (gate.EnterScope())
            _holds--;
    }

    /// <summary>Lets segments go that nobody needs: to the spares, or for good; later, while somebody copies them.</summary>
    public void Recycle(IReadOnlyList<Segment> superfluous)
    {
        using (gate.EnterScope())
        {
            _heldBack.AddRange(superfluous.Except(_heldBack));
            if (IsHeld || _heldBack.Count == 0)
                return;
            superfluous = [.. _heldBack];
            _heldBack.Clear();
            // From here on a copy does without them.
            foreach (Segment segment in superfluous)
                segment.IsLeaving = true;
        }

        foreach (Segment segment in superfluous)
        {
            segment.Dispose();
            string name = FileNames.Segment(segment.Number);
            bool isSpare = CanKeepSpare && segment.Capacity == options.SegmentBytes && segment is { IsWorn: false, IsDamaged: false };
            if (isSpare)
                storage.Rename(name, FileNames.Spare(segment.Number));
            else
                storage.Delete(name);
            using (gate.EnterScope())
            {
                if (isSpare)
                    _spares.Add(FileNames.Spare(segment.Number));
                _ = _segments.Remove(segment);
                _segmentBytes -= segment.Capacity;
            }
        }

        if (superfluous.Count > 0)
            storage.SyncNames();
    }

    public void Dispose()
    {
        foreach (Segment segment in _segments)
            segment.Dispose();
    }

    private IJournalFile? OpenSpare(string spare, in SegmentHeader header, ReadOnlySpan<byte> frame)
    {
        IJournalFile file = storage.Open(spare);
        return TryFinish(file, spare, header, frame) ? file : null;
    }

    private IJournalFile? MakeNew(long bytes, in SegmentHeader header, ReadOnlySpan<byte> frame, long floorBytes)
    {
        MeasureDisk();
        MakeRoomBeside(bytes);
        if (BytesUsed + SurplusBytes + bytes > options.BytesMax || FreeBytes - bytes < floorBytes)
            return null;
        string unfinished = FileNames.Unfinished(FileNames.Segment(header.Number));
        IJournalFile file;
        try
        {
            file = storage.Create(unfinished, bytes);
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            SayFull();
            return null;
        }

        if (TryFinish(file, unfinished, header, frame))
            return file;
        DeleteUnfinished(storage, unfinished);
        return null;
    }

    // Its header is on the disk before its name says that it is a segment.
    private bool TryFinish(IJournalFile file, string name, in SegmentHeader header, ReadOnlySpan<byte> frame)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        header.Write(bytes);
        try
        {
            file.Write(0, bytes);
            if (!frame.IsEmpty)
                file.Write(SegmentHeader.Bytes, frame);
            file.Sync();
            storage.Rename(name, FileNames.Segment(header.Number));
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            // Nothing of the journal is in it: it can be given up, also after a failed sync.
            file.Dispose();
            SayFull();
            return false;
        }

        storage.SyncNames();
        return true;
    }
}
