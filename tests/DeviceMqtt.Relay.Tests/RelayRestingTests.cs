using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>While the disk is behind the relay writes no more: the backlog waits, and so does what comes from upstream. What is acknowledged is read.</summary>
[TestClass]
internal sealed class RelayRestingTests
{
    private SlowCustody _custody = null!;

    private Task<TestRelay> StartAsync() => TestRelay.StartAsync(limits: static l => l.PublisherPauseMs = 60_000, ports: ground => ground.Custody = _custody = SlowCustody.OnDisk(ground));

    [TestMethod]
    public async Task Backlog_LeavesAsTheDiskDoes()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("t", "0");
        ReceivedPublish first = await peer.ReceivePublishAsync();

        _custody.Calls.Clear();
        _custody.IsBehind = true;
        await relay.PublishAsync("t", "1");
        await Patience.Until(() => relay.Gateway.Look(b => b.Turn.Jobs.Resting) > 0, "the relay that rests");
        await peer.SendAckAsync(PacketType.PubAck, first.PacketId);
        await Patience.Until(() => relay.Look(s => s.Buffer.InFlight) == 0, "what is acknowledged all the same");
        Assert.DoesNotContain(static c => c.StartsWith("sent", StringComparison.Ordinal), relay.Look(_ => _custody.Calls.ToArray()), "it wrote while the disk was behind");

        _custody.IsBehind = false;
        _custody.Catch();
        Assert.AreEqual("1", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
    }

    [TestMethod]
    public async Task PUBLISH_OfTheUpstream_NoMoreIsReadUntilTheDiskHasGotFurther()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await relay.WhenIdleAsync();
        _custody.IsBehind = true;
        await peer.SendPublishAsync("dm/p2p/dev1", "0", QoS.AtMostOnce, 0);
        Assert.AreEqual("0", (await board.ReceivePublishAsync()).Payload);
        await peer.SendPublishAsync("dm/p2p/dev1", "1", QoS.AtMostOnce, 0);
        await board.ExpectNothingAsync();

        _custody.IsBehind = false;
        _custody.Catch();
        Assert.AreEqual("1", (await board.ReceivePublishAsync()).Payload);
    }
}
