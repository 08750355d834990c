using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A port where a test plays the upstream broker, packet by packet.</summary>
internal sealed class FakeUpstream : IUpstream
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<UpstreamPeer> _peers = [];

    private FakeUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
    }

    public string Address { get; }

    public static FakeUpstream Start()
    {
        FakeUpstream upstream = new();
        upstream._listener.Listen();
        return upstream;
    }

    /// <summary>A port where nobody listens, kept so that nobody else begins to.</summary>
    public static FakeUpstream Absent() => new();

    /// <summary>The gateway's next connection, on which nothing was read yet.</summary>
    public async Task<UpstreamPeer> AcceptAsync()
    {
        UpstreamPeer peer = new(await Patience.Within(_listener.AcceptAsync(), "a connection of the relay"));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>The gateway's next connection, accepted with CONNACK.</summary>
    public async Task<UpstreamPeer> AcceptMqttAsync(bool sessionPresent = false, ConnAckProperties? properties = null)
    {
        UpstreamPeer peer = await AcceptAsync();
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0, sessionPresent, properties);
        return peer;
    }

    public async Task EndAsync()
    {
        foreach (UpstreamPeer peer in _peers)
            await peer.DisposeAsync();
        _peers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _listener.Dispose();
    }
}
