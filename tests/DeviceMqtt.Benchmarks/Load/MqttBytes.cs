using System.Buffers.Binary;
using System.Text;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// The few packets a load needs, written by hand: the benchmark must not lean on the codec that it measures.
/// Protocol level 4 is MQTT 3.1.1, 5 is 5.0 (whose packets here carry an empty property list).
/// </summary>
internal static class MqttBytes
{
    public const byte ConnAck = 0x20;
    public const byte Publish = 0x30;
    public const byte PubAck = 0x40;
    public const byte SubAck = 0x90;

    public static byte[] Connect(int protocolLevel, string clientId, ushort keepAliveSeconds, bool clean = true)
    {
        var body = new List<byte>();
        AddString(body, "MQTT");
        body.Add((byte)protocolLevel);
        body.Add((byte)(clean ? 0x02 : 0));
        AddUInt16(body, keepAliveSeconds);
        if (protocolLevel >= 5 && !clean)
            body.AddRange([5, 0x11, 0, 0, 0x0E, 0x10]); // Session Expiry Interval: an hour
        else
            AddNoProperties(body, protocolLevel);
        AddString(body, clientId);
        return Packet(0x10, body);
    }

    public static byte[] Subscribe(int protocolLevel, string filter, int qos)
    {
        var body = new List<byte>();
        AddUInt16(body, 1);
        AddNoProperties(body, protocolLevel);
        AddString(body, filter);
        body.Add((byte)qos);
        return Packet(0x82, body);
    }

    /// <summary>The payload is all zero; its bytes are the last of the packet.</summary>
    public static byte[] PublishPacket(int protocolLevel, string topic, int qos, int packetId, int payloadBytes)
    {
        var body = new List<byte>();
        AddString(body, topic);
        if (qos > 0)
            AddUInt16(body, packetId);
        AddNoProperties(body, protocolLevel);
        body.AddRange(new byte[payloadBytes]);
        return Packet((byte)(Publish | (qos << 1)), body);
    }

    /// <summary>Where the Packet Identifier of a PUBLISH of QoS 1 stands, from the start of the packet.</summary>
    public static int PacketIdOffset(ReadOnlySpan<byte> publish)
    {
        int headerBytes = 2;
        while ((publish[headerBytes - 1] & 0x80) != 0)
            headerBytes++;
        return headerBytes + 2 + BinaryPrimitives.ReadUInt16BigEndian(publish[headerBytes..]);
    }

    private static byte[] Packet(byte firstByte, List<byte> body)
    {
        var packet = new List<byte> { firstByte };
        int length = body.Count;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        packet.AddRange(body);
        return [.. packet];
    }

    private static void AddNoProperties(List<byte> body, int protocolLevel)
    {
        if (protocolLevel >= 5)
            body.Add(0);
    }

    private static void AddString(List<byte> body, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        AddUInt16(body, utf8.Length);
        body.AddRange(utf8);
    }

    private static void AddUInt16(List<byte> body, int value)
    {
        body.Add((byte)(value >> 8));
        body.Add((byte)value);
    }
}
