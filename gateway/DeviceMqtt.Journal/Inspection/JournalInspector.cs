namespace DeviceMqtt.Journal;

/// <summary>
/// Looks at a folder without opening it as a journal: nothing is changed, damage is written down and read past. For
/// operators, and for <see cref="JournalSalvage"/>.
/// </summary>
public sealed class JournalInspector(IJournalStorage storage)
{
    /// <summary>Is shown each record that is sound.</summary>
    public delegate void OnRecord(in FoundRecord record);

    /// <summary>The state of the newest sound snapshot, its slices one behind the other; empty without one. After <see cref="Inspect"/>.</summary>
    public ReadOnlyMemory<byte> SnapshotState { get; private set; }

    /// <summary>The slices of the newest sound snapshot. After <see cref="Inspect"/>.</summary>
    internal IReadOnlyList<SnapshotSlice> Slices { get; private set; } = [];

    /// <summary>Up to where the newest sound snapshot goes; 0 without one. Known before the first record is shown.</summary>
    internal long SnapshotUpTo { get; private set; }

    /// <summary>Reads everything, and tells slices and events that are sound in the order in which they were made, as an open would.</summary>
    /// <param name="replay">Is not told of Bodies, nor asked whether they are live.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public JournalReport Replay(IJournalReplay replay)
    {
        ArgumentNullException.ThrowIfNull(replay);
        List<(long Position, byte[] Bytes)> events = [];
        JournalReport report = Inspect((in FoundRecord record) =>
        {
            if (record.Life == RecordLife.Event && record.Position > SnapshotUpTo)
                events.Add((record.Position, record.Bytes.ToArray()));
        });
        int told = 0;
        foreach ((long position, byte[] bytes) in events.OrderBy(e => e.Position))
        {
            for (; told < Slices.Count && Slices[told].Position < position; told++)
                replay.Snapshot(Slices[told].State.Span, Slices[told].Position);
            replay.Record(position, RecordLife.Event, bytes);
        }

        foreach (SnapshotSlice slice in Slices.Skip(told))
            replay.Snapshot(slice.State.Span, slice.Position);
        return report;
    }

    /// <summary>Reads everything.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public JournalReport Inspect(OnRecord? onRecord = null)
    {
        List<string> damage = [];
        string[] names = [.. storage.List().Order(StringComparer.Ordinal)];
        (long LastPosition, IReadOnlyList<NeededSegment> Segments)? snapshot = ReadSnapshot(names, damage);
        long upTo = SnapshotUpTo;
        HashSet<long> gone = [];
        List<SegmentReport> segments = [];
        long last = 0;
        string[] files = [.. names.Where(n => FileNames.IsSegment(n, out _))];
        for (int i = 0; i < files.Length; i++)
        {
            string name = files[i];
            SegmentReport segment = new LenientScan(name, ReadFile(name, damage), FirstBehind(files, i), gone).Run(onRecord);
            segments.Add(segment);
            damage.AddRange(segment.Damage);
            if (segment.FirstPosition > last + 1 && segment.FirstPosition - 1 > upTo)
                damage.Add($"the records {Math.Max(last, upTo) + 1} to {segment.FirstPosition - 1} are missing before '{name}'");
            last = Math.Max(last, segment.LastPosition);
        }

        foreach (NeededSegment needed in snapshot?.Segments ?? [])
        {
            string name = FileNames.Segment(needed.Number);
            if (gone.Contains(needed.Number))
                continue;
            if (segments.Find(s => s.Name == name) is not { } found)
                damage.Add($"the segment '{name}' is missing");
            else if (found.LastPosition < needed.LastPosition && !segments.Exists(s => s.FirstPosition == found.LastPosition + 1))
                damage.Add($"'{name}' is damaged: the records {found.LastPosition + 1} to {needed.LastPosition} were in it");
        }

        if (last < snapshot?.LastPosition)
            damage.Add($"the journal ends at record {last}, before its snapshot of record {snapshot.Value.LastPosition}");
        return new JournalReport(segments, upTo, SnapshotState.Length, damage);
    }

    // The newest that can be read; an older one is better than none to whoever salvages.
    private (long LastPosition, IReadOnlyList<NeededSegment> Segments)? ReadSnapshot(string[] names, List<string> damage)
    {
        foreach (string name in names.Where(n => FileNames.IsSnapshot(n, out _)).OrderDescending(StringComparer.Ordinal))
        {
            try
            {
                byte[] bytes = ReadFile(name, damage);
                using SnapshotReader snapshot = new(new ReadBefore(bytes), name);
                byte[] state = new byte[bytes.Length];
                int stateBytes = 0;
                List<SnapshotSlice> slices = [];
                while (snapshot.NextPosition is { } position)
                {
                    ReadOnlySpan<byte> slice = snapshot.Take();
                    slices.Add(new SnapshotSlice(position, state.AsMemory(stateBytes, slice.Length)));
                    slice.CopyTo(state.AsSpan(stateBytes));
                    stateBytes += slice.Length;
                }

                (SnapshotUpTo, Slices, SnapshotState) = (snapshot.UpTo, slices, state.AsMemory(0, stateBytes));
                return (snapshot.LastPosition, snapshot.Segments);
            }
            catch (JournalException exception)
            {
                damage.Add(exception.Message);
            }
        }

        return null;
    }

    // The first record of the segments behind: a frame that was moved there does not count here.
    private long FirstBehind(string[] files, int index)
    {
        long first = long.MaxValue;
        foreach (string name in files[(index + 1)..])
        {
            using IJournalFile file = storage.Open(name);
            byte[] bytes = new byte[SegmentHeader.Bytes];
            if (ReadAround.Read(file, 0, bytes, []) == bytes.Length && SegmentHeader.TryRead(bytes, out SegmentHeader header))
                first = Math.Min(first, header.FirstPosition);
        }

        return first;
    }

    private byte[] ReadFile(string name, List<string> damage)
    {
        using IJournalFile file = storage.Open(name);
        byte[] bytes = new byte[file.Length];
        List<Unreadable> gaps = [];
        int read = ReadAround.Read(file, 0, bytes, gaps);
        foreach (Unreadable gap in gaps)
            damage.Add($"'{name}' cannot be read at byte {gap.Offset}: {gap.Bytes} bytes ({gap.Why})");
        return bytes[..read];
    }

    // What cannot be read of it is in the report already.
    private sealed class ReadBefore(byte[] bytes) : IJournalFile
    {
        public long Length => bytes.Length;

        public int Read(long offset, Span<byte> into)
        {
            ReadOnlySpan<byte> there = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
            there = there[..Math.Min(there.Length, into.Length)];
            there.CopyTo(into);
            return there.Length;
        }

        public void Write(long offset, ReadOnlySpan<byte> written) => throw new NotSupportedException();

        public void Sync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
