using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>The operator: its Session stays, it subscribes to what the boards publish, and acknowledges all of it.</summary>
internal sealed class Operator : IAsyncDisposable
{
    public const string User = "admin";
    private readonly NetworkStream _stream;
    private readonly ConcurrentDictionary<string, bool> _seen;
    private readonly Task _reading;

    private Operator(NetworkStream stream, ConcurrentDictionary<string, bool> seen)
    {
        _stream = stream;
        _seen = seen;
        _reading = ReadAsync();
    }

    /// <param name="port">Of the gateway.</param>
    /// <param name="seen">What it has seen on earlier connections.</param>
    public static async Task<Operator> Connect(int port, ConcurrentDictionary<string, bool> seen)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using CancellationTokenSource timeout = new(Patience.Default);
        await socket.ConnectAsync("127.0.0.1", port, timeout.Token);
        NetworkStream stream = new(socket, ownsSocket: true);
        await stream.WriteAsync(HostileBytes.Connect("operator", User, clean: false), timeout.Token);
        byte[] connAck = new byte[4];
        await stream.ReadExactlyAsync(connAck, timeout.Token);
        Assert.AreEqual(0, connAck[3], "the CONNACK of the operator");
        await stream.WriteAsync(HostileBytes.Subscribe(isV5: false, qos: 1, "home/#"), timeout.Token);
        return new Operator(stream, seen);
    }

    public async Task WaitFor(Acknowledged acknowledged)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (acknowledged.All.FirstOrDefault(id => !_seen.ContainsKey(id)) is { } missing)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > Patience.Default)
                Assert.Fail($"{acknowledged.All.Count(id => !_seen.ContainsKey(id))} of {acknowledged.All.Count} messages were acknowledged and did not arrive: {missing} is one of them");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            using BufferedStream buffered = new(_stream, 64 * 1024);
            while (true)
            {
                byte first = await ReadByte(buffered);
                byte[] body = new byte[await ReadLength(buffered)];
                await buffered.ReadExactlyAsync(body);
                RawPacket packet = new(first, body);
                if (packet.Type != RawType.Publish)
                    continue;
                _seen[Encoding.UTF8.GetString(packet.Payload)] = true;
                if (packet.QoS == 1)
                    await _stream.WriteAsync(RawBytes.PubAck(packet.PacketId));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or NotSupportedException)
        {
            // The connection has ended: what is missing is found by who waits for it. Of a stream that was disposed between two
            // reads, BufferedStream says that it "does not support reading".
        }
    }

    private static async Task<byte> ReadByte(Stream stream)
    {
        byte[] one = new byte[1];
        await stream.ReadExactlyAsync(one);
        return one[0];
    }

    private static async Task<int> ReadLength(Stream stream)
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = await ReadByte(stream);
            value |= (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
    }
}
