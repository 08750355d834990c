namespace DeviceMqtt.Journal;

/// <summary>Where a live Body lies: in a frame that is not written yet, or in a segment. There may be millions, so it is small.</summary>
internal sealed class BodyLocation(object place, int offset, int length)
{
    private object? _place = place;

    /// <summary>Null once the frame is written, or the Body released.</summary>
    public FrameBuffer? Frame => _place as FrameBuffer;

    /// <summary>Null until the frame is written.</summary>
    public Segment? Segment => _place as Segment;

    /// <summary>Of the record's own bytes, in the frame or in the segment's file.</summary>
    public int Offset { get; private set; } = offset;

    public int Length { get; } = length;

    /// <summary>What it takes where it is copied to.</summary>
    public int CopyBytes => RecordHeader.CopyBytes + Length;

    /// <summary>How many need it. A Body of a recovery begins with none.</summary>
    public int Holders { get; set; }

    /// <summary>Of the record's bytes.</summary>
    public uint Crc { get; init; }

    /// <summary>The frame is in a segment now.</summary>
    public void MoveTo(Segment segment, long frameOffset)
    {
        _place = segment;
        Offset += (int)frameOffset;
    }

    /// <summary>Nobody needs it any more.</summary>
    public void Leave() => _place = null;
}
