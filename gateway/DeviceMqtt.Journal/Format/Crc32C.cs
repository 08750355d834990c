using System.Buffers.Binary;
using System.Numerics;

namespace DeviceMqtt.Journal;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), by the processor's own instruction where there is one.</summary>
internal static class Crc32C
{
    public static uint Compute(uint seed, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~seed;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>The seed with which bytes have a checksum: there is one for each, so it proves nothing by itself.</summary>
    public static uint SeedOf(uint checksum, ReadOnlySpan<byte> bytes)
    {
        // Each step of the checksum takes an entry of a table by its lowest byte; the highest byte of what comes out says which one that was.
        Span<byte> indexes = stackalloc byte[256];
        for (int i = 0; i < indexes.Length; i++)
            indexes[(int)(BitOperations.Crc32C((uint)i, (byte)0) >> 24)] = (byte)i;
        uint crc = ~checksum;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            byte index = indexes[(int)(crc >> 24)];
            crc = ((crc ^ BitOperations.Crc32C(index, (byte)0)) << 8) | (uint)(index ^ bytes[i]);
        }

        return ~crc;
    }
}
