using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Tests.Relay;

/// <summary>A port where a test plays the upstream broker, packet by packet.</summary>
internal sealed class FakeUpstream : IUpstream
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<UpstreamPeer> _peers = [];

    private FakeUpstream()
    {
        _listener.Start();
        Address = $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
    }

    public string Address { get; }

    public static FakeUpstream Start() => new();

    /// <summary>A port where nobody listens.</summary>
    public static FakeUpstream Absent()
    {
        FakeUpstream upstream = new();
        upstream._listener.Stop();
        return upstream;
    }

    /// <summary>The gateway's next connection, on which nothing was read yet.</summary>
    public async Task<UpstreamPeer> AcceptAsync()
    {
        UpstreamPeer peer = new(await Patience.Within(_listener.AcceptSocketAsync(), "a connection of the relay"));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>The gateway's next connection, accepted with CONNACK.</summary>
    public async Task<UpstreamPeer> AcceptMqttAsync(bool sessionPresent = false)
    {
        UpstreamPeer peer = await AcceptAsync();
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0, sessionPresent);
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (UpstreamPeer peer in _peers)
            await peer.DisposeAsync();
    }
}
