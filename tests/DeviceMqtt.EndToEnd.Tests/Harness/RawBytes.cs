using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// Packets of MQTT 3.1.1 in bytes, spelled out here and not with our own codec: what both sides of a test share, the test
/// cannot find wrong. Nothing is checked, so that wrong packets can be written as well.
/// </summary>
internal static class RawBytes
{
    public static byte[] PingReq => [0xC0, 0x00];

    public static byte[] Disconnect => [0xE0, 0x00];

    public static byte[] Connect(string clientId, bool clean = true, int keepAliveSeconds = 60, Will? will = null, byte level = 4, (string Name, string Password)? user = null)
    {
        int flags = (clean ? 0x02 : 0x00) | (user is null ? 0x00 : 0xC0) | (will is null ? 0x00 : 0x04 | (will.QoS << 3) | (will.Retain ? 0x20 : 0x00));
        return Packet(
            0x10,
            [
                .. Text("MQTT"),
                level,
                (byte)flags,
                .. UInt16(keepAliveSeconds),
                .. Text(clientId),
                .. will is null ? [] : (byte[])[.. Text(will.Topic), .. Text(will.Payload)],
                .. user is { } login ? (byte[])[.. Text(login.Name), .. Text(login.Password)] : [],
            ]);
    }

    public static byte[] Subscribe(int packetId, int qos, params string[] filters) =>
        Packet(0x82, [.. UInt16(packetId), .. filters.SelectMany(filter => (byte[])[.. Text(filter), (byte)qos])]);

    public static byte[] Unsubscribe(int packetId, params string[] filters) =>
        Packet(0xA2, [.. UInt16(packetId), .. filters.SelectMany(Text)]);

    public static byte[] Publish(string topic, string payload, int qos = 0, int packetId = 0, bool retain = false, bool dup = false) =>
        Publish(topic, Encoding.UTF8.GetBytes(payload), qos, packetId, retain, dup);

    public static byte[] Publish(string topic, byte[] payload, int qos = 0, int packetId = 0, bool retain = false, bool dup = false) =>
        Packet(
            (byte)(0x30 | (dup ? 0x08 : 0x00) | (qos << 1) | (retain ? 0x01 : 0x00)),
            [.. Text(topic), .. qos > 0 ? UInt16(packetId) : [], .. payload]);

    public static byte[] PubAck(int packetId) => Packet(0x40, UInt16(packetId));

    public static byte[] PubRec(int packetId) => Packet(0x50, UInt16(packetId));

    public static byte[] PubRel(int packetId) => Packet(0x62, UInt16(packetId));

    public static byte[] PubComp(int packetId) => Packet(0x70, UInt16(packetId));

    /// <summary>Fixed header with the Remaining Length of the body, and the body.</summary>
    public static byte[] Packet(byte firstByte, byte[] body) => [firstByte, .. RemainingLength(body.Length), .. body];

    public static byte[] RemainingLength(int value)
    {
        List<byte> bytes = [];
        do
        {
            int rest = value >> 7;
            bytes.Add((byte)((value & 0x7F) | (rest > 0 ? 0x80 : 0x00)));
            value = rest;
        }
        while (value > 0);
        return [.. bytes];
    }

    public static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return [.. UInt16(utf8.Length), .. utf8];
    }

    public static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];
}
