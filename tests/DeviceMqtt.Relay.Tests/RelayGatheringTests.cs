using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>When the relay reads acknowledgements together, and when not.</summary>
[TestClass]
public sealed class RelayGatheringTests
{
    private const int Window = 40;
    private const int Messages = 160;

    [TestMethod]
    public async Task Backlog_AcknowledgedOneByOne_IsGathered_AndArrivesInItsOrder_ThenNotAnyMore()
    {
        WatchedNetwork network = new();
        await using TestRelay relay = await TestRelay.StartAsync(limits: static l => l.RelayInflightMax = Window, network: network);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        int longest = 0;

        await relay.PublishAsync("dm/b/tele/t", [.. Enumerable.Range(0, Messages).Select(static n => $"{n}")]);

        // Each acknowledgement has a read of its own: the next is sent when the message that it made room for has come.
        Queue<ushort> open = new();
        for (int n = 0; n < Messages; n++)
        {
            if (open.Count == Window)
                await peer.SendAckAsync(PacketType.PubAck, open.Dequeue());
            ReceivedPublish publish = await peer.ReceivePublishAsync();
            Assert.AreEqual($"{n}", publish.Payload);
            open.Enqueue(publish.PacketId);
            longest = Math.Max(longest, relay.Look(_ => network.Gathering.GatherUs));
        }

        while (open.TryDequeue(out ushort last))
            await peer.SendAckAsync(PacketType.PubAck, last);
        await relay.WhenIdleAsync();
        Assert.IsGreaterThan(0, longest);
        Assert.AreEqual(0, relay.Look(_ => network.Gathering.GatherUs));
    }

    [TestMethod]
    public async Task LoneMessages_AreNeverGathered()
    {
        WatchedNetwork network = new();
        await using TestRelay relay = await TestRelay.StartAsync(limits: static l => l.RelayInflightMax = Window, network: network);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        for (int n = 0; n < 30; n++)
        {
            await relay.PublishAsync("dm/b/tele/t", $"{n}");
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId);
            Assert.AreEqual(0, relay.Look(_ => network.Gathering.GatherUs));
        }
    }

    private sealed class WatchedNetwork : IUpstreamNetwork
    {
        private readonly TcpNetwork _tcp = new();

        public IGathering Gathering { get; private set; } = null!; // from the connection on

        public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation)
        {
            Stream stream = await _tcp.ConnectAsync(host, port, cancellation);
            Gathering = (IGathering)stream;
            return stream;
        }
    }
}
