using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// The beginning of a segment file; gateway/docs/journal-format.md. All numbers little-endian.
/// <code>
/// +---------------------+---------+------+--------+----------------+----------+-----+
/// | 44 4D 51 4A 53 45 47 31 | version | salt | number | first position | reserved | CRC |
/// | 8  "DMQJSEG1"       | 4       | 4    | 8      | 8              | 28       | 4   |
/// +---------------------+---------+------+--------+----------------+----------+-----+
/// </code>
/// </summary>
/// <param name="Number">Counts up over all segments there ever were.</param>
/// <param name="FirstPosition">Of the first record that may be in it.</param>
/// <param name="Salt">Random for each use of the file: what a former use left behind never fits its checksums.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SegmentHeader(long Number, long FirstPosition, uint Salt)
{
    public const int Bytes = 64;
    public const uint Version = 1;
    private const ulong Magic = 0x3147_4553_4A51_4D44; // "DMQJSEG1"
    private const int CrcOffset = Bytes - sizeof(uint);

    public void Write(Span<byte> destination)
    {
        destination[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], FirstPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[CrcOffset..], Crc32C.Compute(0, destination[..CrcOffset]));
    }

    /// <returns>False when it is damaged or of a newer format.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        bool isSound = bytes.Length >= Bytes && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) == Crc32C.Compute(0, bytes[..CrcOffset])
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Version;
        header = isSound ? Read(bytes, "") : default;
        return isSound;
    }

    /// <exception cref="JournalException">The header is damaged or of a newer format.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            throw new JournalException(JournalFault.Damaged, $"'{file}' does not begin like a segment");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Compute(0, bytes[..CrcOffset]))
            throw new JournalException(JournalFault.Damaged, $"the header of '{file}' is damaged");
        if (version != Version)
            throw new JournalException(JournalFault.NewerFormat, $"'{file}' has format {version}; this version reads format {Version}");
        return new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
    }
}
