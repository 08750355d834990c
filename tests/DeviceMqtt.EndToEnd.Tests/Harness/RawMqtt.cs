using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// A socket that sends exactly the bytes it is given and answers nothing by itself: for cases in which the bytes, or the
/// moment of each, are the subject. Packets that come are kept in order in <see cref="Packets"/>.
/// </summary>
internal sealed class RawMqtt : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly Stream _stream;
    private readonly Task _reading;
    private int _taken;

    private RawMqtt(Stream stream, int localPort = 0)
    {
        _stream = stream;
        LocalPort = localPort;
        _reading = Read();
    }

    /// <summary>Its own end of the connection, which names it in a log; 0 for a WebSocket.</summary>
    public int LocalPort { get; }

    public EventLog<RawPacket> Packets { get; } = new("packets of the raw connection");

    public static async Task<RawMqtt> Open(BrokerUnderTest broker)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(BrokerUnderTest.Host, broker.Port);
        return new RawMqtt(new NetworkStream(socket, ownsSocket: true), ((IPEndPoint)socket.LocalEndPoint!).Port);
    }

    public static async Task<RawMqtt> OpenWebSocket(BrokerUnderTest broker, WebSocketMessageType messages = WebSocketMessageType.Binary)
    {
        ClientWebSocket webSocket = new();
        webSocket.Options.AddSubProtocol("mqtt");
        using CancellationTokenSource timeout = new(Patience.Default);
        await webSocket.ConnectAsync(broker.WebSocketAddress, timeout.Token);
        Assert.AreEqual("mqtt", webSocket.SubProtocol, "[MQTT-6.0.0-4] the subprotocol the server selects");
        return new RawMqtt(WebSocketStream.Create(webSocket, messages, ownsWebSocket: true));
    }

    /// <summary>Opens, sends CONNECT and takes the CONNACK, which must accept.</summary>
    public static async Task<RawMqtt> Connect(
        BrokerUnderTest broker, string clientId, bool clean = true, int keepAliveSeconds = 60, Will? will = null)
    {
        RawMqtt connection = await Open(broker);
        await connection.Send(RawBytes.Connect(clientId, clean, keepAliveSeconds, will));
        RawPacket connAck = await connection.Next(RawType.ConnAck);
        Assert.AreEqual(0, connAck.Body[1], "CONNACK return code");
        return connection;
    }

    public async Task Send(params byte[][] packets) => await _stream.WriteAsync(packets.SelectMany(bytes => bytes).ToArray());

    /// <summary>Sends to a connection that the other side may have ended meanwhile, which is what the case is about.</summary>
    public async Task SendUntilClosed(byte[] bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // Reset by the broker while we were still writing.
        }
    }

    /// <summary>The next packet not yet taken, whatever it is.</summary>
    public async Task<RawPacket> Next()
    {
        RawPacket packet = await Packets.WaitFor(static _ => true, $"packet {_taken + 1}", _taken);
        _taken++;
        return packet;
    }

    public async Task<RawPacket> Next(RawType type)
    {
        RawPacket packet = await Next();
        Assert.AreEqual(type, packet.Type, packet.ToString());
        return packet;
    }

    public async Task Subscribe(string filter, int qos = 0)
    {
        const int PacketId = 0x5B5B;
        await Send(RawBytes.Subscribe(PacketId, qos, filter));
        RawPacket subAck = await Packets.WaitFor(packet => packet.Type == RawType.SubAck && packet.PacketId == PacketId, "SUBACK", _taken);
        Assert.AreEqual(qos, subAck.Body[^1], $"granted QoS of {filter}");
        _taken = Packets.Items.ToList().IndexOf(subAck) + 1;
    }

    /// <summary>Waits until the broker has ended the connection.</summary>
    public async Task WaitForClose(TimeSpan? patience = null)
    {
        try
        {
            await _reading.WaitAsync(patience ?? Patience.Default);
        }
        catch (TimeoutException timeout)
        {
            throw new AssertFailedException($"the broker keeps the connection open; it sent: {string.Join(", ", Packets.Items)}", timeout);
        }
    }

    /// <summary>Closes the socket without a DISCONNECT.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    private async Task Read()
    {
        byte[] buffer = new byte[BufferBytes];
        PacketCutter cutter = new();
        try
        {
            while (await _stream.ReadAsync(buffer) is > 0 and int count)
                foreach (RawPacket packet in cutter.Cut(buffer.AsSpan(0, count)))
                    Packets.Add(packet);
            Packets.End("the connection ended (end of stream)");
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or WebSocketException)
        {
            // Reset, or our own Dispose: this connection says nothing more.
            Packets.End($"the connection ended ({end.GetType().Name})");
        }
    }
}
