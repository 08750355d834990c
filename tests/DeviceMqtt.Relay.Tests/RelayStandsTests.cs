using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What goes again on a later connection, or is refused and stays: how old it may be, and what it holds up.</summary>
[TestClass]
public sealed class RelayStandsTests
{
    // The network had not taken it: it goes again, unless it is too old by then. A command went up hours late.
    [TestMethod]
    public async Task PUBLISH_QoS0LostOnTheWayAndTooOldMeanwhile_DroppedAndCounted()
    {
        SlowNetwork network = new();
        await using TestRelay relay = await TestRelay.StartAsync(
            static o => (o.Protocol, o.Rules) = ("5.0", [new RelayRule { Filter = "#", MaxAgeSeconds = 10 }]), disk: new MemoryStorage(), network: network);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { MaximumQoS = QoS.AtMostOnce });
        _ = await peer.ReceivePublishAsync();
        await relay.WhenIdleAsync();
        network.IsSlow = true;
        await relay.PublishAsync("t", "old");
        await network.LoseOneAsync();
        await peer.DisposeAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(20));

        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true, new ConnAckProperties { MaximumQoS = QoS.AtMostOnce });
        Assert.AreEqual("true", (await again.ReceivePublishAsync()).Payload);
        await relay.PublishAsync("t", "new");
        Assert.AreEqual("new", (await again.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
        await relay.WhenIdleAsync();
        relay.Gateway.AssertLedgerBalances();
    }

    // Its flow has ended with the refusal: nothing of it is open there.
    [TestMethod]
    public async Task QoS2_RefusedAndTooOldMeanwhile_DroppedAndCounted()
    {
        const int Refused = 8;
        await using TestRelay relay = await TestRelay.StartAsync(
            static o => (o.Protocol, o.Rules) = ("5.0", [new RelayRule { Filter = "#", MaxQoS = 2, MaxAgeSeconds = 10 }]), disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", [.. Enumerable.Range(0, Refused).Select(static i => $"{i}")]);
        ushort[] packetIds = new ushort[Refused];
        for (int i = 0; i < Refused; i++)
            packetIds[i] = (await peer.ReceivePublishAsync()).PacketId;
        foreach (ushort packetId in packetIds)
            await peer.SendAckAsync(PacketType.PubRec, packetId, ReasonCode.NotAuthorized);
        await peer.ExpectCloseAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(20));

        await (await relay.Upstream.AcceptMqttAsync(sessionPresent: true)).ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        Assert.AreEqual((0, (long)Refused), (relay.Look(static s => s.Buffer.Count), relay.Gateway.Counters.Dropped(DropReason.Expired)));
        relay.Gateway.AssertLedgerBalances();
    }

    // One client whose messages are refused once ended the link for all, again and again.
    [TestMethod]
    public async Task SetAsidesAreFull_OthersAreTaken_LinkStaysAndRoomThatIsMadeIsUsed()
    {
        await using TestRelay relay = await TestRelay.StartAsync(
            static o => (o.Protocol, o.KeepAliveSeconds) = ("5.0", 1000), static l => (l.RelayInflightMax, l.RelayAsideMessagesMax, l.RelayAckSecondsMax) = (4, 1, 60), static fake => fake, disk: new MemoryStorage());
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.SettleAsync(peer);
        for (int i = 0; i < 3; i++)
        {
            await relay.PublishAsync("bad", $"{i}");
            await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
            await relay.PublishAsync("good", $"{i}");
            Assert.AreEqual(("good", $"{i}"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        }

        await Patience.Until(() => relay.Look(static s => (s.Buffer.SetAsides.Count, s.Buffer.Count)) == (1, 2), "two that find no room");
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
        Assert.IsTrue(relay.Look(static s => s.Buffer.TryDropAside(s.Buffer.SetAsides.All.Single().Number)));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        await Patience.Until(() => relay.Look(static s => (s.Buffer.SetAsides.Count, s.Buffer.Count)) == (1, 1), "one more that is set aside");
        await relay.PublishAsync("good", "last");
        Assert.AreEqual(("good", "last"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        relay.Lines.ExpectNoMore(RelayLines.Disconnected);
        relay.Gateway.AssertLedgerBalances();
    }

    // The next one is held back only for the moment: it decides whose fault that is.
    [TestMethod]
    public async Task ReplayPerSecondMax_OneIsRefusedAndTheNextWaits_NotSetAsideBeforeTheNextIsTaken()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.Protocol, o.ReplayPerSecondMax) = ("5.0", 1), disk: new MemoryStorage());
        await relay.PublishAsync("t", "bad", "good");
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        await peer.SendAckAsync(PacketType.PubRel, 9);
        await peer.ExpectAckAsync(PacketType.PubComp, 9); // behind the refusal
        Assert.AreEqual(0, relay.Look(static s => s.Buffer.SetAsides.Count));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(("t", "good"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        await Patience.Until(() => relay.Look(static s => s.Buffer.SetAsides.Count) == 1, "the one that is set aside");
    }

    // What answers is not at fault.
    [TestMethod]
    public void OwnTrial_SuspectIsAnsweredInBetween_NotLeftOut()
    {
        UplinkEnd lost = new(UplinkEndReason.ConnectionLost, "");
        OwnTrial trial = new();
        for (int i = 0; i < 7; i++)
        {
            _ = trial.Begin();
            trial.Heard();
            trial.Sent("a");
            if (i == 3)
            {
                Assert.AreEqual("a", trial.Suspect);
                trial.Answered("a");
                Assert.IsNull(trial.Suspect);
                trial.Sent("b");
            }

            Assert.AreEqual(i == 6 ? "a" : null, trial.End(lost, nowMs: 0)?.Name, $"connection {i}");
        }
    }

    // An end of the connection is to say for which packet it was.
    [TestMethod]
    public async Task Session_IsSweptAndTheGatewaysOwnGoesByItself_NothingFreedBeforeThat()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Rules = [new RelayRule { Filter = "#", MaxQoS = 2 }], disk: new MemoryStorage());
        for (int i = 0; i < 2; i++)
        {
            await using UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
            // One is answered, so that it is not the sweep that ends the connection.
            for (int asked = 0; asked <= IdentifierSweep.AskedMax;)
            {
                ReceivedPacket packet = await peer.ReceiveAsync();
                if (packet.Type == PacketType.PubRel && asked++ == 0)
                    await peer.SendAckAsync(PacketType.PubComp, ReceivedAck.From(packet, PacketType.PubRel, ProtocolVersion.V311).PacketId);
            }
        }

        UpstreamPeer third = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(PacketType.PingReq, (await third.ReceiveAsync()).Type);
        await third.SendAsync([0xD0, 0]);
        await third.ReceivePresenceAsync();
        Assert.AreEqual(PacketType.PubRel, (await third.ReceiveAsync()).Type);
    }

    // What the upstream keeps may say that the board is here: it was taken for told, and the Will dropped.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task DeviceWill_StateIsRefused_ToldOnTheNextConnectionOrTheWillIsLeftToTheUpstream(bool boardStays)
    {
        WillMessage offline = new() { Topic = "presence/board", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.Protocol, o.P2P) = ("5.0", false));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("board", will: offline);
        UpstreamPeer will = await relay.Upstream.AcceptAsync();
        _ = await will.ReceiveConnectAsync();
        _ = await board.PublishAsync("presence/board", "here", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual(("presence/board", "here"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        await will.SendConnAckAsync(0);
        ReceivedPublish told = await peer.ReceivePublishAsync();
        Assert.AreEqual(("here", true), (told.Payload, told.Retain));
        if (!boardStays)
            await board.DisconnectAsync();
        await peer.SendAckAsync(PacketType.PubAck, told.PacketId, ReasonCode.NotAuthorized);
        if (!boardStays)
        {
            await will.ExpectCloseAsync(); // without DISCONNECT
            return;
        }

        // No room: the link is made anew, and the Will stays where it is.
        await relay.PublishAsync("t", "finds no room");
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.QuotaExceeded);
        await peer.ExpectCloseAsync();
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        List<string> came = [];
        while (came.Count < 3)
            came.Add((await again.ReceivePublishAndAckAsync()).Payload);
        CollectionAssert.AreEquivalent(new[] { "true", "here", "finds no room" }, came);
    }
}
