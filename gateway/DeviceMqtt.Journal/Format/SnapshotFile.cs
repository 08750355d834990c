using System.Buffers.Binary;

namespace DeviceMqtt.Journal;

/// <summary>
/// The owner's state up to a position, with the segments that are still needed beside it.
/// <code>
/// +---------------------+---------+-----+-------+-----------------+--------------+-------+
/// | "DMQJSNP1"          | version | CRC | up to | number of       | segment      | state |
/// | 8                   | 4       | 4   | 8     | segments 4      | numbers 8 ea.| rest  |
/// +---------------------+---------+-----+-------+-----------------+--------------+-------+
/// CRC: over everything behind it
/// </code>
/// </summary>
internal static class SnapshotFile
{
    public const uint Version = 1;
    private const ulong Magic = 0x3150_4E53_4A51_4D44; // "DMQJSNP1"
    private const int BodyOffset = 16;
    private const int SegmentsOffset = BodyOffset + sizeof(long) + sizeof(int);

    public static byte[] Encode(long upTo, IReadOnlyList<long> segments, ReadOnlySpan<byte> state)
    {
        byte[] file = new byte[SegmentsOffset + (segments.Count * sizeof(long)) + state.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(BodyOffset), upTo);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(BodyOffset + sizeof(long)), segments.Count);
        for (int i = 0; i < segments.Count; i++)
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(SegmentsOffset + (i * sizeof(long))), segments[i]);
        state.CopyTo(file.AsSpan(SegmentsOffset + (segments.Count * sizeof(long))));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), Crc32C.Compute(0, file.AsSpan(BodyOffset)));
        return file;
    }

    /// <exception cref="JournalException">The file is damaged or of a newer format.</exception>
    public static (long UpTo, long[] Segments, ReadOnlyMemory<byte> State) Decode(byte[] file, string name)
    {
        if (file.Length < SegmentsOffset || BinaryPrimitives.ReadUInt64LittleEndian(file) != Magic)
            throw new JournalException(JournalFault.Damaged, $"'{name}' does not begin like a snapshot");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(8));
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)) != Crc32C.Compute(0, file.AsSpan(BodyOffset)))
            throw new JournalException(JournalFault.Damaged, $"the snapshot '{name}' is damaged");
        if (version != Version)
            throw new JournalException(JournalFault.NewerFormat, $"'{name}' has format {version}; this version reads format {Version}");
        int count = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(BodyOffset + sizeof(long)));
        if (count < 0 || SegmentsOffset + ((long)count * sizeof(long)) > file.Length)
            throw new JournalException(JournalFault.Damaged, $"the snapshot '{name}' names {count} segments, more than it has room for");
        long[] segments = new long[count];
        for (int i = 0; i < count; i++)
            segments[i] = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(SegmentsOffset + (i * sizeof(long))));
        return (BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(BodyOffset)), segments, file.AsMemory(SegmentsOffset + (count * sizeof(long))));
    }
}
