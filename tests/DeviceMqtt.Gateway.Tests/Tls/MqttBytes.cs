using System.Net.Sockets;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>A few packets over any stream, as a client sends and reads them.</summary>
internal static class MqttBytes
{
    /// <summary>The return code of the CONNACK; -1 when the connection ended without one.</summary>
    public static async Task<int> ConnectAsync(this Stream stream, string clientId, string? user = null, string? password = null)
    {
        System.Buffers.ArrayBufferWriter<byte> bytes = new();
        new ConnectPacket { ClientId = clientId, CleanStart = true, UserName = user, Password = password is null ? null : System.Text.Encoding.UTF8.GetBytes(password) }.Write(bytes);
        byte[] answer = new byte[4];
        try
        {
            await stream.WriteAsync(bytes.WrittenMemory);
            await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Patience.Limit);
            Assert.AreEqual((byte)PacketType.ConnAck << 4, answer[0]);
            return answer[3];
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return -1;
        }
    }

    /// <summary>PINGREQ and its answer: the connection lives.</summary>
    public static async Task PingAsync(this Stream stream)
    {
        await stream.WriteAsync(new byte[] { 0xC0, 0 });
        byte[] answer = new byte[2];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Patience.Limit);
        Assert.AreEqual(0xD0, answer[0]);
    }

    /// <summary>Returns when the other side has ended the connection.</summary>
    public static async Task ExpectEndAsync(this Stream stream)
    {
        byte[] rest = new byte[256];
        try
        {
            while (await stream.ReadAsync(rest).AsTask().WaitAsync(Patience.Limit) > 0)
            {
                // What was on its way.
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // So it has.
        }
    }
}
