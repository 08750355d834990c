namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Cuts what is read from a socket, in pieces of any size, into packets.</summary>
internal sealed class PacketCutter
{
    private const int LengthBytesMax = 4; // of a Remaining Length (3.1.1 section 2.2.3)
    private readonly List<byte> _rest = [];

    public IReadOnlyList<RawPacket> Cut(ReadOnlySpan<byte> piece)
    {
        _rest.AddRange(piece);
        List<RawPacket> packets = [];
        int at = 0;
        while (TryMeasure(at, out int header, out int body))
        {
            packets.Add(new RawPacket(_rest[at], [.. _rest.GetRange(at + header, body)]));
            at += header + body;
        }

        _rest.RemoveRange(0, at);
        return packets;
    }

    private bool TryMeasure(int at, out int header, out int body)
    {
        (header, body) = (1, 0);
        for (int i = 0; i < LengthBytesMax && at + header < _rest.Count; i++)
        {
            byte next = _rest[at + header++];
            body |= (next & 0x7F) << (7 * i);
            if ((next & 0x80) == 0)
                return at + header + body <= _rest.Count;
        }

        return false;
    }
}
