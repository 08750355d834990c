using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A sender here learns what becomes of a command whose target is not known here, which goes to the upstream (P2P rule 7).</summary>
[TestClass]
public sealed class RelayFateTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set","from":"app","ttl":30}""";
    private const string Relayed = """{"st":"relayed","to":"far","id":"k7","upstream":"upstream"}""";
    private const string Queued = """{"st":"queued","to":"far","id":"k7","upstream":"upstream"}""";
    private const string Expired = """{"st":"expired","to":"far","id":"k7","upstream":"upstream"}""";

    public static IEnumerable<object[]> Versions =>
    [
        [ProtocolVersion.V311, "3.1.1"], [ProtocolVersion.V311, "5.0"], [ProtocolVersion.V5, "3.1.1"], [ProtocolVersion.V5, "5.0"],
    ];

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule07_UnknownTargetWithAnUpstream_SenderIsToldThatItHasIt(ProtocolVersion version, string link)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = link);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient app = await SenderAsync(relay, peer, version);

        Assert.AreEqual(ReasonCode.Success, await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce));
        Assert.AreEqual("dm/p2p/far", (await peer.ReceivePublishAndAckAsync()).Topic);

        Assert.AreEqual(Relayed, (await app.ReceivePublishAsync()).Payload);
        await app.ExpectNothingAsync();
        Assert.AreEqual(0, relay.Gateway.Look(b => b.Receipts.OwedCount));
    }

    [TestMethod]
    public async Task Rule07_UpstreamHasNobodyOfThatName_DroppedAsUnknown()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient app = await SenderAsync(relay, peer);

        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NoMatchingSubscribers);

        Assert.AreEqual("""{"st":"dropped","to":"far","id":"k7","why":"unknown","upstream":"upstream"}""", (await app.ReceivePublishAsync()).Payload);
        await app.ExpectNothingAsync();
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
        relay.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(ReasonCode.NotAuthorized, "denied")]
    [DataRow(ReasonCode.TopicNameInvalid, "refused")]
    [DataRow(ReasonCode.QuotaExceeded, "full")]
    public async Task Refused_ByTheUpstream_ToldAndNotSetAside(ReasonCode code, string why)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient app = await SenderAsync(relay, peer);

        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, code);
        await relay.PublishAsync("dm/b/tele/t", "the next");

        Assert.AreEqual($$"""{"st":"dropped","to":"far","id":"k7","why":"{{why}}","upstream":"upstream"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual(0, relay.Look(s => s.Buffer.SetAsides.Count));
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.UpstreamRefused));
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.CommandRefused), $"{code}", StringComparison.Ordinal);
        relay.Gateway.AssertLedgerBalances();
        await app.ExpectNothingAsync();
    }

    // Nobody listens: it is not kept for an operator all the same. What is no command is.
    [TestMethod]
    public async Task Refused_CommandWithoutAListener_NotSetAsideAndAnAnswerIs()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        TestClient app = await relay.Gateway.ConnectAsync("app");
        await peer.GrantAsync(["+/p2p/app"]);
        foreach (string payload in new[] { Command, """{"id":"k7","st":"ok","code":0}""" })
        {
            await app.PublishAsync("dm/p2p/far", payload, QoS.AtLeastOnce);
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        }

        await relay.WhenIdleAsync();

        StringAssert.Contains(System.Text.Encoding.UTF8.GetString(relay.Look(s => s.Buffer.SetAsides.All.Single().Queued.Message.Payload)), "\"st\":\"ok\"", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Upstream_ClosesForACommand_ToldAndNotSetAside()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient app = await SenderAsync(relay, peer);
        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual("dm/p2p/far", (await peer.ReceivePublishAsync()).Topic);
            await peer.DisposeAsync();
            peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        }

        await peer.ReceivePresenceAsync();
        Assert.AreEqual("dm/p2p/far", (await peer.ReceivePublishAsync()).Topic); // alone
        await peer.DisposeAsync();

        Assert.AreEqual("""{"st":"dropped","to":"far","id":"k7","why":"refused","upstream":"upstream"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(0, relay.Look(s => s.Buffer.SetAsides.Count));
    }

    [TestMethod]
    public async Task Upstream_IsAway_QueuedThenExpiredWhileItIsAway_AndNotSentLater()
    {
        await using TestRelay relay = await TestRelay.StartAsync(disk: new MemoryStorage());
        TestClient app = await relay.Gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");

        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        Assert.AreEqual(Queued, (await app.ReceivePublishAsync()).Payload);
        relay.Gateway.Advance(30);
        Assert.AreEqual(Expired, (await app.ReceivePublishAsync()).Payload);

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await peer.GrantAsync(["+/p2p/app"]);
        await relay.PublishAsync("dm/b/tele/t", "the next");
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        await app.ExpectNothingAsync();
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
        Assert.AreEqual(0, relay.Gateway.Look(b => b.Receipts.OwedCount));
        relay.Gateway.AssertLedgerBalances();
    }

    // The upstream may have it: it is not told as expired while its acknowledgement may still come.
    [TestMethod]
    public async Task Upstream_HasNotAcknowledgedYet_RelayedAlthoughItsTimeIsOver()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayAnswerSecondsMax = 60);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient app = await SenderAsync(relay, peer);
        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        ushort packetId = (await peer.ReceivePublishAsync()).PacketId;

        relay.Gateway.Advance(30);
        await app.ExpectNothingAsync();
        await peer.SendAckAsync(PacketType.PubAck, packetId);

        Assert.AreEqual(Relayed, (await app.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Backlog_Full_OldestIsToldAsDropped()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayMessagesMax = 1);
        TestClient app = await relay.Gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");

        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        Assert.AreEqual(Queued, (await app.ReceivePublishAsync()).Payload);
        await app.PublishAsync("dm/p2p/far", Command.Replace("k7", "k8", StringComparison.Ordinal), QoS.AtLeastOnce);

        HashSet<string> told = [(await app.ReceivePublishAsync()).Payload, (await app.ReceivePublishAsync()).Payload];
        Assert.Contains("""{"st":"dropped","to":"far","id":"k7","why":"full","upstream":"upstream"}""", told);
        Assert.Contains(Queued.Replace("k7", "k8", StringComparison.Ordinal), told);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Gateway_KilledWhileItWaits_FateIsToldAfterwards(bool isExpiredFirst)
    {
        TestRelay relay = await TestRelay.StartAsync(disk: new MemoryStorage());
        TestClient app = await relay.Gateway.ConnectAsync("app", clean: false);
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);
        Assert.AreEqual(Queued, (await app.ReceivePublishAndAckAsync()).Payload);
        if (isExpiredFirst)
        {
            relay.Gateway.Advance(30);
            Assert.AreEqual(Expired, (await app.ReceivePublishAndAckAsync()).Payload);
        }

        await relay.PublishRetainedAsync("$local", "commits");
        await using TestRelay again = await TestRelay.StartAsync(disk: await relay.CrashAsync());
        TestClient back = await again.Gateway.ConnectAsync("app", clean: false);
        UpstreamPeer peer = await again.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        if (!isExpiredFirst)
            Assert.AreEqual("dm/p2p/far", (await peer.ReceivePublishAndAckAsync()).Topic);
        await peer.GrantAsync(["+/p2p/app"]);
        if (!isExpiredFirst)
            Assert.AreEqual(Relayed, (await back.ReceivePublishAndAckAsync()).Payload);

        await again.WhenIdleAsync();
        await back.ExpectNothingAsync();
        again.Gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Upstream_WithoutP2P_TargetIsUnknownAsWithoutAnUpstream()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.P2P = false);
        TestClient app = await relay.Gateway.ConnectAsync("app", ProtocolVersion.V5);
        await app.SubscribeAsync("$gw/receipt/app");

        ushort packetId = await app.SendPublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);

        Assert.AreEqual("""{"st":"dropped","to":"far","id":"k7","why":"unknown"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await app.ExpectAckAsync(PacketType.PubAck, packetId));
    }

    [TestMethod]
    public async Task Nobody_Listens_NothingIsKeptOrTold()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        TestClient app = await relay.Gateway.ConnectAsync("app");

        await app.PublishAsync("dm/p2p/far", Command, QoS.AtLeastOnce);

        Assert.AreEqual(0, relay.Gateway.Look(b => b.Receipts.OwedCount));
        await app.ExpectNothingAsync();
    }

    // A sender that asks something upstream is to be reached from there.
    private static async Task<TestClient> SenderAsync(TestRelay relay, UpstreamPeer peer, ProtocolVersion version = ProtocolVersion.V311)
    {
        TestClient app = await relay.Gateway.ConnectAsync("app", version);
        await app.SubscribeAsync("$gw/receipt/app");
        await peer.GrantAsync(["+/p2p/app"]);
        return app;
    }
}
