using System.Diagnostics;

namespace DeviceMqtt.Journal;

/// <summary>Reads what is in a folder and makes a journal of it. Whatever cannot be explained by a power cut is damage, and is reported as such.</summary>
internal sealed class JournalOpener
{
    private readonly IJournalStorage _storage;
    private readonly JournalOptions _options;
    private readonly IJournalReplay _replay;
    private readonly Dictionary<long, BodyLocation> _bodies = [];
    private readonly SegmentSet _segments;

    // Nearly all segments are of one length.
    private byte[]? _segmentBuffer;
    private long _snapshotUpTo;
    private long _last;
    private long _records;
    private long _bytes;
    private long _eventBytes;
    private long _cutBytes;

    private JournalOpener(IJournalStorage storage, JournalOptions options, IJournalReplay replay, SegmentSet segments)
    {
        _storage = storage;
        _options = options;
        _replay = replay;
        _segments = segments;
    }

    public static RecordJournal Open(IJournalStorage storage, JournalOptions options, IJournalReplay replay, TimeProvider time)
    {
        long began = Stopwatch.GetTimestamp();
        IDisposable folderLock = storage.Lock();
        Lock gate = new();
        SegmentSet segments = new(storage, options, gate);
        JournalOpener opener = new(storage, options, replay, segments);
        try
        {
            opener.ReadAll();
            JournalRecovery recovery = new(segments.All.Count, opener._records, opener._bytes, opener._snapshotUpTo, opener._cutBytes, Stopwatch.GetElapsedTime(began));
            return new RecordJournal(storage, options, segments, opener._bodies, recovery, opener._last, opener._eventBytes, gate, folderLock, time);
        }
        catch
        {
            segments.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    private void ReadAll()
    {
        List<long> numbers = [];
        List<long> snapshots = [];
        foreach (string name in _storage.List().Order(StringComparer.Ordinal))
        {
            if (FileNames.IsUnfinished(name))
                _storage.Delete(name); // it was being made
            else if (FileNames.IsSegment(name, out long number))
                numbers.Add(number);
            else if (FileNames.IsSnapshot(name, out long upTo))
                snapshots.Add(upTo);
            else if (FileNames.IsSpare(name))
                KeepSpare(name);
        }

        if (snapshots.Count > 0)
            ReadSnapshot(snapshots[^1], numbers);
        for (int i = 0; i < numbers.Count; i++)
            ReadSegment(numbers[i], isLast: i == numbers.Count - 1);
        if (_last < _snapshotUpTo)
            throw new JournalException(JournalFault.Damaged, $"the journal ends at record {_last}, before its snapshot of record {_snapshotUpTo}");
        _segments.MeasureDisk();
        // What is read from the cache of a process that was killed may not be on the disk yet.
        _segments.Active?.File.Sync();
        KeepLiveBodies();
    }

    private void KeepSpare(string name)
    {
        using IJournalFile file = _storage.Open(name);
        if (_segments.SpareCount < _options.SparesMax && file.Length == _options.SegmentBytes)
            _segments.AddSpare(name);
        else
            _storage.Delete(name);
    }

    private void ReadSnapshot(long newest, List<long> numbers)
    {
        string name = FileNames.Snapshot(newest);
        byte[] bytes = ReadFile(name);
        (long upTo, long[] needed, ReadOnlyMemory<byte> state) = SnapshotFile.Decode(bytes, name);
        foreach (long number in needed)
            if (!numbers.Contains(number))
                throw new JournalException(JournalFault.Damaged, $"the segment '{FileNames.Segment(number)}' is missing");
        _snapshotUpTo = upTo;
        _segments.SnapshotBytes = bytes.Length;
        _replay.Snapshot(state.Span, upTo);
    }

    private void ReadSegment(long number, bool isLast)
    {
        string name = FileNames.Segment(number);
        byte[] bytes = _segmentBuffer = ReadFile(name, _segmentBuffer);
        SegmentHeader header = SegmentHeader.Read(bytes, name);
        if (header.Number != number)
            throw new JournalException(JournalFault.Damaged, $"'{name}' says that it is segment {header.Number}");
        // What the snapshot covers may have gone; behind it nothing may be missing.
        if (header.FirstPosition > _last + 1 && header.FirstPosition - 1 > _snapshotUpTo)
            throw new JournalException(JournalFault.Damaged, $"the records {Math.Max(_last, _snapshotUpTo) + 1} to {header.FirstPosition - 1} are missing before '{name}'");
        if (header.FirstPosition <= _last)
            throw new JournalException(JournalFault.Damaged, $"'{name}' begins with record {header.FirstPosition}, but there is a record {_last} before it");

        Segment segment = new(header, _storage.Open(name), bytes.Length);
        _segments.AddRecovered(segment);
        SegmentScan scan = new(name, header, bytes);
        scan.Run((long position, in RecordHeader record, int offset, ReadOnlySpan<byte> own) => Take(segment, position, record, offset, own));
        segment.End = scan.End;
        segment.LastPosition = scan.LastPosition;
        _last = scan.LastPosition;
        _bytes += scan.End;
        if (isLast)
            _cutBytes = scan.TornBytes;
    }

    private void Take(Segment segment, long position, in RecordHeader record, int offset, ReadOnlySpan<byte> own)
    {
        _records++;
        if (record.IsBody)
            _bodies[record.Life == RecordHeader.Copy ? record.CopyOf : position] = new BodyLocation(segment, offset, record.Length) { Crc = record.Crc };
        if (position <= _snapshotUpTo || record.Life == RecordHeader.Copy)
            return;
        if (!record.IsBody)
            _eventBytes += record.Bytes + record.Length;
        _replay.Record(position, (RecordLife)record.Life, own);
    }

    private void KeepLiveBodies()
    {
        foreach ((long position, BodyLocation body) in _bodies)
        {
            if (!_replay.IsLive(position))
            {
                _ = _bodies.Remove(position);
                continue;
            }

            body.Segment!.LiveCount++;
            body.Segment.LiveBytes += body.Length;
        }

        // Which of the others were released after the snapshot is not known: the next snapshot settles it.
        foreach (Segment segment in _segments.All)
            segment.LastRelease = _last;
    }

    private byte[] ReadFile(string name, byte[]? used = null)
    {
        using IJournalFile file = _storage.Open(name);
        byte[] bytes = used?.Length == file.Length ? used : new byte[file.Length];
        int read = file.Read(0, bytes);
        return read == bytes.Length ? bytes : throw new IOException($"'{name}' has {bytes.Length} bytes, of which {read} could be read");
    }
}
