using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Wills of devices, held upstream by connections of their own: nobody is shown online there by a gateway that is cut off.</summary>
[TestClass]
public sealed class DeviceWillTests
{
    private const string Topic = "presence/board";
    private static readonly WillMessage Offline = new() { Topic = Topic, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };

    [TestMethod]
    public async Task Will_OfAClient_IsTheWillOfAConnectionUpstream()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        _ = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("board", will: Offline);

        ConnectPacket connect = await (await relay.Upstream.AcceptAsync()).ReceiveConnectAsync();
        Assert.AreEqual(("gw/board", true, false), (connect.ClientId, connect.CleanStart, connect.IsBridge));
        Assert.AreEqual((Topic, QoS.AtLeastOnce, true), (connect.Will!.Topic, connect.Will.QoS, connect.Will.Retain));
        CollectionAssert.AreEqual(Offline.Payload, connect.Will.Payload);
    }

    [TestMethod]
    public async Task Presence_BeforeTheUpstreamHasTheWill_WithoutRetainAndOnceMoreWithIt()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await relay.Upstream.AcceptAsync();
        _ = await will.ReceiveConnectAsync();

        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true", retain: false);
        await will.SendConnAckAsync(0);
        await ExpectAsync(peer, "true", retain: true);

        _ = await board.PublishAsync(Topic, "true again", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true again", retain: true);
        await relay.WhenIdleAsync();
    }

    [TestMethod]
    public async Task Link_Lost_WillsAreLeftToTheUpstreamAndTheStateIsToldAnew()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual("true", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();

        await peer.DisposeAsync();

        await will.ExpectCloseAsync(); // without DISCONNECT
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await again.ReceivePresenceAsync();
        _ = await relay.Upstream.AcceptMqttAsync();
        await ExpectAsync(again, "true", retain: true);
    }

    // The gateway is not cut off: nobody here has gone.
    [TestMethod]
    [DataRow(true, ReasonCode.QuotaExceeded, 1), DataRow(false, ReasonCode.QuotaExceeded, 1), DataRow(true, ReasonCode.NotAuthorized, 8)]
    public async Task Link_EndedByTheGatewayItself_WillsStayWhereTheyAreUnlessItDoesNotComeBack(bool comesBack, ReasonCode reason, int refused)
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.Protocol, o.KeepAliveSeconds) = ("5.0", 1000), static l => l.RelayAckSecondsMax = 60, static fake => fake);
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual("true", (await peer.ReceivePublishAndAckAsync()).Payload);
        string[] payloads = [.. Enumerable.Range(0, refused).Select(static i => $"refused {i}")];
        await relay.PublishAsync("t", payloads);
        foreach (string _ in payloads)
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, reason);
        await peer.ExpectCloseAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.Disconnected);
        if (!comesBack)
        {
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(61));
            await will.ExpectCloseAsync();
            return;
        }

        UpstreamPeer again = await relay.AcceptLaterAsync();
        foreach (string payload in payloads)
            Assert.AreEqual(payload, (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ReceivePresenceAsync();
        Assert.AreEqual(1, relay.Look(static s => s.WillsHeld), "on the same connection as before");
        await board.DropAsync();
        Assert.AreEqual("false", (await again.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(PacketType.Disconnect, (await will.ReceiveAsync()).Type);
    }

    [TestMethod]
    public async Task Client_LeavesWithoutAWord_ItsWillIsDroppedUpstreamOnceItIsThere()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);

        await board.DropAsync();
        ReceivedPublish offline = await peer.ReceivePublishAsync();
        Assert.AreEqual((Topic, "false", true), (offline.Topic, offline.Payload, offline.Retain));
        Tick(relay);
        Assert.AreEqual(1, relay.Look(s => s.WillsHeld), "the Will is dropped before what it says is acknowledged");
        await peer.SendAckAsync(PacketType.PubAck, offline.PacketId);

        Assert.AreEqual(PacketType.Disconnect, (await will.ReceiveAsync()).Type);
        await will.ExpectCloseAsync();
    }

    [TestMethod]
    public async Task Client_WhatItLeftWasDropped_SentOnceMoreAndThenItsWillIsDropped()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.BufferQoS0 = false, time: fake => fake);
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true", retain: true);
        await relay.WhenIdleAsync();

        // As if "false" had not found room: it is retained here, and nothing of it is under way.
        using (relay.Gateway.Broker.Turn.Enter())
            _ = relay.Gateway.Broker.Retained.Set(Make.Message(Topic, payload: "false"), relay.Gateway.Broker.Owners.Nobody);
        await board.DisconnectAsync();
        relay.Gateway.Advance(5.1);
        Tick(relay);

        await ExpectAsync(peer, "false", retain: true);
        Assert.AreEqual(PacketType.Disconnect, (await will.ReceiveAsync()).Type);
    }

    [TestMethod]
    public async Task Gateway_Stops_WillsAreLeftToTheUpstream()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);

        relay.Gateway.Stop();
        Tick(relay);
        Task stop = relay.Uplink.StopAsync(CancellationToken.None);

        await peer.ReceivePresenceAsync("false");
        await will.ExpectCloseAsync(); // without DISCONNECT
        await Patience.Within(stop, "the stop of the relay");
    }

    [TestMethod]
    public async Task Upstream_ClosesTheConnection_MadeAnewAndTheStateIsToldAgain()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true", retain: true);

        await will.DisposeAsync();

        _ = await relay.Upstream.AcceptMqttAsync();
        await ExpectAsync(peer, "true", retain: true);
    }

    [TestMethod]
    public async Task PINGREQ_NotAnswered_ConnectionMadeAnew()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 1, limits: l => l.RelayAnswerSecondsMax = 5); // as long as this test may be held up between two lines
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);

        Assert.AreEqual(PacketType.PingReq, (await will.ReceiveAsync()).Type);
        await will.SendAsync([0xD0, 0x00]);
        Assert.AreEqual(PacketType.PingReq, (await will.ReceiveAsync()).Type);

        while (await will.TryReceiveAsync() is { } asked)
            Assert.AreEqual(PacketType.PingReq, asked.Type);
    }

    /// <summary>Seed 2 of the simulation: a Keep Alive below twice the time for an answer had every Will published, again and again.</summary>
    [TestMethod]
    public async Task PINGREQ_AnswerMayTakeLongerThanKeepAlive_AskedAgainMeanwhile()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 1, limits: l => l.RelayAnswerSecondsMax = 30);
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);

        Assert.AreEqual(PacketType.PingReq, (await will.ReceiveAsync()).Type);
        Assert.AreEqual(PacketType.PingReq, (await will.ReceiveAsync()).Type);
    }

    [TestMethod]
    public async Task Will_AnotherOne_OnAConnectionOfItsOwn()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        UpstreamPeer will = await HeldAsync(relay);
        await board.DisconnectAsync();
        _ = await relay.Gateway.ConnectAsync("board", will: new WillMessage { Topic = Topic, Payload = "gone"u8.ToArray(), Retain = true });

        CollectionAssert.AreEqual("gone"u8.ToArray(), (await (await relay.Upstream.AcceptAsync()).ReceiveConnectAsync()).Will!.Payload);
        Assert.IsTrue(await will.TryReceiveAsync() is null or { Type: PacketType.Disconnect });
    }

    [TestMethod]
    public async Task Will_OfTwoClientsForOneTopic_TheNewestIsHeld()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.P2P = false);
        _ = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("board", will: Offline);
        UpstreamPeer first = await HeldAsync(relay);

        _ = await relay.Gateway.ConnectAsync("board-again", will: Offline);

        Assert.AreEqual("gw/board-again", (await (await relay.Upstream.AcceptAsync()).ReceiveConnectAsync()).ClientId);
        Assert.AreEqual(PacketType.Disconnect, (await first.ReceiveAsync()).Type);
    }

    [TestMethod]
    public async Task Backlog_AMessageThatALaterOneReplaced_IsNotRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        await relay.PublishRetainedAsync("dm/b/info", "old");
        relay.Gateway.Advance(0.01);
        await relay.PublishRetainedAsync("dm/b/info", "new");

        UpstreamPeer peer = await ConnectedAsync(relay);

        foreach ((string payload, bool retain) in new[] { ("old", false), ("new", true) })
        {
            ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
            Assert.AreEqual((payload, retain), (publish.Payload, publish.Retain));
        }
    }

    [TestMethod]
    public async Task Client_BackAtOnce_KeepsItsConnection()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);
        _ = await HeldAsync(relay);

        await board.DropAsync();
        ReceivedPublish offline = await peer.ReceivePublishAsync(); // not acknowledged: the Will stays
        TestClient back = await relay.Gateway.ConnectAsync("board", will: Offline);
        await peer.SendAckAsync(PacketType.PubAck, offline.PacketId);
        _ = await back.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);

        await ExpectAsync(peer, "true", retain: true);
        Assert.AreEqual(1, relay.Look(s => s.WillsHeld));
    }

    [TestMethod]
    public async Task Upstream_RefusesTheConnection_SaidOnceAndPresenceIsNotRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        TestClient board = await ConnectAsync(relay, peer);
        for (int tries = 0; tries < 3; tries++)
        {
            UpstreamPeer will = await relay.Upstream.AcceptAsync();
            _ = await will.ReceiveConnectAsync();
            await will.SendConnAckAsync(5);
        }

        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true", retain: false);

        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.DeviceWillNotHeld), "does not hold the Will of 'board', NotAuthorized", StringComparison.Ordinal);
        relay.Lines.ExpectNoMore(RelayLines.DeviceWillNotHeld);
    }

    [TestMethod]
    public async Task Will_NotHeldUpstream_WhatItSaysIsRetainedAllTheSame()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.DeviceWillsMax = 0);
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);

        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "true", retain: false);
        await board.DropAsync();

        await ExpectAsync(peer, "false", retain: true);
    }

    [TestMethod]
    public async Task Client_LeavesWithOtherWordsThanItsWill_TheyAreRetainedUpstreamOnceItIsGone()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.DeviceWillsMax = 0);
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await ConnectAsync(relay, peer);

        _ = await board.PublishAsync(Topic, "asleep", QoS.AtLeastOnce, retain: true);
        await ExpectAsync(peer, "asleep", retain: false);
        await board.DisconnectAsync();

        await ExpectAsync(peer, "asleep", retain: true);
    }

    [TestMethod]
    public async Task DeviceWillsMax_Reached_TheOthersAreNotRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.DeviceWillsMax, o.P2P) = (1, false));
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        TestClient first = await relay.Gateway.ConnectAsync("board", will: Offline);
        _ = await HeldAsync(relay);

        TestClient second = await relay.Gateway.ConnectAsync("board2", will: new WillMessage { Topic = Topic + "2", Retain = true });
        _ = await second.PublishAsync(Topic + "2", "true", QoS.AtLeastOnce, retain: true);
        Assert.IsFalse((await peer.ReceivePublishAndAckAsync()).Retain);
        _ = await relay.Lines.ExpectAsync(RelayLines.TooManyDeviceWills);

        // A place that becomes free is taken, and what is retained goes up with RETAIN.
        await first.DisconnectAsync();
        _ = await relay.Upstream.AcceptMqttAsync();
        ReceivedPublish again = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual((Topic + "2", "true", true), (again.Topic, again.Payload, again.Retain));
    }

    [TestMethod]
    public async Task Will_OfAClientThatIsHere_PublishedUpstream_DoesNotComeDown()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.P2P, o.Rules) = (false, [new RelayRule { Direction = RelayDirection.In, Filter = "presence/#" }]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: false);
        await AnswerSubscriptionsAsync(peer);
        TestClient watcher = await relay.Gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("presence/#");
        _ = await relay.Gateway.ConnectAsync("board", will: Offline);

        await peer.SendPublishAsync(Topic, "false", QoS.AtLeastOnce, packetId: 1);
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
        await peer.SendPublishAsync("presence/elsewhere", "true", QoS.AtLeastOnce, packetId: 2);

        Assert.AreEqual("presence/elsewhere", (await watcher.ReceivePublishAsync()).Topic);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.CameBack));
    }

    // The gateway asks for what the rules want, and where it is connected as a bridge for its own presence, before that.
    private static async Task AnswerSubscriptionsAsync(UpstreamPeer peer)
    {
        for (bool isThrough = false; !isThrough;)
        {
            ReceivedPacket packet = await peer.ReceiveAsync();
            isThrough = packet.Type == PacketType.Subscribe && System.Text.Encoding.UTF8.GetString(packet.Bytes).Contains("presence/#", StringComparison.Ordinal);
            if (packet.Type == PacketType.Publish)
                await peer.SendAckAsync(PacketType.PubAck, ReceivedPublish.From(packet, peer.Version).PacketId);
        }
    }

    private static async Task<UpstreamPeer> ConnectedAsync(TestRelay relay)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        return peer;
    }

    /// <summary>A board with a Will, for which the relay subscribes upstream.</summary>
    private static async Task<TestClient> ConnectAsync(TestRelay relay, UpstreamPeer peer)
    {
        TestClient board = await relay.Gateway.ConnectAsync("board", will: Offline);
        await peer.GrantAsync(["+/p2p/board"]);
        return board;
    }

    private static void Tick(TestRelay relay)
    {
        using (relay.Gateway.Broker.Turn.Enter())
            relay.Session.Tick();
    }

    private static async Task<UpstreamPeer> HeldAsync(TestRelay relay)
    {
        UpstreamPeer will = await relay.Upstream.AcceptMqttAsync();
        await Patience.Until(() => relay.Look(s => s.WillsHeld) == 1, "the Will upstream");
        return will;
    }

    private static async Task ExpectAsync(UpstreamPeer peer, string payload, bool retain)
    {
        ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual((Topic, payload, retain), (publish.Topic, publish.Payload, publish.Retain));
    }
}
