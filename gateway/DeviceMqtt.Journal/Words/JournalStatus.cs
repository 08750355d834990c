namespace DeviceMqtt.Journal;

/// <summary>How a journal fares.</summary>
/// <param name="BytesUsed">Bytes of all its files that count: without <see cref="SurplusBytes"/>.</param>
/// <param name="BytesMax">Its cap.</param>
/// <param name="LiveBytes">Bytes of Bodies that are not released, with their headers.</param>
/// <param name="Segments">Segments in use.</param>
/// <param name="Spares">Empty ones.</param>
/// <param name="Frames">Frames written since the open.</param>
/// <param name="Records">Records appended since the open.</param>
/// <param name="SyncMs">Milliseconds of a sync, a running average.</param>
/// <param name="Snapshots">Snapshots written since the open.</param>
/// <param name="Compacted">Records copied forward since the open.</param>
/// <param name="IsFull">An ordinary append would be refused.</param>
/// <param name="IsFailed">Nothing will be durable any more.</param>
/// <param name="AcceptedBytes">Bytes of the owner's records since the open, with their headers.</param>
/// <param name="CompactedBytes">Bytes of the copies made since the open, with their headers: what room for the others has cost.</param>
/// <param name="SnapshotBytes">Bytes of the snapshots that are kept, part of <paramref name="BytesUsed"/>.</param>
/// <param name="Damaged">What was wanted since the open and the disk did not give back as it was written.</param>
/// <param name="PreparedBytes">Bytes of zeros that were written into new files since the open, and that no frame has taken yet: the disk was given them, but they say nothing of what a day brings.</param>
public readonly record struct JournalStatus(
    long BytesUsed, long BytesMax, long LiveBytes, int Segments, int Spares, long Frames, long Records, double SyncMs, long Snapshots, long Compacted, bool IsFull, bool IsFailed,
    long AcceptedBytes, long CompactedBytes, long SnapshotBytes, long Damaged, long PreparedBytes)
{
    /// <summary>Bytes that its files may come to have: its cap, or what the disk has for them, down to the floor of free space.</summary>
    public long BytesAttainable { get; init; }

    /// <summary>Bytes of empty segments that a backlog has left. They are room: they go before anything is short of it.</summary>
    public long SurplusBytes { get; init; }

    /// <summary>Bytes of a segment; 0 where that is not known.</summary>
    public int SegmentBytes { get; init; }

    /// <summary>What may live in them.</summary>
    public long LiveBytesMax => JournalOptions.LiveBytesWithin(BytesAttainable, SegmentBytes);

    /// <summary>The disk has less than the cap.</summary>
    public bool IsHeldByDisk => BytesAttainable < BytesMax;
}
