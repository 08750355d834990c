using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What a gateway would have done with commands, answers and receipts that is wrong about them in one respect.</summary>
internal sealed class WrongCommands(SimWorld world, string wrong) : PacketFault
{
    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets) => packets.SelectMany(p => Up(link, p));

    private IEnumerable<byte[]> Up(SimLink link, byte[] packet)
    {
        if (packet[0] >> 4 != (int)PacketType.Publish)
            return [packet];
        string text = Encoding.Latin1.GetString(packet);
        bool isCommand = text.Contains("\"cmd\":\"relay.set\"", StringComparison.Ordinal);
        switch (wrong)
        {
            case "routes a command to another device" when isCommand && Rarely():
                return [Encoding.Latin1.GetBytes(text.Replace("p2p/board1", "p2p/board2", StringComparison.Ordinal))];
            case "hands over all that waits at once" when text.Contains("\"win\":1", StringComparison.Ordinal):
                return [Encoding.Latin1.GetBytes(text.Replace("\"win\":1", "\"win\":9", StringComparison.Ordinal))];
            case "acknowledges a command and forgets it" when isCommand && Rarely():
            case "takes an answer for nothing" when text.Contains("\"st\":\"ok\"", StringComparison.Ordinal):
                Acknowledge(link, packet);
                return [];
            default:
                return [packet];
        }
    }

    public override IEnumerable<byte[]> Down(SimLink link, byte[] packet)
    {
        if (packet[0] >> 4 != (int)PacketType.Publish)
            return [packet];
        string text = Encoding.Latin1.GetString(packet);
        bool isLost = wrong switch
        {
            "tells nobody what became of a command" => text.Contains("$gw/receipt/", StringComparison.Ordinal),
            "shows nobody who has gone" => text.Contains("$gw/presence/", StringComparison.Ordinal) && text.Contains("\"online\":false", StringComparison.Ordinal),
            _ => false,
        };
        return isLost ? [] : [packet];
    }

    private static void Acknowledge(SimLink link, byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        // Between 3.1.1 and 5.0 all differs that comes behind the Packet Identifier.
        if (reader.TryRead(out Frame frame) == DecodeStatus.Packet && PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView publish, out _) && publish.QoS == QoS.AtLeastOnce)
            link.Forge([0x40, 2, (byte)(publish.PacketId >> 8), (byte)publish.PacketId]);
    }

    private bool Rarely() => world.Chance(5);
}
