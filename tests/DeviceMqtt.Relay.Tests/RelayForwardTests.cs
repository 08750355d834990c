using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>From the gateway to the upstream: what is sent, how, and how much at a time.</summary>
[TestClass]
public sealed class RelayForwardTests
{
    [TestMethod]
    public async Task CONNECT_IsABridgeWithAPersistentSessionAndAWill()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 17);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();

        ConnectPacket connect = await peer.ReceiveConnectAsync();

        Assert.AreEqual((ProtocolVersion.V311, true), (connect.Version, connect.IsBridge));
        Assert.AreEqual(("gw", false, (ushort)17), (connect.ClientId, connect.CleanStart, connect.KeepAliveSeconds));
        Assert.AreEqual(("presence/gw", QoS.AtLeastOnce, true), (connect.Will!.Topic, connect.Will.QoS, connect.Will.Retain));
        CollectionAssert.AreEqual("false"u8.ToArray(), connect.Will.Payload);
    }

    [TestMethod]
    public async Task Presence_AfterCONNACK_ToldFirstAndRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        await relay.PublishAsync("dm/b/tele/t", "waits");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();

        await peer.ReceivePresenceAsync();

        Assert.AreEqual("waits", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual(1, relay.Look(s => s.Acknowledged));
    }

    [TestMethod]
    public async Task PUBLISH_OfALocalClient_ArrivesAtQoS1WithItsRetain()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("");

        _ = await board.PublishAsync("dm/b/info", "birth", QoS.AtLeastOnce, retain: true);
        _ = await board.PublishAsync("dm/b/evt/e", "exactly once", QoS.ExactlyOnce);
        _ = await board.PublishAsync("dm/b/tele/t", "at most once");

        foreach ((string topic, string payload, bool retain) in new[] { ("dm/b/info", "birth", true), ("dm/b/evt/e", "exactly once", false), ("dm/b/tele/t", "at most once", false) })
        {
            ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
            Assert.AreEqual((topic, payload, retain, false), (publish.Topic, publish.Payload, publish.Retain, publish.Dup));
        }
    }

    [TestMethod]
    public async Task PUBLISH_NotWantedUpstream_StaysHere()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Out = ["dm/#"]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        await relay.PublishAsync("private/x", "stays");
        await relay.PublishAsync("dm/b/tele/t", "goes");

        Assert.AreEqual("goes", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task PUBLISH_QoS0NotBuffered_PassesWhileConnectedAndIsDroppedOtherwise()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.BufferQoS0 = false);
        await relay.PublishQoS0Async("dm/b/tele/t", "too early");
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.UpstreamAway));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        await relay.PublishQoS0Async("dm/b/tele/t", "in time");

        ReceivedPublish publish = await peer.ReceivePublishAsync();
        Assert.AreEqual(("in time", QoS.AtMostOnce), (publish.Payload, publish.QoS));
    }

    [TestMethod]
    public async Task RelayInflightMax_Reached_FurtherMessagesWaitForPUBACK()
    {
        const int Window = 5;
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayInflightMax = Window);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();

        await relay.PublishAsync("dm/b/tele/t", [.. Enumerable.Range(0, 12).Select(n => n.ToString())]);

        List<ReceivedPublish> inFlight = [];
        for (int n = 0; n < Window; n++)
            inFlight.Add(await peer.ReceivePublishAsync());
        Assert.AreEqual((Window, 12 - Window), relay.Look(s => (s.Buffer.InFlight, s.Buffer.Waiting)));
        // Each PUBACK makes room for exactly one more.
        for (int n = Window; n < 12; n++)
        {
            await peer.SendAckAsync(PacketType.PubAck, inFlight[n - Window].PacketId);
            ReceivedPublish next = await peer.ReceivePublishAsync();
            Assert.AreEqual(n.ToString(), next.Payload);
            Assert.DoesNotContain(next.PacketId, inFlight[(n - Window + 1)..].Select(p => p.PacketId));
            inFlight.Add(next);
        }

        foreach (ReceivedPublish publish in inFlight[^Window..])
            await peer.SendAckAsync(PacketType.PubAck, publish.PacketId);
        await relay.WhenIdleAsync();
        Assert.AreEqual(12, relay.Look(s => s.Acknowledged));
        Assert.AreEqual(0L, relay.Look(s => s.Buffer.Bytes));
    }

    [TestMethod]
    public async Task RelayWaitingMax_MoreWaits_PublisherIsHeldBackUntilTheUpstreamAcknowledges()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => (l.RelayInflightMax, l.RelayWaitingMax) = (1, 5), time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("dm/b/tele/t", "0", "1", "2", "3", "4", "5"); // one in flight, five wait
        TestClient publisher = await relay.Gateway.ConnectAsync("");
        _ = await publisher.PublishAsync("dm/b/tele/t", "6", QoS.AtLeastOnce);

        _ = await publisher.SendPublishAsync("dm/b/tele/t", "7", QoS.AtLeastOnce, packetId: 100);

        Assert.AreEqual(6, relay.Look(s => s.Buffer.Waiting), "the publisher was not held back");
        Assert.AreEqual("0", (await peer.ReceivePublishAndAckAsync()).Payload);
        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    // It is offered a message behind all subscribers, and a publisher remembers only some of those that it waits for.
    [TestMethod]
    public async Task RelayWaitingMax_ManySlowSubscribersToo_PublisherWaitsForTheUpstream()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => (l.InflightMax, l.QueueMessagesMax, l.RelayInflightMax, l.RelayWaitingMax, l.PublisherPauseMs) = (1, 4, 1, 1, 10_000), time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        List<TestClient> slow = [];
        for (int i = 0; i < 20; i++)
        {
            slow.Add(await relay.Gateway.ConnectAsync(""));
            _ = await slow[i].SubscribeAsync("dm/b/tele/t", QoS.AtLeastOnce);
        }

        await relay.PublishAsync("dm/b/tele/t", "0", "1", "2");
        TestClient publisher = await relay.Gateway.ConnectAsync("");
        _ = await publisher.PublishAsync("dm/b/tele/t", "3", QoS.AtLeastOnce);
        _ = await publisher.SendPublishAsync("dm/b/tele/t", "4", QoS.AtLeastOnce, packetId: 100);
        foreach (TestClient subscriber in slow)
            for (int i = 0; i < 4; i++)
                _ = await subscriber.ReceivePublishAndAckAsync();

        Assert.AreEqual(3, relay.Look(s => s.Buffer.Waiting), "the publisher was not held back");
        for (int i = 0; i < 3; i++)
            _ = await peer.ReceivePublishAndAckAsync();
        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    [TestMethod]
    public async Task RelayPauseMs_Over_PublisherGoesOn()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => (l.RelayInflightMax, l.RelayWaitingMax, l.RelayPauseMs) = (1, 1, 200), time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("dm/b/tele/t", "0", "1");
        TestClient publisher = await relay.Gateway.ConnectAsync("");
        _ = await publisher.PublishAsync("dm/b/tele/t", "2", QoS.AtLeastOnce);
        _ = await publisher.SendPublishAsync("dm/b/tele/t", "3", QoS.AtLeastOnce, packetId: 100);

        relay.Gateway.Advance(0.19);
        Assert.AreEqual(2, relay.Look(s => s.Buffer.Waiting));
        relay.Gateway.Advance(0.02);

        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    [TestMethod]
    public async Task RelayWaitingMax_UpstreamAway_NobodyIsHeldBack()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => (l.RelayWaitingMax, l.RelayPauseMs) = (1, 10_000), upstream: FakeUpstream.Absent());

        await relay.PublishAsync("dm/b/tele/t", "0", "1", "2", "3", "4");

        Assert.AreEqual(5, relay.Look(s => s.Buffer.Waiting));
    }

    [TestMethod]
    public async Task Stop_WithABacklog_BacklogLeavesThenPresenceThenDISCONNECT()
    {
        // Its clock stands still: the three seconds that it takes for its leave are none for the test.
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayInflightMax = 1, time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishAsync("dm/b/tele/t", "1", "2");

        Task stop = relay.Uplink.StopAsync(CancellationToken.None);

        Assert.AreEqual("1", (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("2", (await peer.ReceivePublishAndAckAsync()).Payload);
        await peer.ReceivePresenceAsync("false");
        Assert.AreEqual(PacketType.Disconnect, (await peer.ReceiveAsync()).Type);
        await peer.ExpectCloseAsync();
        await Patience.Within(stop, "the stop of the relay");
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.Left);
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public async Task Stop_UpstreamDoesNotAnswer_LeavesAllTheSameAndSaysWhatIsLost()
    {
        TimerWatch? watch = null;
        await using TestRelay relay = await TestRelay.StartAsync(time: fake => watch = new TimerWatch(fake));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("dm/b/tele/t", "never acknowledged");

        Task stop = relay.Uplink.StopAsync(CancellationToken.None);

        for (int farewells = 0; farewells < 2;)
        {
            if (await watch!.NextAsync() != TimeSpan.FromSeconds(3))
                continue; // those of connecting
            farewells++;
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.AreEqual("never acknowledged", (await peer.ReceivePublishAsync()).Payload);
        Assert.AreEqual("false", (await peer.ReceivePublishAsync()).Payload);
        Assert.AreEqual(PacketType.Disconnect, (await peer.ReceiveAsync()).Type);
        await Patience.Within(stop, "the stop of the relay");
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.Left);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.BacklogLost), ": 1 messages were not acknowledged", StringComparison.Ordinal);
    }
}
