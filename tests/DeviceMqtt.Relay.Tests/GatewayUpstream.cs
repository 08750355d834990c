using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Another gateway as upstream, whose port a test can take away and give back. Its own clients stay connected meanwhile.</summary>
internal sealed class GatewayUpstream : IUpstream
{
    private readonly List<(Socket Socket, Task Serving)> _connections = [];
    private Socket _listener = Bind(0);
    private CancellationTokenSource _ending = new();
    private Task _accepting;
    private readonly bool _isOfAnother;

    private GatewayUpstream(TestBroker gateway, bool isOfAnother)
    {
        Gateway = gateway;
        _isOfAnother = isOfAnother;
        _listener.Listen();
        Address = $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
        _accepting = AcceptAsync(_listener, _ending.Token);
    }

    public TestBroker Gateway { get; }

    public string Address { get; }

    public static GatewayUpstream Start(Action<Ground>? ports = null) => new(
        TestBroker.Start(limits: null, ground =>
        {
            ground.Access = new EverybodyIs(ClientRole.Bridge);
            ports?.Invoke(ground);
        }),
        isOfAnother: false);

    /// <summary>A port for a gateway that is there, and that somebody else ends.</summary>
    public static GatewayUpstream Of(TestBroker gateway) => new(gateway, isOfAnother: true);

    /// <summary>Nobody listens any more, and the connections there were are broken.</summary>
    public async Task GoAwayAsync()
    {
        await EndAsync();
        // The port is kept, so that nobody else takes it meanwhile.
        _listener = Bind(new Uri(Address).Port);
    }

    public void ComeBack()
    {
        _listener.Listen();
        _accepting = AcceptAsync(_listener, (_ending = new CancellationTokenSource()).Token);
    }

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await Patience.Within(_accepting, "the end of accepting");
        // Before the connections: who comes again at once would be taken by the system, and then reset.
        _listener.Dispose();
        foreach ((Socket socket, Task serving) in _connections)
        {
            socket.Dispose();
            await Patience.Within(serving, "the end of a connection");
        }

        _connections.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (!_isOfAnother)
            await Gateway.DisposeAsync();
    }

    private static Socket Bind(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private async Task AcceptAsync(Socket listener, CancellationToken ending)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(ending);
                socket.NoDelay = true;
                _connections.Add((socket, ServeAsync(socket)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Listening has been stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using StreamTransport transport = new(new NetworkStream(socket, ownsSocket: true), TimeProvider.System);
        await Gateway.ServeAsync(transport, socket.Dispose);
    }
}
