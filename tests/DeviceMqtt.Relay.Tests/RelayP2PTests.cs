using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Commands from behind the upstream to the devices here, and their answers.</summary>
[TestClass]
public sealed class RelayP2PTests
{
    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task P2P_CommandDownAndAnswerUp_EachArrivesOnce(QoS qos)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await peer.SendPublishAsync("dm/p2p/dev1", "command", qos, packetId: qos == QoS.AtMostOnce ? (ushort)0 : (ushort)9);

        ReceivedPublish command = await board.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/p2p/dev1", "command", qos), (command.Topic, command.Payload, command.QoS));
        await AcknowledgedAsync(peer, qos, 9);
        _ = await board.PublishAsync("dm/p2p/GID_app@@@pc", "answer", QoS.AtLeastOnce);
        ReceivedPublish answer = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/p2p/GID_app@@@pc", "answer"), answer.TopicAndPayload);
        await board.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task P2P_FromUpstreamForALocalDevice_NotSentBackUp()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await peer.SendPublishAsync("dm/p2p/dev1", "for dev1", QoS.AtLeastOnce, 1);
        await peer.SendPublishAsync("dm/p2p/unknown", "for nobody", QoS.AtLeastOnce, 2);
        await peer.SendPublishAsync("dm/x/tele/t", "never asked for", QoS.AtLeastOnce, 3);
        for (ushort packetId = 1; packetId <= 3; packetId++)
            await peer.ExpectAckAsync(PacketType.PubAck, packetId);

