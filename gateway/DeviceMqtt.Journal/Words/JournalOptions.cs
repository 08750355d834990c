namespace DeviceMqtt.Journal;

/// <summary>Bounds and times of a journal.</summary>
public sealed record JournalOptions
{
    // Shown by LiveShareTests, with the other bound for journals of 8 segments and more.
    private const int LivePercent = 75;

    /// <summary>Bytes of all files together, at least four segments. 256 MB: a week of a busy house, and no SD card is smaller than 8 GB.</summary>
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>
    /// Bytes that may live in a journal, whatever their pattern: three quarters. In a small one less: the segment that only copies may use, the reserve, the one whose place the snapshots take and the one that is written (half of it) are a larger part of
    /// it, and of the others an eighth is dead before copies make room.
    /// </summary>
    /// <param name="bytes">Of all its files.</param>
    /// <param name="segmentBytes">Of a segment; 0 for one that is not known.</param>
    public static long LiveBytesWithin(long bytes, int segmentBytes) =>
        Math.Max(0, Math.Min(bytes / 100 * LivePercent, ((2 * bytes) - (7L * segmentBytes)) / 16 * 7));

    /// <summary>Bytes that stay free on the disk for others.</summary>
    public long FreeFloorBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Bytes that only reserve appends may use: acknowledgements and drops, which make room. One segment. In a journal of fewer than eight segments copies use three quarters of it for a moment.</summary>
    public long ReserveBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>Bytes of a segment file. 4 MB: zero-filled in well under a second on a slow SD card.</summary>
    public int SegmentBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Empty segments that are kept for use: the next two can be had without asking the disk for room. With 0 none is kept at all.</summary>
    public int SparesMax { get; init; } = 2;

    /// <summary>
    /// Of <see cref="BytesMax"/>, in percent: so much of the segments that a backlog has left is kept beyond <see cref="SparesMax"/>, where the disk has more than the floor, so that the next backlog does not
    /// write zeros first. They go before anything else is short of room. Chosen: half; what is beyond is written twice.
    /// </summary>
    public int SurplusPercentMax { get; init; } = 50;

    /// <summary>Bytes of the largest record.</summary>
    public int RecordBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Bytes of a frame beyond which the next record begins another. Chosen: a frame takes a tenth of a second on the slowest SD card.</summary>
    public int FrameBytesMax { get; init; } = 1024 * 1024;

    /// <summary>The longest that a record waits for its frame when nobody asked for a commit.</summary>
    public TimeSpan LazyMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>While a frame finds no room on the disk it is tried again so often.</summary>
    public TimeSpan RetryWhenFull { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of events after which a snapshot is due: one segment of them is replayed in a few milliseconds.</summary>
    public long SnapshotAfterBytes { get; init; } = 8L * 1024 * 1024;
}
