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

    public const int EventBytes = 5;
    public const int BodyBytes = 9;
    public const int CopyBytes = 17;

    public static int BytesFor(byte life) => life switch { (byte)RecordLife.Event => EventBytes, (byte)RecordLife.Body => BodyBytes, _ => CopyBytes };

    public int Bytes => BytesFor(Life);

    public bool IsBody => Life != (byte)RecordLife.Event;

    public static void Write(Span<byte> destination, byte life, ReadOnlySpan<byte> record, long copyOf)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, record.Length);
        destination[4] = life;
        if (life == (byte)RecordLife.Event)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[5..], Crc32C.Compute(0, record));
        if (life == Copy)
            BinaryPrimitives.WriteInt64LittleEndian(destination[9..], copyOf);
    }

    /// <returns>False when what is left of the frame holds no such record: a fault of the writer, for the frame's checksum fits.</returns>
    public static bool TryRead(ReadOnlySpan<byte> rest, out RecordHeader header)
    {
        header = default;
        if (rest.Length < EventBytes || rest[4] is < 1 or > Copy || rest.Length < BytesFor(rest[4]))
            return false;
        byte life = rest[4];
        header = new RecordHeader(
            BinaryPrimitives.ReadInt32LittleEndian(rest), life,
            life == (byte)RecordLife.Event ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(rest[5..]),
            life == Copy ? BinaryPrimitives.ReadInt64LittleEndian(rest[9..]) : 0);
        return header.Length >= 0 && header.Length <= rest.Length - header.Bytes;
    }
}
