using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Relay;

namespace DeviceMqtt.Gateway.Tests.Relay;

/// <summary>Another gateway as upstream, whose port a test can take away and give back. Its own clients stay connected meanwhile.</summary>
internal sealed class GatewayUpstream : IUpstream
{
    private readonly List<(Socket Socket, Task Serving)> _connections = [];
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private Task _accepting;

    private GatewayUpstream()
    {
        _listener.Start();
        Address = $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync(_listener);
    }

    public TestGateway Gateway { get; } = TestGateway.Start();

    public string Address { get; }

    public static GatewayUpstream Start() => new();

    /// <summary>Nobody listens any more, and the connections there were are broken.</summary>
    public async Task GoAwayAsync()
    {
        _listener.Stop();
        await Patience.Within(_accepting, "the end of listening");
        foreach ((Socket socket, Task serving) in _connections)
        {
            socket.Dispose();
            await Patience.Within(serving, "the end of a connection");
        }

        _connections.Clear();
    }

    public void ComeBack()
    {
        _listener = new TcpListener(IPAddress.Loopback, new Uri(Address).Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await GoAwayAsync();
        _listener.Dispose();
        await Gateway.DisposeAsync();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _connections.Add((socket, ServeAsync(socket)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Listening has been stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using StreamTransport transport = new(new NetworkStream(socket, ownsSocket: true));
        await Gateway.ServeAsync(transport, socket.Dispose);
    }
}
