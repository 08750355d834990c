namespace DeviceMqtt.Journal;

/// <summary>Makes a sound journal of what can be read of a damaged one, in another folder. The damaged one is not touched.</summary>
public sealed class JournalSalvage(IJournalStorage from, IJournalStorage to, JournalOptions options)
{
    /// <summary>Adds events that came after a state to it; how is the owner's business. Slices that came later are put behind what it returns.</summary>
    /// <param name="state">As the snapshot had it until then; empty without one.</param>
    /// <param name="events">In their order, some perhaps missing.</param>
    public delegate ReadOnlyMemory<byte> AddEvents(ReadOnlyMemory<byte> state, IReadOnlyList<byte[]> events);

    /// <summary>Reads, and writes what was read.</summary>
    /// <returns>What was found, damage included.</returns>
    /// <exception cref="JournalException">A folder is in use, or the new one is not empty.</exception>
    /// <exception cref="IOException">A disk failed or is full.</exception>
    public JournalReport Run(AddEvents addEvents)
    {
        ArgumentNullException.ThrowIfNull(addEvents);
        using IDisposable source = from.Lock();
        using IDisposable target = to.Lock();
        if (to.List().Count > 0)
            throw new JournalException(JournalFault.Damaged, $"the folder '{to.Name}' is not empty");
        // The Bodies may be many times the memory there is: they are read a second time, when they are written. Here is which of several of the same counts.
        Dictionary<long, long> copies = [];
        List<(long Position, byte[] Bytes)> events = [];
        JournalInspector inspector = new(from);
        JournalReport report = inspector.Inspect((in FoundRecord record) =>
        {
            if (record.CopyOf != 0)
                copies[record.CopyOf] = record.Position;
            else if (record.Life == RecordLife.Event && record.Position > inspector.SnapshotUpTo)
                events.Add((record.Position, record.Bytes.ToArray()));
        });
        Queue<(long Position, byte[] Bytes)> later = new(events.OrderBy(e => e.Position));
        ReadOnlyMemory<byte> state = default;
        foreach (SnapshotSlice slice in inspector.Slices)
        {
            if (Take(later, slice.Position) is { Length: > 0 } between)
                state = addEvents(state, between);
            state = (byte[])[.. state.Span, .. slice.State.Span];
        }

        long last = Math.Max(report.LastPosition, inspector.Slices.Count == 0 ? 0 : inspector.Slices[^1].Position);
        Write(copies, addEvents(state, Take(later, long.MaxValue)), last);
        return report;
    }

    private static byte[][] Take(Queue<(long Position, byte[] Bytes)> events, long until)
    {
        List<byte[]> taken = [];
        while (events.TryPeek(out (long Position, byte[] Bytes) next) && next.Position <= until)
            taken.Add(events.Dequeue().Bytes);
        return [.. taken];
    }

    // A snapshot covers the gaps; the Bodies lie behind it as copies, under the positions that the state knows them by.
    private void Write(Dictionary<long, long> copies, ReadOnlyMemory<byte> state, long upTo)
    {
        using SegmentSet segments = new(to, options, new Lock());
        Segment segment = Roll(segments, upTo + 1, 0);
        long position = upTo;
        FrameBuffer frame = new();
        _ = new JournalInspector(from).Inspect((in FoundRecord record) =>
        {
            long known = record.CopyOf != 0 ? record.CopyOf : record.Position;
            if (record.Life != RecordLife.Body || (copies.TryGetValue(known, out long newest) && newest != record.Position))
                return;
            frame.Clear();
            _ = frame.Add(++position, RecordHeader.Copy, record.Bytes, known);
            if (!segment.HasRoomFor(frame.Length))
                segment = Roll(segments, position, frame.Length);
            FrameHeader.Write(frame.Span, position, 1, segment.Salt);
            segment.File.Write(segment.End, frame.Span);
            segment.End += frame.Length;
            segment.LastPosition = position;
        });

        foreach (Segment written in segments.All)
            written.File.Sync();
        if (upTo == 0)
            return;
        string name = FileNames.Snapshot(upTo);
        using (IJournalFile file = to.Create(FileNames.Unfinished(name), 0))
        {
            long offset = 0;
            foreach (ReadOnlyMemory<byte> piece in new SnapshotFile(upTo, [.. segments.All.Select(s => new NeededSegment(s.Number, s.LastPosition))], [new SnapshotSlice(upTo, state)]).Encode())
            {
                file.Write(offset, piece.Span);
                offset += piece.Length;
            }

            file.Sync();
        }

        to.Rename(FileNames.Unfinished(name), name);
        to.SyncNames();
    }

    private Segment Roll(SegmentSet segments, long firstPosition, int frameBytes)
    {
        segments.MeasureDisk();
        return segments.Roll(firstPosition, frameBytes) ?? throw new IOException($"there is no room in '{to.Name}' for what can be read");
    }
}
