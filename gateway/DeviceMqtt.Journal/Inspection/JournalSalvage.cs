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
        SortedDictionary<long, byte[]> bodies = [];
        List<(long Position, byte[] Bytes)> events = [];
        JournalInspector inspector = new(from);
        JournalReport report = inspector.Inspect((in FoundRecord record) =>
        {
            if (record.Life == RecordLife.Body)
                bodies[record.CopyOf != 0 ? record.CopyOf : record.Position] = record.Bytes.ToArray();
            else
                events.Add((record.Position, record.Bytes.ToArray()));
        });
        Queue<(long Position, byte[] Bytes)> later = new(events.Where(e => e.Position > report.SnapshotPosition).OrderBy(e => e.Position));
        ReadOnlyMemory<byte> state = default;
        foreach (SnapshotSlice slice in inspector.Slices)
        {
            if (Take(later, slice.Position) is { Length: > 0 } between)
                state = addEvents(state, between);
            state = (byte[])[.. state.Span, .. slice.State.Span];
        }

        long last = Math.Max(report.LastPosition, inspector.Slices.Count == 0 ? 0 : inspector.Slices[^1].Position);
        Write(bodies, addEvents(state, Take(later, long.MaxValue)), last);
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
    private void Write(SortedDictionary<long, byte[]> bodies, ReadOnlyMemory<byte> state, long upTo)
    {
        using SegmentSet segments = new(to, options, new Lock());
        Segment segment = Roll(segments, upTo + 1, 0);
        long position = upTo;
        foreach ((long known, byte[] body) in bodies)
        {
            FrameBuffer frame = new();
            _ = frame.Add(++position, RecordHeader.Copy, body, known);
            if (!segment.HasRoomFor(frame.Length))
                segment = Roll(segments, position, frame.Length);
            FrameHeader.Write(frame.Span, position, 1, segment.Salt);
            segment.File.Write(segment.End, frame.Span);
            segment.End += frame.Length;
            segment.LastPosition = position;
        }

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
