using System.Buffers.Binary;

namespace DeviceMqtt.Journal;

/// <summary>
/// The owner's state, in slices that are each of a position, with the segments that are still needed beside it.
/// <code>
/// +------------+---------+-----+-------+-------+----------+-------------------------+--------------------------------
/// | "DMQJSNP1" | version | CRC | up to | last  | number of| number, last position   | position, length, bytes
/// | 8          | 4       | 4   | 8     | 8     | segments 4| 8 + 8 for each segment | 8 + 4 + length for each slice
/// +------------+---------+-----+-------+-------+----------+-------------------------+--------------------------------
/// CRC: over everything behind it
/// up to: events until there are superfluous; last: the position of the last slice
/// </code>
/// Version 1 has neither last nor last positions, and one slice without a header, of the position "up to".
/// </summary>
internal sealed record SnapshotFile(long UpTo, IReadOnlyList<NeededSegment> Segments, IReadOnlyList<SnapshotSlice> Slices)
{
    public const uint Version = 2;
    private const uint FirstVersion = 1;
    private const ulong Magic = 0x3150_4E53_4A51_4D44; // "DMQJSNP1"
    private const int CrcOffset = 12;
    public const int BodyOffset = 16;
    private const int CountOffset = BodyOffset + (2 * sizeof(long));
    private const int SegmentsOffset = CountOffset + sizeof(int);
    private const int SegmentBytes = 2 * sizeof(long);
    private const int SliceHeaderBytes = sizeof(long) + sizeof(int);

    /// <summary>The state is not complete before this record.</summary>
    public long LastPosition => Slices.Count == 0 ? UpTo : Slices[^1].Position;

    /// <summary>The file in pieces, to be written one behind the other: the state may be large, and is not copied.</summary>
    public List<ReadOnlyMemory<byte>> Encode()
    {
        byte[] head = new byte[SegmentsOffset + (Segments.Count * SegmentBytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(BodyOffset), UpTo);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(BodyOffset + sizeof(long)), LastPosition);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(CountOffset), Segments.Count);
        for (int i = 0; i < Segments.Count; i++)
        {
            Span<byte> segment = head.AsSpan(SegmentsOffset + (i * SegmentBytes));
            BinaryPrimitives.WriteInt64LittleEndian(segment, Segments[i].Number);
            BinaryPrimitives.WriteInt64LittleEndian(segment[sizeof(long)..], Segments[i].LastPosition);
        }

        List<ReadOnlyMemory<byte>> pieces = [head];
        foreach (SnapshotSlice slice in Slices)
        {
            byte[] header = new byte[SliceHeaderBytes];
            BinaryPrimitives.WriteInt64LittleEndian(header, slice.Position);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(sizeof(long)), slice.State.Length);
            pieces.Add(header);
            pieces.Add(slice.State);
        }

        uint crc = Crc32C.Compute(0, head.AsSpan(BodyOffset));
        foreach (ReadOnlyMemory<byte> piece in pieces.Skip(1))
            crc = Crc32C.Compute(crc, piece.Span);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(CrcOffset), crc);
        return pieces;
    }

    /// <summary>It begins like one.</summary>
    /// <param name="start">Of the file: at least <see cref="BodyOffset"/> bytes, also below.</param>
    public static bool IsSnapshot(ReadOnlySpan<byte> start) => BinaryPrimitives.ReadUInt64LittleEndian(start) == Magic;

    /// <summary>The checksum of all bytes from <see cref="BodyOffset"/> on.</summary>
    public static uint CrcOf(ReadOnlySpan<byte> start) => BinaryPrimitives.ReadUInt32LittleEndian(start[CrcOffset..]);

    /// <summary>It is of version 1.</summary>
    /// <exception cref="JournalException">It is of a newer format.</exception>
    public static bool IsFirstVersion(ReadOnlySpan<byte> start, string name)
    {
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(start[sizeof(ulong)..]);
        return version is Version or FirstVersion ? version == FirstVersion
            : throw new JournalException(JournalFault.NewerFormat, $"'{name}' has format {version}; this version reads format {Version}");
    }
}
