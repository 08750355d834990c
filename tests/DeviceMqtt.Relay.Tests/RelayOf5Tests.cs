using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that speaks 5.0: what it says it takes is kept to, and what 5.0 can say about a message is said.</summary>
[TestClass]
public sealed class RelayOf5Tests
{
    [TestMethod]
    public async Task CONNECT_Auto_5First_Then311AsABridge_ThenAsAClient()
    {
        await using TestRelay relay = await StartAsync(o => o.Protocol = "auto");
        foreach ((ProtocolVersion version, bool isBridge) in new[] { (ProtocolVersion.V5, false), (ProtocolVersion.V311, true) })
        {
            UpstreamPeer refusing = await relay.Upstream.AcceptAsync();
            ConnectPacket refused = await refusing.ReceiveConnectAsync();
            Assert.AreEqual((version, isBridge), (refused.Version, refused.IsBridge));
            await refusing.SendAsync(Packet.Of("20 02 00 01")); // 3.1.1: unacceptable protocol version
        }

        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        ConnectPacket connect = await peer.ReceiveConnectAsync();
        Assert.AreEqual((ProtocolVersion.V311, false), (connect.Version, connect.IsBridge));
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();
        relay.Lines.ExpectNoMore(RelayLines.Disconnected);
    }

    [TestMethod]
    public async Task CONNECT_Of5_SessionForEverAndSaysItIsAGateway()
    {
        await using TestRelay relay = await StartAsync();
        ConnectPacket connect = await (await relay.Upstream.AcceptAsync()).ReceiveConnectAsync();

        Assert.AreEqual((uint.MaxValue, false), (connect.Properties.SessionExpirySeconds!.Value, connect.CleanStart));
        Assert.AreEqual(1024u * 1024, connect.Properties.MaximumPacketSize);
        Assert.IsTrue(BridgeMark.IsIn(connect));
    }

    [TestMethod]
    public async Task CONNACK_Of5_Refuses_ReasonNamed()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await peer.ReceiveConnectAsync();

