using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The upstream goes and comes: what is kept meanwhile, what is sent again, how long the relay waits.</summary>
[TestClass]
public sealed class RelayReconnectTests
{
    [TestMethod]
    public async Task Upstream_UpDownUp_BacklogArrivesInOrderAndNothingIsLost()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayInflightMax = 7);
        UpstreamPeer first = await relay.Upstream.AcceptMqttAsync();
        await first.ReceivePresenceAsync();
        await relay.PublishAsync("dm/b/tele/t", Numbers(0, 3));
        for (int n = 0; n < 3; n++)
            Assert.AreEqual(n.ToString(), (await first.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();

        await first.DisposeAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "ConnectionLost", StringComparison.Ordinal);
        UpstreamPeer second = await relay.Upstream.AcceptAsync();
        await relay.PublishAsync("dm/b/tele/t", Numbers(3, 100));
        _ = await second.ReceiveConnectAsync();
        await second.SendConnAckAsync(0, sessionPresent: true);
        await second.ReceivePresenceAsync();

        for (int n = 3; n < 100; n++)
        {
            ReceivedPublish publish = await second.ReceivePublishAndAckAsync();
            Assert.AreEqual((n.ToString(), false), (publish.Payload, publish.Dup));
        }

        await relay.WhenIdleAsync();
        Assert.AreEqual(100, relay.Look(s => s.Acknowledged));
        Assert.AreEqual(0, relay.Gateway.Counters.Dropped(DropReason.RelayFull));
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Connected), "97 messages wait", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task PUBLISH_InFlightWhenTheLinkBroke_SentAgainFirstWithDUPAndItsPacketId()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayInflightMax = 3);
        UpstreamPeer first = await relay.Upstream.AcceptMqttAsync();
        await first.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        await relay.PublishAsync("dm/b/tele/t", Numbers(0, 5));
        ReceivedPublish[] sent = [await first.ReceivePublishAsync(), await first.ReceivePublishAsync(), await first.ReceivePublishAsync()];
        // Acknowledged out of order: the gap is not sent again.
        await first.SendAckAsync(PacketType.PubAck, sent[1].PacketId);
        ReceivedPublish fourth = await first.ReceivePublishAsync();
        await first.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);

        foreach (ReceivedPublish expected in new[] { sent[0], sent[2], fourth })
        {
            ReceivedPublish again = await second.ReceivePublishAsync();
            Assert.AreEqual((expected.Payload, expected.PacketId, true), (again.Payload, again.PacketId, again.Dup));
            await second.SendAckAsync(PacketType.PubAck, again.PacketId);
        }

        await second.ReceivePresenceAsync();
        ReceivedPublish fifth = await second.ReceivePublishAndAckAsync();
        Assert.AreEqual(("4", false), (fifth.Payload, fifth.Dup));
        await relay.WhenIdleAsync();
        Assert.AreEqual(5, relay.Look(s => s.Acknowledged));
    }

    [TestMethod]
    public async Task PUBLISH_ExpiredWhileTheUpstreamWasAway_NotSentAndCounted()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer first = await relay.Upstream.AcceptAsync();
        TestClient application = await relay.Gateway.ConnectAsync("", ProtocolVersion.V5);
        _ = await application.PublishAsync("dm/b/evt/e", "stale", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 60));
        _ = await application.PublishAsync("dm/b/evt/e", "fresh", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 600));

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(61));
        _ = await first.ReceiveConnectAsync();
        await first.SendConnAckAsync(0);
        await first.ReceivePresenceAsync();

        Assert.AreEqual("fresh", (await first.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task PUBLISH_ExpiredInFlight_NotSentAgain()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer first = await relay.Upstream.AcceptMqttAsync();
        await first.ReceivePresenceAsync();
        TestClient application = await relay.Gateway.ConnectAsync("", ProtocolVersion.V5);
        _ = await application.PublishAsync("dm/b/evt/e", "stale", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 60));
        _ = await first.ReceivePublishAsync();
        await first.DisposeAsync();
        UpstreamPeer second = await relay.Upstream.AcceptAsync();

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(61));
        _ = await second.ReceiveConnectAsync();
        await second.SendConnAckAsync(0, sessionPresent: true);

        await second.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, 0L, 0L), relay.Look(s => (s.Buffer.Count, s.Buffer.Bytes, s.Acknowledged)));
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task RelayMessagesMax_ReachedWhileTheUpstreamIsAway_NewestArrive()
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayMessagesMax = 10);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        await relay.PublishAsync("dm/b/tele/t", Numbers(0, 25));

        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();

        for (int n = 15; n < 25; n++)
            Assert.AreEqual(n.ToString(), (await peer.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(15, relay.Gateway.Counters.Dropped(DropReason.RelayFull));
    }

    [TestMethod]
    public async Task Backoff_AfterFailures_WaitsLongerEachTime()
    {
        TimerWatch? watch = null;
        await using TestRelay relay = await TestRelay.StartAsync(
            o => (o.BackoffMinMs, o.BackoffMaxMs) = (1000, 4000), time: fake => watch = new TimerWatch(fake), upstream: FakeUpstream.Absent());
        foreach (int bound in new[] { 1, 2, 4, 4 })
        {
            Assert.AreEqual(TimeSpan.FromSeconds(10), await watch!.NextAsync()); // the time a try may take
            TimeSpan delay = await watch.NextAsync();
            Assert.IsGreaterThanOrEqualTo(bound / 2.0, delay.TotalSeconds);
            Assert.IsLessThanOrEqualTo(bound, delay.TotalSeconds);
            relay.Gateway.Time.Advance(delay);
        }

        Assert.AreEqual(UplinkEndReason.Refused, relay.Uplink.Status.LastEnd.Reason);
    }

    [TestMethod]
    public async Task PINGREQ_NotAnswered_LinkMadeAnew()
    {
        await using TestRelay relay = await TestRelay.StartAsync(time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        await relay.WhenIdleAsync();

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));

        await peer.ExpectCloseAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "PingTimeout: nothing came within 10 s", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task PINGREQ_AnsweredBehindALargePacketOnASlowLink_LinkStays()
    {
        await using TestRelay relay = await TestRelay.StartAsync(time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        // With a clock that stands still nothing has a turn but this look, and then the part of a packet.
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int turns = 0;
        _ = relay.Gateway.Look(b => b.Turn.AtEnd = () =>
        {
            if (++turns == 2)
                arrived.SetResult();
        });
        await peer.SendAsync(Packet.Of("32 09 00 01 61 00 01"));
        await Patience.Within(arrived.Task, "the arrival of a part of the packet");

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));

        await peer.SendAsync(Packet.Of("'test'"));
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
    }

    [TestMethod]
    public async Task PINGREQ_Answered_LinkStays()
    {
        await using TestRelay relay = await TestRelay.StartAsync(time: fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        await relay.WhenIdleAsync();

        for (int n = 0; n < 3; n++)
        {
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(n == 0 ? 15 : 30));
            Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
            if (n == 1)
                await peer.ReceivePresenceAsync(); // a last time, 15 s behind one and a half Keep Alives
            await peer.SendAsync(PingPackets.PingResp.ToArray());
            // The answer is in when what was sent behind it is answered.
            await peer.SendPublishAsync("nobody/asked", "x", QoS.AtLeastOnce, 1);
            await peer.ExpectAckAsync(PacketType.PubAck, 1);
        }

        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
    }

    [TestMethod]
    public async Task RelayAckSecondsMax_NothingAcknowledged_LinkMadeAnew()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 1000, l => l.RelayAckSecondsMax = 60, fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(100));
        await relay.PublishAsync("dm/b/tele/t", "never acknowledged");
        _ = await peer.ReceivePublishAsync();

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(60));

        await peer.ExpectCloseAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "AckTimeout: nothing was acknowledged for 60 s, 1 messages", StringComparison.Ordinal);
    }

    // The time for an answer began with the last one of before, so that a request on a link that had been idle ended it.
    [TestMethod]
    public async Task RelayAckSecondsMax_RequestOnAnIdleLink_HasItsTime()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 1000, l => l.RelayAckSecondsMax = 60, fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(100));
        relay.Do(static s => s.ClientKnown("dev1"));
        SubscribePacket subscribe = await peer.ReceiveSubscribeAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
        await peer.SendSubAckAsync(subscribe);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
        relay.Lines.ExpectNoMore(RelayLines.Disconnected);
    }

    // A large message over a slow link is not refused: it is on its way.
    [TestMethod]
    public async Task RelayAckSecondsMax_NetworkTakesTheMessageSlowly_LinkStays()
    {
        const int Pieces = 4;
        SlowNetwork network = new();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.KeepAliveSeconds = 1000, l => l.RelayAckSecondsMax = 60, fake => fake, network: network);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        network.IsSlow = true;
        await relay.PublishAsync("t", new string('x', Pieces * 32 * 1024));
        for (int i = 0; i < Pieces; i++)
        {
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(50));
            await network.LetOneGoAsync();
        }

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(50));
        relay.Lines.ExpectNoMore(RelayLines.Disconnected);
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
        network.IsSlow = false;
        await network.LetOneGoAsync();
        Assert.AreEqual(Pieces * 32 * 1024, (await peer.ReceivePublishAndAckAsync()).Payload.Length);
    }

    private static string[] Numbers(int from, int to) => [.. Enumerable.Range(from, to - from).Select(n => n.ToString())];
}
