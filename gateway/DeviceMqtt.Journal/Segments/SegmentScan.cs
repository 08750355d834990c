namespace DeviceMqtt.Journal;

/// <summary>
/// Walks the frames of one segment as they lie on the disk, and tells at their end whether something is amiss.
/// </summary>
/// <param name="file">Its name.</param>
/// <param name="header">Its header.</param>
/// <param name="bytes">All of it.</param>
/// <param name="before">The first record that a later segment has: the frame that begins with it does not count here.</param>
/// <param name="unreadable">What of it the medium did not give back, where there are zeros; null for nothing.</param>
internal sealed class SegmentScan(string file, SegmentHeader header, byte[] bytes, long before = long.MaxValue, IReadOnlyList<Unreadable>? unreadable = null)
{
    public delegate void OnRecord(long position, in RecordHeader record, int offset, ReadOnlySpan<byte> own);

    /// <summary>Where the next frame would begin.</summary>
    public int End { get; private set; } = SegmentHeader.Bytes;

    public long LastPosition { get; private set; } = header.FirstPosition - 1;

    /// <summary>Where the last frame begins; 0 without one.</summary>
    public int LastFrame { get; private set; }

    /// <summary>There is a sound frame that a later segment has anew.</summary>
    public bool HasMovedFrame { get; private set; }

    /// <summary>Bytes of a frame at the end that was not written completely.</summary>
    public int TornBytes { get; private set; }

    /// <exception cref="JournalException">A bad frame has a good one behind it, or cannot be read.</exception>
    public void Run(OnRecord onRecord)
    {
        while (TryReadFrame(End, LastPosition + 1, out FrameHeader frame))
        {
            if (frame.FirstPosition == before)
            {
                HasMovedFrame = true;
                break;
            }

            LastFrame = End;
            ReadRecords(frame, onRecord);
            LastPosition += frame.Count;
            End += FrameHeader.Bytes + frame.Length;
        }

        if (new FrameSearch(bytes).Find(End + 1, header.Salt, (LastPosition + 1, End), before, out _) is { } behind)
            throw new JournalException(JournalFault.Damaged, $"'{file}' is damaged at byte {End}: there is a sound frame behind it, at byte {behind}");
        // A power cut leaves no sector that cannot be read. So what is there may have been acknowledged.
        long mayReach = End + FrameHeader.Bytes + (FrameHeader.TryRead(bytes.AsSpan(End), out FrameHeader begun) && begun.FirstPosition == LastPosition + 1 ? begun.Length : 0);
        foreach (Unreadable gap in unreadable ?? [])
        {
            if (HasMovedFrame || gap.Offset >= mayReach || End >= gap.End)
                continue;
            if (LastPosition + 1 != before)
                throw new JournalException(JournalFault.Damaged, $"'{file}' is damaged at byte {End}: {gap.Bytes} bytes from byte {gap.Offset} on cannot be read ({gap.Why})");
            HasMovedFrame = true; // the next segment begins with what would be here: the medium under it was not trusted when it was moved
        }

        if (!HasMovedFrame && FrameHeader.TryRead(bytes.AsSpan(End), out FrameHeader torn) && torn.FirstPosition == LastPosition + 1)
            TornBytes = FrameHeader.Bytes + torn.Length;
    }

    private bool TryReadFrame(int offset, long position, out FrameHeader frame) =>
        FrameHeader.TryRead(bytes.AsSpan(offset), out frame) && frame.FirstPosition == position && frame.Fits(bytes.AsSpan(offset), header.Salt);

    private void ReadRecords(in FrameHeader frame, OnRecord onRecord)
    {
        int offset = End + FrameHeader.Bytes;
        int end = offset + frame.Length;
        for (int i = 0; i < frame.Count; i++)
        {
            if (!RecordHeader.TryRead(bytes.AsSpan(offset, end - offset), out RecordHeader record))
                throw new JournalException(JournalFault.Damaged, $"'{file}' has a frame at byte {End} whose record {i + 1} of {frame.Count} does not fit");
            int own = offset + record.Bytes;
            onRecord(frame.FirstPosition + i, record, own, bytes.AsSpan(own, record.Length));
            offset = own + record.Length;
        }

        if (offset != end)
            throw new JournalException(JournalFault.Damaged, $"'{file}' has a frame at byte {End} with {end - offset} bytes behind its last record");
    }
}
