using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Tests.Polling;

/// <summary>A connection that is polled, and the client at its other end.</summary>
internal sealed class PolledPair : IAsyncDisposable
{
    private readonly Poller _poller;
    private readonly PolledListener _listener;
    private readonly Channel<PolledConnection> _accepted = Channel.CreateUnbounded<PolledConnection>();

    private PolledPair(TimeProvider time)
    {
        Turn = new Turn(time);
        _poller = new Poller(Turn, Log);
        _listener = new PolledListener(_poller, new IPEndPoint(IPAddress.Loopback, 0), connection => Assert.IsTrue(_accepted.Writer.TryWrite((PolledConnection)connection)), Log);
        _listener.Start();
    }

    public Poller Poller => _poller;

    /// <summary>The test makes something fail on the poller's thread.</summary>
    public bool FailsOnPurpose { get; set; }

    public Turn Turn { get; }

    public RecordingLog Log { get; } = new();

    public Socket Client { get; private set; } = null!;

    public PolledConnection Gateway { get; private set; } = null!;

    public PolledReader Input => (PolledReader)Gateway.Input;

    public static async Task<PolledPair> ConnectAsync(TimeProvider? time = null)
    {
        PolledPair pair = new(time ?? TimeProvider.System);
        (pair.Client, pair.Gateway) = await pair.ConnectMoreAsync();
        return pair;
    }

    public async Task<(Socket Client, PolledConnection Gateway)> ConnectMoreAsync()
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_listener.EndPoint);
        return (client, await Patience.Within(_accepted.Reader.ReadAsync().AsTask(), "a connection"));
    }

    /// <summary>Everything that the gateway sends until it ends.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using MemoryStream all = new();
        byte[] some = new byte[4096];
        // By the socket itself: a stream cannot be had of one that has ended its own side.
        while (await Patience.Within(Client.ReceiveAsync(some), "the end of the connection") is > 0 and int bytes)
            all.Write(some, 0, bytes);
        return all.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Gateway.DisposeAsync();
        _listener.Dispose();
        _poller.Dispose();
        Assert.AreEqual(FailsOnPurpose, Log.Lines.Any(static line => line.Contains("went wrong", StringComparison.Ordinal)), string.Join('\n', Log.Lines));
    }
}
