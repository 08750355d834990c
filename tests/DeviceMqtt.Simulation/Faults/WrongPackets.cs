using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What a gateway that is wrong in one respect would have done with a packet.</summary>
internal sealed class WrongPackets(SimWorld world, string wrong) : PacketFault
{
    private byte[]? _kept;
    private bool _isV5;

    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets) => packets.SelectMany(p => Up(link, p));

    private IEnumerable<byte[]> Up(SimLink link, byte[] packet)
    {
        PacketType type = (PacketType)(packet[0] >> 4);
        int qos = packet[0] >> 1 & 3;
        if (type == PacketType.Connect)
            _isV5 = packet[Start(packet) + 2 + packet[Start(packet) + 1]] == (byte)ProtocolVersion.V5;
        switch (wrong)
        {
            case "answers PINGREQ with nothing" when type == PacketType.PingReq:
            case "forgets PUBREL" when type == PacketType.PubRel && Rarely():
            case "forgets PUBACK" when type == PacketType.PubAck && Rarely():
            case "forgets PUBREC" when type == PacketType.PubRec && Rarely():
                return [];
            case "does not mind the Receive Maximum of a client" when type == PacketType.Connect && _isV5:
                return [WithReceiveMaximum(packet, ushort.MaxValue)];
            case "acknowledges a PUBLISH and forgets it" when type == PacketType.Publish && qos == 1 && Rarely():
                int topicBytes = (packet[Start(packet)] << 8) | packet[Start(packet) + 1];
                int id = Start(packet) + 2 + topicBytes;
                link.Forge([0x40, 2, packet[id], packet[id + 1]]);
                return [];
            case "forgets RETAIN" when type == PacketType.Publish && (packet[0] & 1) == 1 && Rarely():
                packet[0] &= 0xFE;
                return [packet];
            case "handles a PUBLISH of QoS 2 as QoS 0 as well" when type == PacketType.Publish && qos == 2 && Rarely():
                return [packet, WithoutId(packet)];
            case "takes SUBSCRIBE for PINGREQ" when type == PacketType.Subscribe:
                int subscribe = Start(packet);
                link.Forge(_isV5 ? [0x90, 4, packet[subscribe], packet[subscribe + 1], 0, 2] : [0x90, 3, packet[subscribe], packet[subscribe + 1], 2]);
                return [];
            default:
                return [packet];
        }
    }

    public override IEnumerable<byte[]> Down(SimLink link, byte[] packet)
    {
        PacketType type = (PacketType)(packet[0] >> 4);
        int qos = packet[0] >> 1 & 3;
        switch (wrong)
        {
            case "sends a PUBLISH of QoS 2 twice" when type == PacketType.Publish && qos == 2 && Rarely():
                byte[] again = [.. packet];
                int topicBytes = (packet[Start(packet)] << 8) | packet[Start(packet) + 1];
                again[Start(packet) + 2 + topicBytes] ^= 0x40;
                return [packet, again];
            case "sends two PUBLISH in the wrong order" when type == PacketType.Publish:
                byte[]? kept = _kept;
                _kept = kept is null ? packet : null;
                return kept is null ? [] : [packet, kept];
            case "loses a PUBLISH" when type == PacketType.Publish && qos > 0 && Rarely():
            case "loses PUBCOMP" when type == PacketType.PubComp && Rarely():
            case "loses SUBACK" when type == PacketType.SubAck:
                return [];
            case "sends a foreign payload" when type == PacketType.Publish && Rarely():
                packet[^1] ^= 0x5A;
                return [packet];
            case "says that there is no Session" when type == PacketType.ConnAck && Rarely():
                packet[Start(packet)] = 0;
                return [packet];
            default:
                return [packet];
        }
    }

    public override void Ending(PipeWriter toGateway)
    {
        if (wrong != "takes a broken connection for a DISCONNECT")
            return;
        toGateway.Write(DisconnectPacket.Normal);
        toGateway.Complete();
    }

    private bool Rarely() => world.Chance(5);

    private static int Start(byte[] packet)
    {
        int at = 1;
        while ((packet[at] & 0x80) != 0)
            at++;
        return at + 1;
    }

    // Of the properties before it the clients send the Session Expiry Interval alone.
    private static byte[] WithReceiveMaximum(byte[] packet, ushort maximum)
    {
        int properties = Start(packet) + 10; // name, version, flags, Keep Alive
        int at;
        for (at = properties + 1; at < properties + 1 + packet[properties] && packet[at] != (byte)PropertyId.ReceiveMaximum;)
            at += packet[at] == (byte)PropertyId.SessionExpiryInterval ? 5 : 1;
        byte[] changed = [.. packet];
        (changed[at + 1], changed[at + 2]) = ((byte)(maximum >> 8), (byte)maximum);
        return changed;
    }

    private static byte[] WithoutId(byte[] packet)
    {
        int start = Start(packet);
        int id = start + 2 + ((packet[start] << 8) | packet[start + 1]);
        byte[] body = [.. packet[start..id], .. packet[(id + 2)..]];
        byte[] length = new byte[4];
        int lengthBytes = VariableByteInteger.Write(length, body.Length);
        return [(byte)(packet[0] & 0xF1), .. length[..lengthBytes], .. body];
    }
}
