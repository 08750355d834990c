using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// The beginning of a frame, which is what one commit writes.
/// <code>
/// +-------------+--------+----------------+-------+--------+------------------+
/// | 46 52 4D 31 | length | first position | count | CRC    | records          |
/// | 4  "FRM1"   | 4      | 8              | 4     | 4      | length bytes     |
/// +-------------+--------+----------------+-------+--------+------------------+
/// CRC: over the segment's salt, the first 20 bytes, and the records
/// </code>
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameHeader(int Length, long FirstPosition, int Count, uint Crc)
{
    public const int Bytes = 24;
    private const uint Magic = 0x314D_5246; // "FRM1"
    public const int CrcOffset = 20;

    /// <summary>What each begins with.</summary>
    public static ReadOnlySpan<byte> MagicBytes => "FRM1"u8;

    /// <summary>Writes the header in front of the records that are there already.</summary>
    public static void Write(Span<byte> frame, long firstPosition, int count, uint salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], firstPosition);
        BinaryPrimitives.WriteInt32LittleEndian(frame[16..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[CrcOffset..], Checksum(frame, salt));
    }

    /// <summary>Reads what may be a header.</summary>
    /// <returns>False when it cannot be one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            return false;
        header = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]));
        return header.Length > 0 && header.Count > 0 && header.FirstPosition > 0 && header.Length <= bytes.Length - Bytes;
    }

    /// <summary>Whether the bytes of the whole frame are those that were written.</summary>
    public bool Fits(ReadOnlySpan<byte> bytes, uint salt) => Checksum(bytes[..(Bytes + Length)], salt) == Crc;

    private static uint Checksum(ReadOnlySpan<byte> frame, uint salt) => Crc32C.Compute(Crc32C.Compute(salt, frame[..CrcOffset]), frame[Bytes..]);
}
