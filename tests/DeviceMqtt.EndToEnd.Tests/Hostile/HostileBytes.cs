using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Packets that no library would send, and the CONNECT of a client with a user.</summary>
internal static class HostileBytes
{
    public static byte[] Connect(string clientId, string? user, bool clean = true, bool isV5 = false, byte[]? willTopic = null, byte[]? willPayload = null, uint sessionExpiry = 0, string? password = null)
    {
        int flags = (clean ? 0x02 : 0) | (willTopic is null ? 0 : 0x04) | (user is null ? 0 : 0xC0);
        byte[] properties = isV5 ? sessionExpiry > 0 ? [5, 0x11, .. BigEndian(sessionExpiry)] : [0] : [];
        return RawBytes.Packet(0x10,
        [
            .. RawBytes.Text("MQTT"), isV5 ? (byte)5 : (byte)4, (byte)flags, .. RawBytes.UInt16(0), .. properties, .. RawBytes.Text(clientId),
            .. willTopic is null ? [] : (byte[])[.. isV5 ? (byte[])[0] : [], .. Binary(willTopic), .. Binary(willPayload ?? [])],
            .. user is null ? [] : (byte[])[.. RawBytes.Text(user), .. RawBytes.Text(password ?? user)],
        ]);
    }

    public static byte[] Subscribe(bool isV5, int qos, params IEnumerable<string> filters) =>
        RawBytes.Packet(0x82, [.. RawBytes.UInt16(1), .. isV5 ? (byte[])[0] : [], .. filters.SelectMany(filter => (byte[])[.. RawBytes.Text(filter), (byte)qos])]);

    /// <summary>A PUBLISH of 5.0 with properties that are encoded already.</summary>
    public static byte[] PublishV5(string topic, byte[] properties, byte[] payload, int qos = 0, int packetId = 1) =>
        RawBytes.Packet((byte)(0x30 | (qos << 1)), [.. RawBytes.Text(topic), .. qos > 0 ? RawBytes.UInt16(packetId) : [], .. RawBytes.RemainingLength(properties.Length), .. properties, .. payload]);

    /// <summary>The first bytes of a packet that claims to be larger.</summary>
    public static byte[] Unfinished(byte firstByte, int claimed, int sent)
    {
        byte[] bytes = [firstByte, .. RawBytes.RemainingLength(claimed), .. new byte[sent]];
        return bytes;
    }

    /// <summary>Text of so many bytes, the same for the same number.</summary>
    public static string Long(int number, int bytes) => string.Concat(number.ToString("D8", System.Globalization.CultureInfo.InvariantCulture), new string('x', bytes - 8));

    private static byte[] Binary(byte[] bytes) => [.. RawBytes.UInt16(bytes.Length), .. bytes];

    private static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
