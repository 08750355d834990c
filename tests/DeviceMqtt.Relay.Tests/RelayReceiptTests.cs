using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A sender upstream learns what became of its command, where a rule sends the receipts up.</summary>
[TestClass]
public sealed class RelayReceiptTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set","from":"app"}""";

    [TestMethod]
    public async Task Receipts_RuleSendsThemUp_SenderUpstreamIsToldOnItsTopicThere()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Filter = "$gw/receipt/+", Topic = "dm/receipt/{1}", Class = RelayClass.High }, new RelayRule { Filter = "#" }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await board.DropAsync();

        await peer.SendPublishAsync("dm/p2p/dev1", Command, QoS.AtLeastOnce, 1);
        await ExpectAsync(peer, "queued", ackOf: 1);
        TestClient again = await relay.Gateway.ConnectAsync("dev1");
        await again.ReceivePublishAndAckAsync();
        await ExpectAsync(peer, "delivered");
        await again.DropAsync();
        await peer.SendPublishAsync("dm/p2p/dev1", Command, QoS.AtLeastOnce, 2);
        await ExpectAsync(peer, "queued", ackOf: 2);
        relay.Gateway.Advance(60);
        await ExpectAsync(peer, "expired");
    }

    // The upstream is told that the command is taken when its receipt is kept: after a kill in between nobody would hear of it again.
    [TestMethod]
    public async Task Receipt_OverAtOnce_KeptForTheUpstreamBeforeItsCommandIsAcknowledged()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Filter = "$gw/receipt/+", Topic = "dm/receipt/{1}", Class = RelayClass.High }, new RelayRule { Filter = "#" }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await peer.SendPublishAsync("dm/p2p/dev1", """{"id":"k7","cmd":"relay.set","from":"app","exp":1000000000}""", QoS.AtLeastOnce, 1);

        await ExpectAsync(peer, "expired");
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
    }

    [TestMethod]
    public async Task Receipts_NoRule_NoneIsMade()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await peer.SendPublishAsync("dm/p2p/dev1", Command, QoS.AtLeastOnce, 1);
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
        await board.ReceivePublishAndAckAsync();
        await relay.PublishAsync("dm/b/tele/t", "the next");

        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Receipts_TwoGateways_SenderAboveIsToldByTheOneBelow()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Filter = "$gw/receipt/+" }, new RelayRule { Filter = "#" }], upstream: upstream);
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        TestClient app = await upstream.Gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        await Patience.Until(() => upstream.Gateway.Look(b => b.GatewaysBelow.Find("dev1")) is not null, "the gateway below with its device");

        await app.PublishAsync("dm/p2p/dev1", Command, QoS.AtLeastOnce);
        await board.ReceivePublishAndAckAsync();

        Assert.AreEqual("""{"st":"delivered","to":"dev1","id":"k7","gateway":"gw"}""", (await app.ReceivePublishAsync()).Payload);
        await app.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Receipts_GatewayBelowIsAway_QueuedAndExpiredAreToldHere()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        await relay.Gateway.ConnectAsync("dev1");
        TestClient app = await upstream.Gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        await Patience.Until(() => upstream.Gateway.Look(b => b.GatewaysBelow.Find("dev1")) is not null, "the gateway below with its device");
        await upstream.GoAwayAsync();
        await Patience.Until(() => upstream.Gateway.Look(b => b.GatewaysBelow.Find("dev1")) is { IsConnected: false }, "the end of its connection");

        await app.PublishAsync("dm/p2p/dev1", Command, QoS.AtLeastOnce);
        Assert.AreEqual("""{"st":"queued","to":"dev1","id":"k7"}""", (await app.ReceivePublishAsync()).Payload);
        upstream.Gateway.Advance(60);

        Assert.AreEqual("""{"st":"expired","to":"dev1","id":"k7"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, upstream.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task Receipt_ClientPublishesOne_Refused()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        TestClient liar = await upstream.Gateway.ConnectAsync("liar", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await liar.PublishAsync("$gw/receipt/app", "{}", QoS.AtLeastOnce));
    }

    private static async Task ExpectAsync(UpstreamPeer peer, string status, ushort ackOf = 0)
    {
        if (ackOf != 0)
            await peer.ExpectAckAsync(PacketType.PubAck, ackOf);
        ReceivedPublish receipt = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/receipt/app", $$"""{"st":"{{status}}","to":"dev1","id":"k7","gateway":"gw"}"""), receipt.TopicAndPayload);
    }
}
