using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// The beginning of a record in a frame.
/// <code>
/// Event                  Body                          Copy (a Body moved here)
/// +--------+------+      +--------+------+-----+       +--------+------+-----+----------+
/// | length | life |      | length | life | CRC |       | length | life | CRC | position |
/// | 4      | 1    |      | 4      | 1    | 4   |       | 4      | 1    | 4   | 8        |
/// +--------+------+      +--------+------+-----+       +--------+------+-----+----------+
/// length: of the record's own bytes; CRC: over them alone, for a Body is read by itself later
/// </code>
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecordHeader(int Length, byte Life, uint Crc, long CopyOf)
{
    /// <summary>A Body that was copied forward by compaction; it keeps the position it had.</summary>
    public const byte Copy = 3;

    /// <summary>The journal's own: numbers of segments, eight bytes each, that nothing asks for any more.</summary>
    public const byte Gone = 4;

    public const int EventBytes = 5;
    public const int BodyBytes = 9;
    public const int CopyBytes = 17;

    public static int BytesFor(byte life) => life switch { (byte)RecordLife.Body => BodyBytes, Copy => CopyBytes, _ => EventBytes };

    public int Bytes => BytesFor(Life);

    public bool IsBody => Life is (byte)RecordLife.Body or Copy;

    /// <returns>The checksum of a Body; 0 of what has none.</returns>
    public static uint Write(Span<byte> destination, byte life, ReadOnlySpan<byte> record, long copyOf)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, record.Length);
        destination[4] = life;
        if (BytesFor(life) == EventBytes)
            return 0;
        uint crc = Crc32C.Compute(0, record);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[5..], crc);
        if (life == Copy)
            BinaryPrimitives.WriteInt64LittleEndian(destination[9..], copyOf);
        return crc;
    }

    /// <returns>False when what is left of the frame holds no such record: a fault of the writer, for the frame's checksum fits.</returns>
    public static bool TryRead(ReadOnlySpan<byte> rest, out RecordHeader header)
    {
        header = default;
        if (rest.Length < EventBytes || rest[4] is < 1 or > Gone || rest.Length < BytesFor(rest[4]))
            return false;
        byte life = rest[4];
        header = new RecordHeader(
            BinaryPrimitives.ReadInt32LittleEndian(rest), life,
            BytesFor(life) == EventBytes ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(rest[5..]),
            life == Copy ? BinaryPrimitives.ReadInt64LittleEndian(rest[9..]) : 0);
        return header.Length >= 0 && header.Length <= rest.Length - header.Bytes;
    }
}
