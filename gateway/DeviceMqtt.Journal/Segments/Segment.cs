namespace DeviceMqtt.Journal;

/// <summary>One segment file in use.</summary>
internal sealed class Segment(SegmentHeader header, IJournalFile file, long capacity) : IBodyPlace, IDisposable
{
    public long Number => header.Number;

    public uint Salt => header.Salt;

    public long FirstPosition => header.FirstPosition;

    /// <inheritdoc/>
    public int PlaceNumber { get; set; }

    public IJournalFile File { get; } = file;

    /// <summary>Bytes of the file.</summary>
    public long Capacity { get; } = capacity;

    /// <summary>Where the next frame goes.</summary>
    public long End { get; set; } = SegmentHeader.Bytes;

    /// <summary>Of the last record in it.</summary>
    public long LastPosition { get; set; } = header.FirstPosition - 1;

    public int LiveCount { get; set; }

    /// <summary>Of live Bodies, as they would be as copies.</summary>
    public long LiveBytes { get; set; }

    /// <summary>How far the journal was when a Body of this segment was last released: a snapshot must be further before the segment may go.</summary>
    public long LastRelease { get; set; }

    /// <summary>The segment that was just filled is not believed any more: what comes next goes elsewhere.</summary>
    public bool IsClosed { get; set; }

    /// <summary>A frame in it is damaged: its live Bodies stay where they are.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>The medium does not give some of it back: its file is not used again, for to write a part of a sector the rest has to be read.</summary>
    public bool IsWorn { get; set; }

    /// <summary>The record that says that nothing asks for it any more; 0 before.</summary>
    public long GonePosition { get; set; }

    /// <summary>Its file is being renamed or deleted.</summary>
    public bool IsLeaving { get; set; }

    public bool IsGoing => GonePosition != 0;

    /// <summary>What copying its live Bodies away gives back.</summary>
    public long DeadBytes => Capacity - SegmentHeader.Bytes - LiveBytes;

    public bool HasRoomFor(int bytes) => !IsClosed && End + bytes <= Capacity;

    /// <summary>Whether a journal with a snapshot up to this position can do without the segment.</summary>
    public bool IsSuperfluous(long upTo) => LiveCount == 0 && LastPosition <= upTo && LastRelease <= upTo;

    /// <summary>Whether it can go between two snapshots: what said that its Bodies are needed no more is on the disk, or their copies are.</summary>
    public bool IsEmptied(long snapshotUpTo, long durablePosition) => LiveCount == 0 && LastPosition <= snapshotUpTo && LastRelease <= durablePosition;

    /// <summary>
    /// A frame behind the end that was not believed goes on in another segment, and is none here any more. The system may have it in its cache, and the disk not: when the other segment is gone, a start that reads this one
    /// would take it for one that is on the disk, and say so in the next snapshot.
    /// </summary>
    public void ForgetBehindEnd()
    {
        try
        {
            File.Write(End, new byte[FrameHeader.Bytes]);
        }
        catch (IOException)
        {
            IsWorn = true; // the medium is what failed; it is not written on, and its file is not used again
        }
    }

    public void Dispose() => File.Dispose();
}
