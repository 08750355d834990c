using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>A board that publishes a reading at QoS 1 and waits for its acknowledgement. It fails when one does not come.</summary>
internal sealed class HonestBoard : IAsyncDisposable
{
    public const string User = "board";
    private readonly NetworkStream _stream;
    private readonly string _name;
    private readonly byte[] _ack = new byte[4];
    private int _number;

    private HonestBoard(NetworkStream stream, string name)
    {
        _stream = stream;
        _name = name;
    }

    public static async Task<HonestBoard> Connect(int port, string name, string user = User)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using CancellationTokenSource timeout = new(Patience.Default);
        await socket.ConnectAsync("127.0.0.1", port, timeout.Token);
        HonestBoard board = new(new NetworkStream(socket, ownsSocket: true), name);
        await board._stream.WriteAsync(HostileBytes.Connect(name, user), timeout.Token);
        await board._stream.ReadExactlyAsync(board._ack, timeout.Token);
        Assert.AreEqual("20020000", Convert.ToHexString(board._ack), $"the CONNACK of {name}");
        return board;
    }

    /// <summary>Publishes a reading and waits for its acknowledgement.</summary>
    public async Task PublishOne(Acknowledged acknowledged)
    {
        string id = $"{_name}-{++_number}";
        using CancellationTokenSource timeout = new(Patience.Default);
        await _stream.WriteAsync(RawBytes.Publish($"home/{_name}/tele", id, qos: 1, packetId: (_number % 60_000) + 1), timeout.Token);
        await _stream.ReadExactlyAsync(_ack, timeout.Token);
        Assert.AreEqual(0x40, _ack[0], $"the answer to PUBLISH {_number} of {_name}");
        acknowledged.Add(id);
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
