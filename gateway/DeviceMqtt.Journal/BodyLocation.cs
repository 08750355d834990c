namespace DeviceMqtt.Journal;

/// <summary>Where a live Body lies: in a frame that is not written yet, or in a segment.</summary>
internal sealed class BodyLocation(FrameBuffer? frame, int offset, int length)
{
    /// <summary>Null once the frame is written.</summary>
    public FrameBuffer? Frame { get; set; } = frame;

    /// <summary>Null until the frame is written.</summary>
    public Segment? Segment { get; set; }

    /// <summary>Of the record's own bytes, in the frame or in the segment's file.</summary>
    public long Offset { get; set; } = offset;

    public int Length { get; } = length;

    /// <summary>How many need it. A Body of a recovery begins with none.</summary>
    public int Holders { get; set; }

    /// <summary>Of the record's bytes.</summary>
    public uint Crc { get; init; }
}