        await peer.SendConnAckAsync((byte)ReasonCode.NotAuthorized, properties: new ConnAckProperties { ReasonString = "ask the owner" });

        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "NotAuthorized: the upstream refuses: NotAuthorized, ask the owner (CONNACK 135)", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task ReceiveMaximum_OfTheUpstream_NeverExceeded()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { ReceiveMaximum = 2 });
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();

        await relay.PublishAsync("dm/b/tele/t", "1", "2", "3", "4");

        List<ReceivedPublish> inFlight = [await peer.ReceivePublishAsync(), await peer.ReceivePublishAsync()];
        Assert.AreEqual((2, 2), relay.Look(s => (s.Buffer.InFlight, s.Buffer.Waiting)));
        await peer.DisposeAsync();
        // What was in flight counts on the next connection only as it is sent there.
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true, new ConnAckProperties { ReceiveMaximum = 1 });
        ReceivedPublish first = await again.ReceivePublishAsync();
        Assert.AreEqual(("1", true, inFlight[0].PacketId), (first.Payload, first.Dup, first.PacketId));
        await again.SendAckAsync(PacketType.PubAck, first.PacketId);
        Assert.AreEqual("2", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ReceivePresenceAsync();
        Assert.AreEqual("3", (await again.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("4", (await again.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
    }

    [TestMethod]
    public async Task MaximumPacketSize_OfTheUpstream_LargerMessageDroppedAndCountedOthersGoOn()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { MaximumPacketSize = 200 });
        await peer.ReceivePresenceAsync();

        await relay.PublishAsync("t", new string('x', 200), "fits");

        Assert.AreEqual("fits", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.LargerThanUpstreamAccepts));
    }

    [TestMethod]
    public async Task Message_Of5_HasWhenItWasReceivedAndWhatIsLeftOfItsTime()
    {
        await using TestRelay relay = await StartAsync();
        TestClient board = await relay.Gateway.ConnectAsync("", ProtocolVersion.V5);
        DateTimeOffset accepted = relay.Gateway.Time.GetUtcNow();
        _ = await board.PublishAsync("t", "waits", QoS.AtLeastOnce, properties: w =>
        {
            w.Add(PropertyId.MessageExpiryInterval, 100);
            w.Add(new UserProperty("colour", "blue"));
        });
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(30));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();

        Assert.AreEqual(70u, publish.MessageExpirySeconds);
        string[] user = [.. publish.Properties.Where(p => p.Id == PropertyId.UserProperty).Select(p => p.Text)];
        CollectionAssert.AreEqual(new[] { "colour=blue", $"received-at={accepted.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z", $"via=gw#{relay.Gateway.Broker.Upstreams.GatewayNumber}" }, user);
    }

    [TestMethod]
    public async Task Telemetry_Late_MarkedInItsPayload()
    {
        await using TestRelay relay = await StartAsync(o => o.Protocol = "3.1.1");
        await relay.PublishAsync("dm/b/tele/t", """{"n":1,"temp":21.5}""");
        await relay.PublishAsync("dm/b/info", """{"n":1}""");
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(30));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        Assert.AreEqual("""{"h":1,"n":1,"temp":21.5}""", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("""{"n":1}""", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.PublishAsync("dm/b/tele/t", """{"n":2}""");
        Assert.AreEqual("""{"n":2}""", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task PUBACK_Refuses_SetAsideAndOthersGoOn()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("t", "not there", "next");

        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);

        Assert.AreEqual("next", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual((1, 0, 1L), relay.Look(s => (s.Buffer.SetAsides.Count, s.Buffer.Count, s.Acknowledged)));
    }

    [TestMethod]
    public async Task PUBACK_QuotaExceeded_KeptAndSentAgain()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer full = await relay.Upstream.AcceptMqttAsync();
        await full.ReceivePresenceAsync();
        await relay.PublishAsync("t", "waits");

        await full.SendAckAsync(PacketType.PubAck, (await full.ReceivePublishAsync()).PacketId, ReasonCode.QuotaExceeded);

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        Assert.AreEqual("waits", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task QoS2_WhereARuleAsksForIt_CursorMovesOnPUBCOMP()
    {
        await using TestRelay relay = await StartAsync(o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 2 }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        TestClient board = await relay.Gateway.ConnectAsync("");
        _ = await board.PublishAsync("t", "once", QoS.ExactlyOnce);
        ReceivedPublish publish = await peer.ReceivePublishAsync();
        Assert.AreEqual(QoS.ExactlyOnce, publish.QoS);

        await peer.SendAckAsync(PacketType.PubRec, publish.PacketId);
        await peer.ExpectAckAsync(PacketType.PubRel, publish.PacketId);
        Assert.AreEqual(1, relay.Look(s => s.Buffer.InFlight));
        await peer.DisposeAsync();
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await again.ExpectAckAsync(PacketType.PubRel, publish.PacketId);
        await again.ReceivePresenceAsync();
        await again.SendAckAsync(PacketType.PubComp, publish.PacketId);

        await relay.WhenIdleAsync();
        Assert.AreEqual((1L, 0), relay.Look(s => (s.Acknowledged, s.Buffer.Count)));
    }

    [TestMethod]
    public async Task SUBSCRIBE_OfARule_NoLocal_MessageArrivesUnderItsNameHere()
    {
        await using TestRelay relay = await StartAsync(o => o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "site/config/#", Topic = "config/{#}", MaxQoS = 1 }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        SubscribePacket subscribe = await peer.ReceiveSubscribeAsync();
        Assert.AreEqual(("site/config/#", QoS.AtLeastOnce, true, true), (subscribe.Requests[0].Filter.Value, subscribe.Requests[0].QoS, subscribe.Requests[0].NoLocal, subscribe.Requests[0].RetainAsPublished));
        TestClient reader = await relay.Gateway.ConnectAsync("");
        _ = await reader.SubscribeAsync("config/#", QoS.AtLeastOnce);

        await peer.SendPublishAsync("site/config/a/b", "new", QoS.AtLeastOnce, 5, retain: true);

        ReceivedPublish received = await reader.ReceivePublishAndAckAsync();
        Assert.AreEqual(("config/a/b", "new"), received.TopicAndPayload);
        await peer.ExpectAckAsync(PacketType.PubAck, 5);
        TestClient late = await relay.Gateway.ConnectAsync("");
        _ = await late.SubscribeAsync("config/#", QoS.AtLeastOnce);
        Assert.IsTrue((await late.ReceivePublishAndAckAsync()).Retain);
        Assert.AreEqual(0, relay.Look(s => s.Buffer.Count)); // what came from the upstream does not go back
    }

    [TestMethod]
    public async Task PUBLISH_ThatWasHere_ComesBackByAnotherWay_Dropped()
    {
        await using TestRelay relay = await StartAsync(o => o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "t" }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        PropertyWriter properties = new();
        properties.Add(new UserProperty("via", $"gw#{relay.Gateway.Broker.Upstreams.GatewayNumber}"));

        await peer.SendPublishAsync("t", "mine", QoS.AtLeastOnce, 1, properties: properties.Written.ToArray());
        await peer.SendPublishAsync("t", "another's", QoS.AtLeastOnce, 2);

        _ = await peer.ReceiveSubscribeAsync();
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
        await peer.ExpectAckAsync(PacketType.PubAck, 2);
        Assert.AreEqual((1L, 2L), (relay.Gateway.Counters.Dropped(DropReason.CameBack), relay.Look(s => s.Received)));
    }

    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task PUBLISH_Of311_EchoOfOurOwn_DroppedOnceWhereTheUpstreamSendsBack(bool sendsBack)
    {
        await using TestRelay relay = await StartAsync(o =>
        {
            o.Protocol = "3.1.1";
            o.Rules = [new RelayRule { Filter = "t" }, new RelayRule { Direction = RelayDirection.In, Filter = "t" }];
        });
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.GrantAsync(["presence/gw"], ReasonCode.Success);
        await peer.ReceivePresenceAsync();
        if (sendsBack)
            await peer.SendPublishAsync("presence/gw", "true", QoS.AtMostOnce, 0);
        await peer.GrantAsync(["t"], ReasonCode.GrantedQoS1);
        TestClient reader = await relay.Gateway.ConnectAsync("");
        _ = await reader.SubscribeAsync("t", QoS.AtLeastOnce);
        await relay.PublishAsync("t", "mine");
        _ = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual("mine", (await reader.ReceivePublishAndAckAsync()).Payload);

        await peer.SendPublishAsync("t", "mine", QoS.AtLeastOnce, 1); // the echo, where there is one
        await peer.SendPublishAsync("t", "mine", QoS.AtLeastOnce, 2); // somebody else's

        for (int n = 0; n < (sendsBack ? 1 : 2); n++)
            Assert.AreEqual("mine", (await reader.ReceivePublishAndAckAsync()).Payload);
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
        await peer.ExpectAckAsync(PacketType.PubAck, 2);
        await reader.ExpectNothingAsync();
        Assert.AreEqual(sendsBack ? 1 : 0, relay.Gateway.Counters.Dropped(DropReason.CameBack));
    }

    private static Task<TestRelay> StartAsync(Action<RelayOptions>? options = null) => TestRelay.StartAsync(o =>
    {
        o.Protocol = "5.0";
        options?.Invoke(o);
    });
}
