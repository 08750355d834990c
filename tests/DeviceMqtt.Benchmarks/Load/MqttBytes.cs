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
    public const byte PingResp = 0xD0;

    public static byte[] PingReq { get; } = [0xC0, 0];

    public static byte[] Disconnect { get; } = [0xE0, 0];

    public static byte[] Connect(int protocolLevel, string clientId, ushort keepAliveSeconds, bool clean = true) =>
        Connect(protocolLevel, clientId, keepAliveSeconds, new ConnectFields { Clean = clean });

    public static byte[] Connect(int protocolLevel, string clientId, ushort keepAliveSeconds, ConnectFields fields)
    {
        var body = new List<byte>();
        AddString(body, "MQTT");
        body.Add((byte)protocolLevel);
        int flags = (fields.Clean ? 0x02 : 0) | (fields.WillTopic is null ? 0 : 0x04) | (fields.UserName is null ? 0 : 0xC0);
        body.Add((byte)flags);
        AddUInt16(body, keepAliveSeconds);
        if (protocolLevel >= 5 && !fields.Clean)
            body.AddRange([5, 0x11, 0, 0, (byte)(fields.SessionExpirySeconds >> 8), (byte)fields.SessionExpirySeconds]);
        else
            AddNoProperties(body, protocolLevel);
        AddString(body, clientId);
        if (fields.WillTopic is not null)
        {
            AddNoProperties(body, protocolLevel);
            AddString(body, fields.WillTopic);
            AddString(body, "false");
        }
        if (fields.UserName is not null)
        {
            AddString(body, fields.UserName);
            AddString(body, fields.Password ?? "");
        }
        return Packet(0x10, body);
    }

    public static byte[] Subscribe(int protocolLevel, string filter, int qos) => Subscribe(protocolLevel, [filter], qos);

    public static byte[] Subscribe(int protocolLevel, IEnumerable<string> filters, int qos)
    {
        var body = new List<byte>();
        AddUInt16(body, 1);
        AddNoProperties(body, protocolLevel);
        foreach (string filter in filters)
        {
            AddString(body, filter);
            body.Add((byte)qos);
        }
        return Packet(0x82, body);
    }

    /// <summary>The payload is all zero; its bytes are the last of the packet.</summary>
    public static byte[] PublishPacket(int protocolLevel, string topic, int qos, int packetId, int payloadBytes, bool retain = false)
    {
        var body = new List<byte>();
        AddString(body, topic);
        if (qos > 0)
            AddUInt16(body, packetId);
        AddNoProperties(body, protocolLevel);
        body.AddRange(new byte[payloadBytes]);
        return Packet((byte)(Publish | (qos << 1) | (retain ? 1 : 0)), body);
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
