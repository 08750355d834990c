using System.Buffers.Binary;
using System.Numerics;

namespace DeviceMqtt.Broker.Messages;

/// <summary>What tells a message that comes again from another under its Packet Identifier: CRC-32C of topic and payload. It is kept on the disk, so it stays as it is.</summary>
internal static class ContentHash
{
    public static uint Of(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload) => Add(BitOperations.Crc32C(Add(uint.MaxValue, topic), (uint)payload.Length), payload);

    private static uint Add(uint hash, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            hash = BitOperations.Crc32C(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte rest in bytes)
            hash = BitOperations.Crc32C(hash, rest);
        return hash;
    }
}
