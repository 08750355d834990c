namespace DeviceMqtt.Journal;

/// <summary>
/// The segments of a journal, the one that is written last, and what room there is for more. Only the committer changes
/// which there are; it works on the disk without the journal's lock and notes the result under it, for others to read.
/// </summary>
internal sealed class SegmentSet(IJournalStorage storage, JournalOptions options, Lock gate) : IDisposable
{
    private readonly List<Segment> _segments = [];
    private readonly Queue<string> _spares = new();
    private long _nextNumber = 1;
    private long _segmentBytes;
    private long _freeBytes = long.MaxValue;
    private bool _isBlocked;

    public IReadOnlyList<Segment> All => _segments;

    public Segment? Active => _segments.Count > 0 ? _segments[^1] : null;

    public int SpareCount => _spares.Count;

    /// <summary>Bytes of the snapshots, which count too.</summary>
    public long SnapshotBytes { get; set; }

    /// <summary>Bytes of all files.</summary>
    public long BytesUsed => _segmentBytes + ((long)_spares.Count * options.SegmentBytes) + SnapshotBytes;

    /// <summary>Bytes that frames can still have: what is left of the active segment, the spares, and new files within cap and floor.</summary>
    /// <param name="frameBytes">Of the frame that comes next: the end of a segment is lost to a frame that does not fit.</param>
    public long RoomBehind(long frameBytes)
    {
        if (_isBlocked)
            return -frameBytes;
        long left = Active is { } active && active.End + frameBytes <= active.Capacity ? active.Capacity - active.End : 0;
        long grantable = Math.Max(0, Math.Min(options.BytesMax - BytesUsed, _freeBytes - options.FreeFloorBytes)) / options.SegmentBytes;
        return left + ((_spares.Count + grantable) * (options.SegmentBytes - SegmentHeader.Bytes)) - frameBytes;
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

    public void AddSpare(string name)
    {
        _spares.Enqueue(name);
        string digits = name[..name.IndexOf('.', StringComparison.Ordinal)];
        _nextNumber = Math.Max(_nextNumber, long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) + 1);
    }

    /// <summary>How much room the disk has; asked once a second and at every new segment, not for every record.</summary>
    public void MeasureDisk()
    {
        long freeBytes = storage.FreeBytes();
        using (gate.EnterScope())
            _freeBytes = freeBytes;
    }

    /// <summary>Makes a segment the active one: a spare under a new salt, or a new file.</summary>
    /// <returns>Null when there is no room for it.</returns>
    public Segment? Roll(long firstPosition, int frameBytes)
    {
        SegmentHeader header = new(_nextNumber, firstPosition, (uint)Random.Shared.NextInt64(1L << 32));
        long bytes = Math.Max(options.SegmentBytes, SegmentHeader.Bytes + (long)frameBytes);
        bool usesSpare = bytes == options.SegmentBytes && _spares.Count > 0;
        IJournalFile? file = usesSpare ? OpenSpare(_spares.Peek(), header) : MakeNew(bytes, header);
        if (file is null)
            return null;
        Segment segment = new(header, file, bytes);
        using (gate.EnterScope())
        {
            if (usesSpare)
                _ = _spares.Dequeue();
            AddRecovered(segment);
        }

        return segment;
    }

    /// <summary>Lets segments go that nobody needs: to the spares, or for good.</summary>
    public void Recycle(IReadOnlyList<Segment> superfluous)
    {
        foreach (Segment segment in superfluous)
        {
            segment.Dispose();
            string name = FileNames.Segment(segment.Number);
            bool isSpare = _spares.Count < options.SparesMax && segment.Capacity == options.SegmentBytes;
            if (isSpare)
                storage.Rename(name, FileNames.Spare(segment.Number));
            else
                storage.Delete(name);
            using (gate.EnterScope())
            {
                if (isSpare)
                    _spares.Enqueue(FileNames.Spare(segment.Number));
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

    private IJournalFile? OpenSpare(string spare, in SegmentHeader header)
    {
        IJournalFile file = storage.Open(spare);
        return TryFinish(file, spare, header) ? file : null;
    }

    private IJournalFile? MakeNew(long bytes, in SegmentHeader header)
    {
        MeasureDisk();
        if (BytesUsed + bytes > options.BytesMax || _freeBytes - bytes < options.FreeFloorBytes)
            return null;
        string unfinished = FileNames.Unfinished(FileNames.Segment(header.Number));
        IJournalFile file;
        try
        {
            file = storage.Create(unfinished, bytes);
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            Block(true);
            return null;
        }

        if (TryFinish(file, unfinished, header))
            return file;
        storage.Delete(unfinished);
        return null;
    }

    // Its header is on the disk before its name says that it is a segment.
    private bool TryFinish(IJournalFile file, string name, in SegmentHeader header)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        header.Write(bytes);
        try
        {
            file.Write(0, bytes);
            file.Sync();
            storage.Rename(name, FileNames.Segment(header.Number));
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            // Nothing of the journal is in it: it can be given up, also after a failed sync.
            file.Dispose();
            Block(true);
            return false;
        }

        storage.SyncNames();
        return true;
    }
}
