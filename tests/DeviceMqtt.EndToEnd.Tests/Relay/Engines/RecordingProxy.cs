using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// Stands between a client and the nodes of a cluster, with a port for each node, and keeps every packet that crosses. It changes nothing: where one side ends the connection, so does the other.
/// A packet of the client is kept before the node has it, and a packet of the node before the client has it: what was answered is always there.
/// </summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly TcpListener[] _listeners;
    private readonly Task[] _serving;
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _connections;

    public RecordingProxy(IReadOnlyList<int> nodes)
    {
        _listeners = [.. nodes.Select(static _ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in _listeners)
            listener.Start();
        Ports = [.. _listeners.Select(static l => ((IPEndPoint)l.LocalEndpoint).Port)];
        _serving = [.. nodes.Select((port, i) => Serve(_listeners[i], port))];
    }

    /// <summary>In the order of the nodes.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>For <c>--upstream</c>.</summary>
    public string Addresses => BrokerUnderTest.AddressesOf(Ports);

    public EventLog<CrossedPacket> Packets { get; } = new("packets between a client and the cluster");

    public async ValueTask DisposeAsync()
    {
        foreach (TcpListener listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_serving);
    }

    private async Task Serve(TcpListener listener, int port)
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(Join(await listener.AcceptSocketAsync(), port, Interlocked.Increment(ref _connections)));
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections); // the test is over: both sides of each are gone, or go now
        }
    }

    private async Task Join(Socket client, int port, int connection)
    {
        using Socket node = new(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            client.NoDelay = node.NoDelay = true;
            try
            {
                await node.ConnectAsync(BrokerUnderTest.Host, port);
                await await Task.WhenAny(Copy(client, node, connection, isUp: true), Copy(node, client, connection, isUp: false));
            }
            catch (SocketException)
            {
                // The node is down, or one side has gone without a word: the other one is told in the same way.
            }
        }
    }

    private async Task Copy(Socket from, Socket to, int connection, bool isUp)
    {
        byte[] buffer = new byte[BufferBytes];
        PacketCutter cutter = new();
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and int count)
            {
                foreach (RawPacket packet in cutter.Cut(buffer.AsSpan(0, count)))
                    Packets.Add(new CrossedPacket(Stopwatch.GetElapsedTime(_began), connection, isUp, packet));
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // One side has ended it.
        }
    }
}