        Assert.AreEqual("for dev1", (await board.ReceivePublishAndAckAsync()).Payload);
        await relay.PublishAsync("dm/b/tele/t", "the next");
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.NotAskedFor));
    }

    [TestMethod]
    public async Task P2P_CommandWhoseExpComesWhileTheUpstreamIsAwayAndTheClockIsSet_DoesNotGoUp()
    {
        await using TestRelay relay = await TestRelay.StartAsync(role: ClientRole.Operator);
        DateTimeOffset truth = relay.Gateway.Time.GetUtcNow();
        relay.Gateway.Time.WallOffset = TimeSpan.FromDays(-400);
        TestClient app = await relay.Gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/GID_app@@@pc", $$"""{"id":"1","cmd":"relay.set","from":"app","exp":{{truth.ToUnixTimeSeconds() - 30}},"ttl":3600}""", QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/GID_app@@@pc", "the next", QoS.AtLeastOnce);
        relay.Gateway.Time.WallOffset = TimeSpan.Zero;

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task P2P_BetweenLocalClients_StaysHere()
    {
        await using TestRelay relay = await TestRelay.StartAsync(role: ClientRole.Operator);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        _ = await board.SubscribeAsync("dm/p2p/dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await relay.PublishAsync("dm/p2p/dev1", "local");
        await relay.PublishAsync("dm/b/tele/t", "the next");

        Assert.AreEqual("local", (await board.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task PUBLISH_QoS2FromUpstreamSentAgain_RoutedOnce()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        // The same Session on another connection: the Packet Identifier is still open.
        (TestClient board, UpstreamPeer second) = await WithAnOpenIdentifierAsync(relay, "once");
        await second.SendPublishAsync("dm/p2p/dev1", "once", QoS.ExactlyOnce, 5, dup: true);
        await AcknowledgedAsync(second, QoS.ExactlyOnce, 5);
        await board.ExpectNothingAsync();
        // Released, it stands for a new message.
        await second.SendPublishAsync("dm/p2p/dev1", "twice", QoS.ExactlyOnce, 5);
        await AcknowledgedAsync(second, QoS.ExactlyOnce, 5);
        Assert.AreEqual("twice", (await board.ReceivePublishAndAckAsync()).Payload);
    }

    // The upstream lost its Session, and the CONNACK that said so never arrived: the next says that there is one, which is another. Its first
    // message under an identifier that was open in the old one was once acknowledged and delivered to nobody (seed 49 of the simulation).
    [TestMethod]
    public async Task PUBLISH_QoS2UnderAnOpenIdentifierWithoutDUP_IsAnotherMessage()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (TestClient board, UpstreamPeer second) = await WithAnOpenIdentifierAsync(relay, "of the old Session");
        await second.SendPublishAsync("dm/p2p/dev1", "of the new Session", QoS.ExactlyOnce, 5);
        await second.ExpectAckAsync(PacketType.PubRec, 5);
        Assert.AreEqual("of the new Session", (await board.ReceivePublishAndAckAsync()).Payload);
        // Again, and this is no other message.
        await second.SendPublishAsync("dm/p2p/dev1", "of the new Session", QoS.ExactlyOnce, 5, dup: true);
        await AcknowledgedAsync(second, QoS.ExactlyOnce, 5);
        await board.ExpectNothingAsync();
    }

    // The upstream has begun a new Session, and lost its first connection before the message was here: its CONNACK of now says that there is a Session.
    [TestMethod]
    public async Task PUBLISH_QoS2_WithDUPAndOtherContentUnderAnOpenPacketId_IsAnotherMessage()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (TestClient board, UpstreamPeer second) = await WithAnOpenIdentifierAsync(relay, "of the old Session");
        await second.SendPublishAsync("dm/p2p/dev1", "of the new Session", QoS.ExactlyOnce, 5, dup: true);
        await AcknowledgedAsync(second, QoS.ExactlyOnce, 5);
        Assert.AreEqual("of the new Session", (await board.ReceivePublishAndAckAsync()).Payload);
        await board.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SUBSCRIBE_DevicesKnownBeforeTheUpstream_AllInOnePacket()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        foreach (string clientId in new[] { "dev1", "dev2", "with/slash", "dev3" })
            _ = await relay.Gateway.ConnectAsync(clientId);

        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();

        await peer.GrantAsync(["+/p2p/dev1", "+/p2p/dev2", "+/p2p/dev3"]);
    }

    [TestMethod]
    public async Task SUBSCRIBE_AfterReconnect_OnlyWhatTheSessionDoesNotHave()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer first = await relay.Upstream.AcceptMqttAsync();
        await first.ReceivePresenceAsync();
        _ = await relay.Gateway.ConnectAsync("dev1");
        await first.GrantAsync(["+/p2p/dev1"]);
        _ = await relay.Gateway.ConnectAsync("dev2");
        _ = await first.ReceiveSubscribeAsync(); // and no SUBACK
        await first.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await second.ReceivePresenceAsync();
        await second.GrantAsync(["+/p2p/dev2"]);
        await second.DisposeAsync();

        UpstreamPeer third = await relay.Upstream.AcceptMqttAsync(sessionPresent: false);
        await third.ReceivePresenceAsync();
        await third.GrantAsync(["+/p2p/dev1", "+/p2p/dev2"]);
    }

    // The filters were taken from the queue before it was known whether a Packet Identifier is free. When none was, they were lost.
    [TestMethod]
    public async Task SUBSCRIBE_NoPacketIdentifierIsFree_SentWhenOneIs()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        List<ushort> taken = [];
        relay.Do(s =>
        {
            while (s.Buffer.Flow.TryBeginRequest(out ushort packetId))
                taken.Add(packetId);
            s.ClientKnown("dev1");
            s.ClientKnown("dev2");
        });
        Assert.HasCount(OutboundWindow.SpanMax, taken);

        relay.Do(s =>
        {
            foreach (ushort packetId in taken)
                Assert.IsTrue(s.Buffer.Flow.EndRequest(packetId));
            s.Tick();
        });
        await relay.PublishAsync("dm/b/tele/t", "the next");

        await peer.GrantAsync(["+/p2p/dev1", "+/p2p/dev2"]);
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task SUBSCRIBE_Refused_SaidOncePerConnectionAndTheRestGoesOn()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"], ReasonCode.UnspecifiedError);
        _ = await relay.Gateway.ConnectAsync("dev2");
        await peer.GrantAsync(["+/p2p/dev2"], ReasonCode.UnspecifiedError);

        await relay.PublishAsync("dm/b/tele/t", "goes on");

        Assert.AreEqual("goes on", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.SubscriptionRefused), "+/p2p/dev1", StringComparison.Ordinal);
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public async Task KnownDevicesMax_Reached_DeviceAwayForLongestIsUnsubscribed()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => (l.KnownDevicesMax, l.SharePercentMax) = (2, 100));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        TestClient second = await relay.Gateway.ConnectAsync("dev2");
        await peer.GrantAsync(["+/p2p/dev2"]);

        // "dev1" came first and is still here.
        await second.DropAsync();
        _ = await relay.Gateway.ConnectAsync("dev3");

        await peer.GrantAsync(["+/p2p/dev3"]);
        UnsubscribePacket packet = await peer.ReceiveUnsubscribeAsync();
        CollectionAssert.AreEqual(new[] { "+/p2p/dev2" }, packet.Filters.Select(f => f.Value).ToArray());
        await peer.SendAsync([0xB0, 0x02, (byte)(packet.PacketId >> 8), (byte)packet.PacketId]);
        await relay.WhenIdleAsync();
    }

    [TestMethod]
    public async Task Device_ForgottenWhileTheLinkIsDown_UnsubscribedWhenItIsBack()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.KnownDevicesMax = 1);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient first = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await first.DropAsync();
        await relay.WhenIdleAsync();

        await peer.DisposeAsync();
        UpstreamPeer again = await relay.Upstream.AcceptAsync();
        _ = await again.ReceiveConnectAsync();
        _ = await relay.Gateway.ConnectAsync("dev2");
        await again.SendConnAckAsync(0, sessionPresent: true);

        await again.ReceivePresenceAsync();
        UnsubscribePacket packet = await again.ReceiveUnsubscribeAsync();
        CollectionAssert.AreEqual(new[] { "+/p2p/dev1" }, packet.Filters.Select(f => f.Value).ToArray());
        await again.GrantAsync(["+/p2p/dev2"]);
    }

    // The upstream has sent a QoS 2 message under Packet Identifier 5 and lost its connection before PUBREL.
    private static async Task<(TestClient Board, UpstreamPeer Second)> WithAnOpenIdentifierAsync(TestRelay relay, string payload)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await peer.SendPublishAsync("dm/p2p/dev1", payload, QoS.ExactlyOnce, 5);
        await peer.ExpectAckAsync(PacketType.PubRec, 5);
        Assert.AreEqual(payload, (await board.ReceivePublishAndAckAsync()).Payload);
        await peer.DisposeAsync();
        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await second.ReceivePresenceAsync();
        return (board, second);
    }

    private static async Task AcknowledgedAsync(UpstreamPeer peer, QoS qos, ushort packetId)
    {
        if (qos == QoS.AtLeastOnce)
            await peer.ExpectAckAsync(PacketType.PubAck, packetId);
        if (qos != QoS.ExactlyOnce)
            return;
        await peer.ExpectAckAsync(PacketType.PubRec, packetId);
        await peer.SendAckAsync(PacketType.PubRel, packetId);
        await peer.ExpectAckAsync(PacketType.PubComp, packetId);
    }
}
