using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What stands where in a packet, for those who make it wrong.</summary>
internal static class PacketBytes
{
    public static PacketType TypeOf(byte[] packet) => (PacketType)(packet[0] >> 4);

    public static int QoSOf(byte[] packet) => packet[0] >> 1 & 3;

    /// <summary>Where the variable header begins.</summary>
    public static int StartOf(byte[] packet)
    {
        int at = 1;
        while ((packet[at] & 0x80) != 0)
            at++;
        return at + 1;
    }

    /// <summary>The Topic Name of a PUBLISH.</summary>
    public static string TopicOf(byte[] packet) => Encoding.UTF8.GetString(packet, StartOf(packet) + 2, TopicBytes(packet));

    /// <summary>The Packet Identifier of a PUBLISH of QoS 1 or 2, or of an acknowledgement.</summary>
    public static ushort PacketIdOf(byte[] packet)
    {
        int at = IdAt(packet);
        return (ushort)(packet[at] << 8 | packet[at + 1]);
    }

    public static byte[] WithPacketId(byte[] packet, ushort packetId)
    {
        byte[] copy = [.. packet];
        (copy[IdAt(packet)], copy[IdAt(packet) + 1]) = ((byte)(packetId >> 8), (byte)packetId);
        return copy;
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP in the form that 3.1.1 and 5.0 share.</summary>
    public static byte[] Ack(PacketType type, ushort packetId) =>
        [(byte)((int)type << 4 | (type == PacketType.PubRel ? 2 : 0)), 2, (byte)(packetId >> 8), (byte)packetId];

    /// <summary>A PUBLISH of 5.0 and QoS 1 or 2 that has at most a Subscription Identifier, with a Message Expiry Interval besides; as it is where it has more.</summary>
    public static byte[] WithExpiry(byte[] packet, int seconds)
    {
        int properties = IdAt(packet) + 2;
        if (packet[properties] > 2)
            return packet;
        byte[] rest =
        [
            .. packet[StartOf(packet)..properties], (byte)(packet[properties] + 5), 0x02, (byte)(seconds >> 24), (byte)(seconds >> 16), (byte)(seconds >> 8), (byte)seconds,
            .. packet[(properties + 1)..],
        ];
        byte[] length = new byte[VariableByteInteger.BytesMax];
        return [packet[0], .. length[..VariableByteInteger.Write(length, rest.Length)], .. rest];
    }

    private static int IdAt(byte[] packet) => StartOf(packet) + (TypeOf(packet) == PacketType.Publish ? 2 + TopicBytes(packet) : 0);

    private static int TopicBytes(byte[] packet) => packet[StartOf(packet)] << 8 | packet[StartOf(packet) + 1];
}
