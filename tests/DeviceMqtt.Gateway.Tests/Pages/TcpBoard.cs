using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>A 3.1.1 client of a few lines over TCP, which acknowledges what it gets.</summary>
internal sealed class TcpBoard : IDisposable
{
    private readonly TcpClient _tcp = new();
    private ushort _packetId;

    private TcpBoard()
    {
    }

    /// <summary>The gateway had a Session for it.</summary>
    public bool IsSessionPresent { get; private set; }

    public static async Task<TcpBoard> ConnectAsync(IPEndPoint gateway, string clientId, bool isClean = true)
    {
        TcpBoard board = new();
        await board._tcp.ConnectAsync(gateway);
        await board.SendAsync(Packet.Of($"10: <MQTT> 04 {(isClean ? "02" : "00")} 003C <{clientId}>"));
        (byte first, byte[] body) = await board.ReceiveAsync();
        Assert.AreEqual(0x20, first);
        Assert.AreEqual(0, body[1], "the CONNECT was refused");
        board.IsSessionPresent = body[0] != 0;
        return board;
    }

    /// <summary>At QoS 1; returns when it is acknowledged.</summary>
    public async Task PublishAsync(string topic, string payload, bool retain = false)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        byte[] body = [(byte)(name.Length >> 8), (byte)name.Length, .. name, (byte)(++_packetId >> 8), (byte)_packetId, .. Encoding.UTF8.GetBytes(payload)];
        byte[] length = new byte[VariableByteInteger.GetLength(body.Length)];
        _ = VariableByteInteger.Write(length, body.Length);
        await SendAsync([(byte)(retain ? 0x33 : 0x32), .. length, .. body]);
        (byte first, _) = await ReceiveAsync();
        Assert.AreEqual(0x40, first);
    }

    /// <summary>The next PUBLISH at QoS 1, acknowledged, or left in flight.</summary>
    public async Task<(string Topic, string Payload)> TakeAsync(bool isAcknowledged = true)
    {
        (byte first, byte[] body) = await ReceiveAsync();
        Assert.AreEqual(0x32, first & 0xF6, $"packet {first:X2}");
        int topicBytes = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (isAcknowledged)
            await SendAsync([0x40, 2, body[2 + topicBytes], body[3 + topicBytes]]);
        return (Encoding.UTF8.GetString(body, 2, topicBytes), Encoding.UTF8.GetString(body, 4 + topicBytes, body.Length - 4 - topicBytes));
    }

    public Task DisconnectAsync() => SendAsync(Packet.Of("E0 00"));

    /// <summary>The gateway has closed the connection.</summary>
    public async Task ExpectEndAsync() => Assert.AreEqual(0, await Patience.Within(_tcp.GetStream().ReadAsync(new byte[1]).AsTask(), "the end of the connection"));

    public void Dispose() => _tcp.Dispose();

    private Task SendAsync(byte[] bytes) => _tcp.GetStream().WriteAsync(bytes).AsTask();

    private async Task<(byte First, byte[] Body)> ReceiveAsync()
    {
        byte first = await ReadByteAsync();
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte digit = await ReadByteAsync();
            length |= (digit & 0x7F) << shift;
            if (digit < 0x80)
                break;
        }

        byte[] body = new byte[length];
        await Patience.Within(_tcp.GetStream().ReadExactlyAsync(body).AsTask(), "the rest of a packet");
        return (first, body);
    }

    private async Task<byte> ReadByteAsync()
    {
        byte[] one = new byte[1];
        await Patience.Within(_tcp.GetStream().ReadExactlyAsync(one).AsTask(), "a packet of the gateway");
        return one[0];
    }
}
