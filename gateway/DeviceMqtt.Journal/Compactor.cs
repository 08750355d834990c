namespace DeviceMqtt.Journal;

/// <summary>
/// Makes room: copies the live Bodies of a segment to the end of the journal, slice by slice, and lets the segment go when
/// the copies are on the disk. On the committer's thread, between two commits. It reads without the journal's lock, and holds
/// it for one slice at a time.
/// <list type="bullet">
/// <item>Only segments whose events a snapshot covers: those that are live are Bodies then.</item>
/// <item>When room is scarce, the segment with the fewest live bytes; else, after a snapshot, those that are mostly dead.
/// Room that is not needed is not made: what waits may be gone by then without a copy.</item>
/// <item>What cannot be read, or is damaged, stays where it is with its segment; the frames behind it are moved.</item>
/// <item>A segment that nothing asks for goes when a record of the journal's own that says so is on the disk, without a snapshot.</item>
/// </list>
/// </summary>
internal sealed class Compactor(RecordJournal journal, SegmentSet segments, JournalOptions options)
{
    /// <summary>Bytes of records walked under one hold of the lock: some 50 us of looking up and copying on a Raspberry Pi's core.</summary>
    public const int SliceBytes = 128 * 1024;

    /// <summary>Records walked under one hold of the lock: each is a look-up, some 100 ns.</summary>
    public const int SliceRecords = 2048;

    // A segment in which four fifths are live gives back a byte for five that are walked: so it keeps up with what is written.
    private const int WalkedPerWritten = 8;

    private readonly List<Segment> _going = [];
    private Segment? _victim;
    private byte[] _frame = [];
    private long _next;
    private int _frameBytes;
    private int _offset;
    private int _index;
    private long _firstPosition;
    private bool _isAfterSnapshot;
    private long _writtenBytes; // since the last walk

    /// <summary>A snapshot was finished: mostly dead segments are worth a copy.</summary>
    public void SnapshotFinished() => _isAfterSnapshot = true;

    /// <summary>The next steps: <see cref="SliceBytes"/> of a segment, and under load eight times what was written, for room goes as fast.</summary>
    /// <param name="writtenBytes">What was written since the last call: the more that is, the more room is needed.</param>
    /// <returns>True when there is something to commit, or more to do.</returns>
    public bool Step(long writtenBytes)
    {
        _writtenBytes += writtenBytes;
        bool hasDone = LetGo();
        // Room is about to be there without a copy.
        if (hasDone && HasDurable)
            return true;
        long left = Math.Max(SliceBytes, WalkedPerWritten * _writtenBytes);
        for (_writtenBytes = 0; left > 0;)
        {
            if (_victim is null && !TryChoose())
                break;
            hasDone = true;
            if (!TryReadFrame())
            {
                Leave();
                continue;
            }

            left -= FrameHeader.Bytes + journal.CopyForward(_victim!, _firstPosition, _frame.AsSpan(0, _frameBytes), _next - _frameBytes, ref _offset, ref _index);
        }

        return hasDone;
    }

    private bool HasDurable => _going.Exists(s => s.GonePosition <= journal.DurablePosition);

    // One at a time: to delete a file of some megabytes takes as long as to sync, and a commit may come between two.
    private bool LetGo()
    {
        Segment? durable = _going.Find(s => s.GonePosition <= journal.DurablePosition);
        if (durable is not null)
            _ = _going.Remove(durable);
        if (durable is not null || segments.HasHeldBack)
            segments.Recycle(durable is null ? [] : [durable]);
        return journal.TryAppendGone(_going) || durable is not null;
    }

    private bool TryChoose()
    {
        _victim = journal.ChooseVictim(ref _isAfterSnapshot);
        _next = SegmentHeader.Bytes;
        _frameBytes = _offset = 0;
        return _victim is not null;
    }

    /// <returns>False when there is none any more.</returns>
    private bool TryReadFrame()
    {
        if (_offset < _frameBytes)
            return true;
        if (_next >= _victim!.End || _victim.LiveCount == 0)
            return false;
        if (!TryReadFrame(_next))
        {
            SayDamaged();
            if (FindFrameBehind(_next) is not { } behind || !TryReadFrame(behind))
                return false;
            _next = behind;
        }

        _next += _frameBytes;
        _offset = FrameHeader.Bytes;
        _index = 0;
        return true;
    }

    private bool TryReadFrame(long at)
    {
        _frameBytes = 0; // until it is sound
        Span<byte> header = stackalloc byte[FrameHeader.Bytes];
        if (!TryRead(at, header))
            return false;
        int bytes = BitConverter.ToInt32(header[4..]) + FrameHeader.Bytes;
        if (bytes <= FrameHeader.Bytes || at + bytes > _victim!.End)
            return false;
        if (_frame.Length < bytes)
            _frame = new byte[Math.Max(bytes, options.FrameBytesMax)];
        Span<byte> frame = _frame.AsSpan(0, bytes);
        if (!TryRead(at, frame) || !FrameHeader.TryRead(frame, out FrameHeader read) || !read.Fits(frame, _victim.Salt))
            return false;
        (_frameBytes, _firstPosition) = (bytes, read.FirstPosition);
        return true;
    }

    private bool TryRead(long at, Span<byte> bytes)
    {
        try
        {
            return _victim!.File.Read(at, bytes) == bytes.Length;
        }
        catch (IOException)
        {
            _victim!.IsWorn = true; // what cannot be read is of this segment alone: the journal goes on
            return false;
        }
    }

    // Each Body has a checksum of its own, so what can still be read of a damaged frame is, where it lies. The segment stays for it.
    private void SayDamaged()
    {
        if (!_victim!.IsDamaged)
            journal.SayDamaged($"'{FileNames.Segment(_victim.Number)}' is damaged: there is no sound frame at byte {_next}{(_victim.IsWorn ? ", and not all of it can be read" : "")}");
        _victim.IsDamaged = true;
    }

    // Where the next frame begins is not known: it is looked for. The Bodies of those behind are moved, or the medium might take them as well.
    private long? FindFrameBehind(long damaged)
    {
        byte[] rest = new byte[_victim!.End - damaged];
        List<Unreadable> gaps = [];
        int length = ReadAround.Read(_victim.File, damaged, rest, gaps);
        _victim.IsWorn |= gaps.Count > 0;
        (long, long) first = (_victim.FirstPosition, SegmentHeader.Bytes - damaged);
        return new FrameSearch(rest.AsMemory(0, length)).Find(from: 1, _victim.Salt, first, _victim.LastPosition + 1, out _) is { } found ? damaged + found : null;
    }

    private void Leave()
    {
        if (_victim is { LiveCount: > 0 })
            _victim.IsDamaged = true;
        _victim = null;
        _frameBytes = _offset = 0;
        if (_frame.Length > 2 * options.FrameBytesMax)
            _frame = []; // of a message that was larger than most
    }
}
