using System.Numerics;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Broker.Messages;

/// <summary>What tells a message that comes again from another under its Packet Identifier: CRC-32C of topic and payload. It is kept on the disk, so it stays as it is.</summary>
internal static class ContentHash
{
    public static uint Of(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload) => Add(BitOperations.Crc32C(Add(uint.MaxValue, topic), (uint)payload.Length), payload);

    private static uint Add(uint hash, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            hash = BitOperations.Crc32C(hash, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
            hash = BitOperations.Crc32C(hash, rest);
        return hash;
    }
}
