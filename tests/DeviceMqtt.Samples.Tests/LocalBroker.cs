using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;

namespace DeviceMqtt.Samples.Tests;

/// <summary>Serves a broker of this process on a free port, with public types alone, as a program of somebody else would.</summary>
internal sealed class LocalBroker : BrokerUnderTest
{
    private readonly MqttBroker _broker;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    public LocalBroker(MqttBroker broker)
    {
        _broker = broker;
        _listener.Start();
        _accepting = Accept();
    }

    public override int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public override Uri WebSocketAddress => throw new NotSupportedException("it speaks TCP alone");

    public override string Transcript() => $"a broker of this process with {_broker.ConnectionCount} connections";

    /// <summary>Closes all connections, and waits for them.</summary>
    public override async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _broker.CloseAll();
        await Task.WhenAll(_connections);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _connections.Add(Serve(await _listener.AcceptSocketAsync()));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task Serve(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        await _broker.ServeAsync(new Pipes(PipeReader.Create(stream), PipeWriter.Create(stream)), socket.RemoteEndPoint, socket.Dispose);
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
