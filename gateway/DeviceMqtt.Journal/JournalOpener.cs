using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>Reads what is in a folder and makes a journal of it. Whatever cannot be explained by a power cut is damage, and is reported as such.</summary>
internal sealed class JournalOpener : IDisposable
{
    private readonly IJournalStorage _storage;
    private readonly JournalOptions _options;
    private readonly IJournalReplay _replay;
    private readonly BodyTable _bodies = new();
    private readonly SegmentSet _segments;

    // Nearly all segments are of one length.
    private byte[]? _segmentBuffer;
    private SnapshotReader? _snapshot;
    private readonly HashSet<long> _gone = [];
    private int _lastFrame;
    private readonly HashSet<long> _movedFrames = []; // by their first record: each failed sync moves one
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

    public static OpenedJournal Open(IJournalStorage storage, JournalOptions options, IJournalReplay replay)
    {
        long began = Stopwatch.GetTimestamp();
        IDisposable folderLock = storage.Lock();
        Lock gate = new();
        SegmentSet segments = new(storage, options, gate);
        using JournalOpener opener = new(storage, options, replay, segments);
        try
        {
            opener.ReadAll();
            JournalRecovery recovery = new(segments.All.Count, opener._records, opener._bytes, opener.SnapshotUpTo, opener._cutBytes, Stopwatch.GetElapsedTime(began));
            return new OpenedJournal(segments, opener._bodies, recovery, opener._last, opener._eventBytes, folderLock) { Gate = gate };
        }
        catch
        {
            segments.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>What was read is not needed any more.</summary>
    public void Dispose() => _snapshot?.Dispose();

    private long SnapshotUpTo => _snapshot?.UpTo ?? 0;

    private void ReadAll()
    {
        List<long> numbers = [];
        List<long> snapshots = [];
        bool isDistrusted = false;
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
            isDistrusted |= name == FileNames.Distrusted;
        }

        // A name that a killed process changed may be in the cache of the system alone.
        _storage.SyncNames();
        if (snapshots.Count > 0)
            ReadSnapshot(snapshots);
        ReadSegments(numbers);
        TellSlices(long.MaxValue);
        CheckNothingIsMissing();
        _segments.MeasureDisk();
        _segments.DropTooMuch(); // the cap may be another one by now
        SecureTail(isDistrusted);
        KeepLiveBodies();
    }

    private void KeepSpare(string name)
    {
        using IJournalFile file = _storage.Open(name);
        if (_segments.CanKeepSpare && file.Length == _options.SegmentBytes)
            _segments.AddSpare(name);
        else
            _storage.Delete(name);
    }

    private void ReadSnapshot(List<long> all)
    {
        string name = FileNames.Snapshot(all[^1]);
        IJournalFile newest = _storage.Open(name);
        try
        {
            _snapshot = new SnapshotReader(newest, name);
        }
        catch
        {
            newest.Dispose();
            throw;
        }

        List<(long, long)> kept = [];
        foreach (long upTo in all)
            using (IJournalFile file = _storage.Open(FileNames.Snapshot(upTo)))
                kept.Add((upTo, file.Length));
        _segments.Snapshots = kept;
        // A whole state comes before all records; slices that were made later come where they were made.
        TellSlices(_snapshot.UpTo + 1);
    }

    // The owner gets slices and records in the order in which they were made.
    private void TellSlices(long beforePosition)
    {
        while (_snapshot?.NextPosition is { } position && position < beforePosition)
            _replay.Snapshot(_snapshot.Take(), position);
    }

    private void ReadSegments(List<long> numbers)
    {
        // A frame that was not believed was moved to a later segment, which then begins with a record that one before has too.
        SegmentHeader[] headers = new SegmentHeader[numbers.Count];
        for (int i = 0; i < headers.Length; i++)
            headers[i] = ReadHeader(numbers[i]);
        long[] before = new long[headers.Length];
        long next = long.MaxValue;
        for (int i = headers.Length - 1; i >= 0; i--)
        {
            before[i] = next;
            next = Math.Min(next, headers[i].FirstPosition);
        }

        for (int i = 0; i < headers.Length; i++)
            ReadSegment(headers[i], before[i], isNextNumber: i > 0 && numbers[i - 1] == numbers[i] - 1, isLast: i == headers.Length - 1);
    }

    private SegmentHeader ReadHeader(long number)
    {
        string name = FileNames.Segment(number);
        byte[] bytes = new byte[SegmentHeader.Bytes];
        using IJournalFile file = _storage.Open(name);
        List<Unreadable> unreadable = [];
        int read = ReadAround.Read(file, 0, bytes, unreadable);
        if (unreadable.Count > 0)
            throw new JournalException(JournalFault.Damaged, $"'{name}' is damaged at byte 0: its header cannot be read ({unreadable[0].Why})");
        SegmentHeader header = SegmentHeader.Read(bytes.AsSpan(0, read), name);
        return header.Number == number ? header : throw new JournalException(JournalFault.Damaged, $"'{name}' says that it is segment {header.Number}");
    }

    private void ReadSegment(in SegmentHeader header, long before, bool isNextNumber, bool isLast)
    {
        string name = FileNames.Segment(header.Number);
        List<Unreadable> unreadable = [];
        byte[] bytes = _segmentBuffer = ReadFile(name, unreadable, _segmentBuffer);
        // What the snapshot covers may have gone, with its segment; between two that follow each other nothing may be missing.
        if (header.FirstPosition > _last + 1 && (header.FirstPosition - 1 > SnapshotUpTo || isNextNumber))
            throw new JournalException(JournalFault.Damaged, $"the records {(isNextNumber ? _last : Math.Max(_last, SnapshotUpTo)) + 1} to {header.FirstPosition - 1} are missing before '{name}'");
        if (header.FirstPosition <= _last)
            throw new JournalException(JournalFault.Damaged, $"'{name}' begins with record {header.FirstPosition}, but there is a record {_last} before it");

        Segment segment = new(header, _storage.Open(name), bytes.Length) { IsWorn = unreadable.Count > 0 };
        _segments.AddRecovered(segment);
        SegmentScan scan = new(name, header, bytes, before, unreadable);
        scan.Run((long position, in RecordHeader record, int offset, ReadOnlySpan<byte> own) => Take(segment, position, record, offset, own));
        segment.End = scan.End;
        segment.LastPosition = scan.LastPosition;
        _last = scan.LastPosition;
        _lastFrame = scan.LastFrame;
        _bytes += scan.End;
        if (scan.HasMovedFrame)
            _ = _movedFrames.Add(before);
        if (isLast)
            _cutBytes = scan.TornBytes;
    }

    private void CheckNothingIsMissing()
    {
        foreach (long moved in _movedFrames)
            if (_last < moved)
                throw new JournalException(JournalFault.Damaged, $"the journal ends at record {_last}, but the frame that begins with record {moved} was moved");
        if (_snapshot is null)
            return;
        if (_last < _snapshot.LastPosition)
            throw new JournalException(JournalFault.Damaged, $"the journal ends at record {_last}, before its snapshot of record {_snapshot.LastPosition}");
        Dictionary<long, Segment> present = _segments.All.ToDictionary(s => s.Number);
        foreach (NeededSegment needed in _snapshot.Segments)
        {
            string name = FileNames.Segment(needed.Number);
            if (_gone.Contains(needed.Number))
                continue;
            if (!present.TryGetValue(needed.Number, out Segment? segment))
                throw new JournalException(JournalFault.Damaged, $"the segment '{name}' is missing");
            // A frame that was moved is where another segment begins, and its old place was written over.
            if (segment.LastPosition < needed.LastPosition && !present.Values.Any(other => other.FirstPosition == segment.LastPosition + 1))
                throw new JournalException(JournalFault.Damaged, $"'{name}' is damaged at byte {segment.End}: the records {segment.LastPosition + 1} to {needed.LastPosition} were in it");
        }
    }

    /// <summary>
    /// The last frame may be in the cache of the system alone: after a sync that failed, or that a kill came before, pages
    /// can count as written that no later sync writes. It is written once more, so that they have to be. When a write or a
    /// sync has failed, it goes to another segment: the medium under this one may be what failed.
    /// </summary>
    private void SecureTail(bool isDistrusted)
    {
        if (_segments.Active is not { } tail)
            return;
        // Nor is one written on of which a part cannot be read: the kernel reads a page before it changes a part of it.
        bool isLeft = isDistrusted || tail.IsWorn;
        if (_lastFrame == 0)
        {
            tail.IsClosed = isLeft;
        }
        else
        {
            Span<byte> frame = _segmentBuffer.AsSpan(_lastFrame, (int)tail.End - _lastFrame);
            // A copy moves: it is sealed for the other segment, and where there is none the frame as it was has to stay.
            if (!isLeft || !TryMove(tail, frame.ToArray()))
            {
                tail.File.Write(_lastFrame, frame);
                tail.File.Sync();
            }

            tail.IsClosed |= tail.IsWorn;
        }

        if (isDistrusted)
            _storage.Delete(FileNames.Distrusted);
    }

    /// <returns>False when there is no room for another segment: the old place has to do.</returns>
    private bool TryMove(Segment tail, Span<byte> frame)
    {
        if (!FrameHeader.TryRead(frame, out FrameHeader header))
            throw new InvalidOperationException("a frame that was sound is none");
        if (_segments.Roll(header.FirstPosition, frame.Length, frame, header.Count) is not { } fresh)
            return false;
        fresh.End = SegmentHeader.Bytes + frame.Length;
        fresh.LastPosition = header.FirstPosition + header.Count - 1;
        tail.LastPosition = header.FirstPosition - 1;
        tail.End = _lastFrame;
        tail.ForgetBehindEnd();
        int offset = FrameHeader.Bytes;
        for (int i = 0; i < header.Count; i++)
        {
            _ = RecordHeader.TryRead(frame[offset..], out RecordHeader record);
            offset += record.Bytes;
            if (record.IsBody)
                _bodies.Set(record.Life == RecordHeader.Copy ? record.CopyOf : header.FirstPosition + i, fresh, SegmentHeader.Bytes + offset, record.Length, record.Crc, holders: 0);
            offset += record.Length;
        }

        return true;
    }

    private void Take(Segment segment, long position, in RecordHeader record, int offset, ReadOnlySpan<byte> own)
    {
        _records++;
        TellSlices(position);
        if (record.Life == RecordHeader.Gone)
        {
            foreach (long number in MemoryMarshal.Cast<byte, long>(own))
                _ = _gone.Add(number);
            return;
        }

        if (record.IsBody)
            _bodies.Set(record.Life == RecordHeader.Copy ? record.CopyOf : position, segment, offset, record.Length, record.Crc, holders: 0);
        if (position <= SnapshotUpTo || record.Life == RecordHeader.Copy)
            return;
        if (!record.IsBody)
            _eventBytes += record.Bytes + record.Length;
        _replay.Record(position, (RecordLife)record.Life, own);
    }

    private void KeepLiveBodies()
    {
        foreach (long position in _bodies.Positions)
        {
            if (!_replay.IsLive(position))
            {
                _ = _bodies.Remove(position);
                continue;
            }

            ref BodyLocation body = ref _bodies.Find(position);
            Segment segment = (Segment)_bodies.PlaceOf(body);
            segment.LiveCount++;
            segment.LiveBytes += body.CopyBytes;
        }

        // Which of the others were released after the snapshot is not known; whatever did it is durable by now.
        foreach (Segment segment in _segments.All)
            segment.LastRelease = _last;
    }

    private byte[] ReadFile(string name, List<Unreadable> unreadable, byte[]? used)
    {
        using IJournalFile file = _storage.Open(name);
        byte[] bytes = used?.Length == file.Length ? used : new byte[file.Length];
        int read = ReadAround.Read(file, 0, bytes, unreadable);
        return read == bytes.Length ? bytes : throw new IOException($"'{name}' has {bytes.Length} bytes, of which {read} could be read");
    }
}
