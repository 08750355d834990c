namespace DeviceMqtt.Journal;

/// <summary>One segment file in use.</summary>
internal sealed class Segment(SegmentHeader header, IJournalFile file, long capacity) : IDisposable
{
    public long Number => header.Number;

    public uint Salt => header.Salt;

    public long FirstPosition => header.FirstPosition;

    public IJournalFile File { get; } = file;

    /// <summary>Bytes of the file.</summary>
    public long Capacity { get; } = capacity;

    /// <summary>Where the next frame goes.</summary>
    public long End { get; set; } = SegmentHeader.Bytes;

    /// <summary>Of the last record in it.</summary>
    public long LastPosition { get; set; } = header.FirstPosition - 1;

    public int LiveCount { get; set; }

    public long LiveBytes { get; set; }

    /// <summary>How far the journal was when a Body of this segment was last released: a snapshot must be further before the segment may go.</summary>
    public long LastRelease { get; set; }

    public bool HasRoomFor(int bytes) => End + bytes <= Capacity;

    /// <summary>Whether a journal with a snapshot up to this position can do without the segment.</summary>
    public bool IsSuperfluous(long upTo) => LiveCount == 0 && LastPosition <= upTo && LastRelease <= upTo;

    public void Dispose() => File.Dispose();
}
