using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>The same of MQTT 5.0, where the server says why it ends a connection.</summary>
internal static class MqttBytes5
{
    /// <summary>The reason code of the CONNACK.</summary>
    public static async Task<int> Connect5Async(this Stream stream, string clientId)
    {
        System.Buffers.ArrayBufferWriter<byte> bytes = new();
        new ConnectPacket { Version = ProtocolVersion.V5, ClientId = clientId, CleanStart = true }.Write(bytes);
        await stream.WriteAsync(bytes.WrittenMemory);
        (PacketType type, byte[] body) = await PacketAsync(stream);
        Assert.AreEqual(PacketType.ConnAck, type);
        return body[1];
    }

    /// <summary>The reason code of the DISCONNECT that comes next.</summary>
    public static async Task<ReasonCode> DisconnectedAsync(this Stream stream)
    {
        (PacketType type, byte[] body) = await PacketAsync(stream);
        Assert.AreEqual(PacketType.Disconnect, type);
        return body.Length == 0 ? ReasonCode.Success : (ReasonCode)body[0];
    }

    // Shorter than 128 bytes, as those are that these tests get.
    private static async Task<(PacketType Type, byte[] Body)> PacketAsync(Stream stream)
    {
        byte[] head = new byte[2];
        await stream.ReadExactlyAsync(head).AsTask().WaitAsync(Patience.Limit);
        Assert.IsLessThan(128, head[1]);
        byte[] body = new byte[head[1]];
        await stream.ReadExactlyAsync(body).AsTask().WaitAsync(Patience.Limit);
        return ((PacketType)(head[0] >> 4), body);
    }
}
