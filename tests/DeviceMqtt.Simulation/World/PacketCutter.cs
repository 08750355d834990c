using System.Buffers;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>Bytes into whole packets.</summary>
internal sealed class PacketCutter
{
    private readonly StraddleBuffer _scratch = new();
    private byte[] _rest = [];

    public List<byte[]> Cut(byte[] bytes)
    {
        _rest = [.. _rest, .. bytes];
        List<byte[]> packets = [];
        FrameReader reader = new(new ReadOnlySequence<byte>(_rest), int.MaxValue, _scratch);
        int consumed = 0;
        while (reader.TryRead(out Frame frame) == DecodeStatus.Packet)
        {
            packets.Add(frame.Packet.ToArray());
            consumed += frame.Packet.Length;
        }

        _rest = _rest[consumed..];
        return packets;
    }
}
