using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// Encoded PUBLISH packets of one length, Packet Identifiers 1 to <see cref="Count"/>, standing twice in a row in memory, so that any
/// <see cref="Count"/> successive packets can go out with one write and nothing is encoded while the load runs.
/// </summary>
internal sealed unsafe class PublishRing : IDisposable
{
    private readonly byte* _packets;

    public PublishRing(int protocolLevel, string topic, int qos, int count)
    {
        Count = count;
        byte[] packet = MqttBytes.PublishPacket(protocolLevel, topic, qos, packetId: 1, PayloadBytes);
        PacketBytes = packet.Length;
        PayloadOffset = PacketBytes - PayloadBytes;
        _packets = (byte*)NativeMemory.Alloc((nuint)(2 * count * PacketBytes));
        for (int i = 0; i < 2 * count; i++)
        {
            if (qos > 0)
            {
                int packetId = (i % count) + 1;
                int offset = MqttBytes.PacketIdOffset(packet);
                packet[offset] = (byte)(packetId >> 8);
                packet[offset + 1] = (byte)packetId;
            }
            packet.CopyTo(new Span<byte>(_packets + (i * PacketBytes), PacketBytes));
        }
    }

    /// <summary>What telemetry of one reading takes; every row uses it.</summary>
    public static int PayloadBytes => 64;

    public int Count { get; }

    public int PacketBytes { get; }

    public int PayloadOffset { get; }

    public int Bytes => Count * PacketBytes;

    /// <summary>Where the stream of all packets stands after <paramref name="streamBytes"/> bytes; <see cref="Bytes"/> can be sent from there.</summary>
    public byte* At(long streamBytes) => _packets + (streamBytes % Bytes);

    public void Dispose() => NativeMemory.Free(_packets);
}
