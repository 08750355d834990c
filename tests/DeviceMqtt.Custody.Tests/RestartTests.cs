using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Each kind of state, over the death of the process that held it.</summary>
[TestClass]
internal sealed class RestartTests
{
    private static BrokerOnDisk Start(MemoryStorage? disk = null, double awaySeconds = 0, Action<GatewayLimits>? limits = null) =>
        BrokerOnDisk.StartOn(disk ?? new MemoryStorage(), limits, g => g.Time.Advance(TimeSpan.FromSeconds(awaySeconds)));

    private static async Task<BrokerOnDisk> RestartAsync(BrokerOnDisk gateway, double awaySeconds = 0, Action<GatewayLimits>? limits = null)
    {
        gateway.AssertLedgerBalances();
        BrokerOnDisk restarted = Start(await gateway.CrashAsync(), awaySeconds, limits);
        restarted.AssertLedgerBalances();
        return restarted;
    }

    /// <summary>What is lazy is on the disk afterwards.</summary>
    private static async Task CommitAsync(BrokerOnDisk gateway) =>
        _ = await (await gateway.ConnectAsync("committer")).PublishAsync("committed", "x", QoS.AtLeastOnce, retain: true);

    [TestMethod]
    public async Task Subscription_WithOptionsAndIdentifier_SameAfterARestart()
    {
        BrokerOnDisk gateway = Start();
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("a/+", QoS.AtLeastOnce, identifier: 7, retainAsPublished: true);
        _ = await subscriber.SubscribeAsync("own", QoS.AtLeastOnce, noLocal: true);
        _ = await subscriber.SubscribeAsync("gone", QoS.AtLeastOnce);
        _ = await subscriber.UnsubscribeAsync("gone");
        await using BrokerOnDisk restarted = await RestartAsync(gateway);

        TestClient again = restarted.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await again.ConnectAsync("s", clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600 });
        Assert.IsTrue(connAck.SessionPresent);
        TestClient publisher = await restarted.ConnectAsync("p");
        _ = await publisher.PublishAsync("gone", "x", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync("a/b", "y", QoS.AtLeastOnce, retain: true);
        ReceivedPublish received = await again.ReceivePublishAndAckAsync();
        Assert.AreEqual(("a/b", true), (received.Topic, received.Retain));
        CollectionAssert.AreEqual(new uint[] { 7 }, received.SubscriptionIdentifiers);
        _ = await again.PublishAsync("own", "z", QoS.AtLeastOnce);
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Session_CleanOrEnded_NotThereAfterARestart()
    {
        BrokerOnDisk gateway = Start();
        _ = await gateway.ConnectAsync("clean");
        TestClient ended = await gateway.ConnectDurableAsync("ended");
        await ended.DisconnectAsync();
        await (await gateway.ConnectAsync("ended")).DisconnectAsync();
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        Assert.AreEqual(0, restarted.Look(b => b.Sessions.Count));
    }

    [TestMethod]
    public async Task SessionExpiry_GoesOnWhileTheGatewayIsAway()
    {
        BrokerOnDisk gateway = Start();
        _ = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5); // for an hour; it goes with the gateway
        gateway = await RestartAsync(gateway, awaySeconds: 100);
        await CommitAsync(gateway);
        gateway = await RestartAsync(gateway, awaySeconds: 3600);
        gateway.Advance(1);
        Assert.IsNotNull(gateway.Look(b => b.Sessions.Find("s")));
        await using BrokerOnDisk late = await RestartAsync(gateway, awaySeconds: 3800);
        late.Advance(1);
        Assert.IsNull(late.Look(b => b.Sessions.Find("s")), "each restart gave it another hour");
    }

    [TestMethod]
    public async Task Retained_SetReplacedAndCleared_AsItWasAfterARestart()
    {
        BrokerOnDisk gateway = Start();
        TestClient publisher = await gateway.ConnectAsync("p");
        foreach ((string topic, string payload) in new[] { ("kept", "1"), ("kept", "2"), ("cleared", "3"), ("cleared", ""), ("$own/x", "4") })
            _ = await publisher.PublishAsync(topic, payload, QoS.AtLeastOnce, retain: true);
        await publisher.PublishAsync("lazy", "5", retain: true); // QoS 0: with the next commit
        _ = await publisher.PublishAsync("last", "6", QoS.AtLeastOnce, retain: true);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        Assert.AreEqual(4, restarted.Look(b => b.Retained.Count));
        TestClient subscriber = await restarted.ConnectAsync("s");
        _ = await subscriber.SubscribeAsync("kept", QoS.AtLeastOnce);
        ReceivedPublish kept = await subscriber.ReceivePublishAndAckAsync();
        Assert.AreEqual(("2", true), (kept.Payload, kept.Retain));
    }

    [TestMethod]
    public async Task Message_WithExpiry_CountsOnWhileTheGatewayIsAway()
    {
        BrokerOnDisk gateway = Start();
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        _ = await publisher.PublishAsync("t", "short", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 100u));
        _ = await publisher.PublishAsync("t", "long", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 1000u));
        await using BrokerOnDisk restarted = await RestartAsync(gateway, awaySeconds: 500);
        TestClient again = await restarted.ConnectDurableAsync("s", ProtocolVersion.V5);
        ReceivedPublish received = await again.ReceivePublishAndAckAsync();
        Assert.AreEqual("long", received.Payload);
        Assert.AreEqual(500u, received.MessageExpirySeconds);
        Assert.AreEqual(1, restarted.Look(b => b.Kept().Ledger[LedgerClass.Session].Expired));
        restarted.AssertLedgerBalances();
    }

    // A Pi without a battery-backed clock begins in the past until it has asked the network.
    [TestMethod]
    public async Task Message_WithExpiryAndAClockThatStartsInThePast_NotExpiredTooEarly()
    {
        MemoryStorage disk = new();
        BrokerOnDisk gateway = Start(disk, awaySeconds: 100_000);
        TestClient subscriber = await gateway.ConnectDurableAsync("s", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        _ = await publisher.PublishAsync("t", "m", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 100u));
        await using BrokerOnDisk restarted = await RestartAsync(gateway); // its clock is 100,000 s behind
        TestClient again = await restarted.ConnectDurableAsync("s", ProtocolVersion.V5);
        Assert.AreEqual("m", (await again.ReceivePublishAndAckAsync()).Payload);
    }

    // Many libraries do not set DUP when they send again.
    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, false)]
    [DataRow(true, true)]
    [DataRow(false, true)]
    public async Task InboundQoS2_AcknowledgedAndNotReleased_NotPublishedTwice(bool dup, bool hasSnapshot)
    {
        BrokerOnDisk gateway = Start();
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectDurableAsync("p");
        ushort id = await publisher.SendPublishAsync("t", "once", QoS.ExactlyOnce);
        _ = await publisher.ExpectAckAsync(PacketType.PubRec, id);
        await using BrokerOnDisk restarted = await RestartAsync(hasSnapshot ? await RestartAsync(gateway) : gateway);
        TestClient again = await restarted.ConnectDurableAsync("p");
        _ = await again.SendPublishAsync("t", "once", QoS.ExactlyOnce, dup, packetId: id);
        _ = await again.ExpectAckAsync(PacketType.PubRec, id);
        await again.SendAckAsync(PacketType.PubRel, id);
        _ = await again.ExpectAckAsync(PacketType.PubComp, id);
        TestClient reader = await restarted.ConnectDurableAsync("s");
        Assert.AreEqual("once", (await reader.ReceivePublishAndAckAsync()).Payload);
        await reader.ExpectNothingAsync();
    }

    // A power cut of the house: the board has lost its state, and the gateway has not.
    [TestMethod]
    public async Task InboundQoS2_AnotherMessageUnderTheIdentifierAfterTheRestart_IsPublished()
    {
        BrokerOnDisk gateway = Start();
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectDurableAsync("p");
        ushort id = await publisher.SendPublishAsync("t", "before", QoS.ExactlyOnce);
        _ = await publisher.ExpectAckAsync(PacketType.PubRec, id);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        TestClient again = await restarted.ConnectDurableAsync("p");
        _ = await again.SendPublishAsync("t", "behind", QoS.ExactlyOnce, packetId: id);
        _ = await again.ExpectAckAsync(PacketType.PubRec, id);
        TestClient reader = await restarted.ConnectDurableAsync("s");
        Assert.AreEqual("before", (await reader.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("behind", (await reader.ReceivePublishAndAckAsync()).Payload);
        await reader.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Outbound_InFlightAtTheRestart_SamePacketIdentifiersAndDup()
    {
        BrokerOnDisk gateway = Start();
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("t", "1", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync("t", "2", QoS.ExactlyOnce);
        _ = await publisher.PublishAsync("t", "3", QoS.ExactlyOnce);
        ushort[] ids = [(await subscriber.ReceivePublishAsync()).PacketId, (await subscriber.ReceivePublishAsync()).PacketId, (await subscriber.ReceivePublishAsync()).PacketId];
        await subscriber.SendAckAsync(PacketType.PubRec, ids[1]);
        _ = await subscriber.ExpectAckAsync(PacketType.PubRel, ids[1]);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        TestClient again = await restarted.ConnectDurableAsync("s");
        ReceivedPublish first = await again.ReceivePublishAsync();
        Assert.AreEqual(("1", ids[0], true), (first.Payload, first.PacketId, first.Dup));
        _ = await again.ExpectAckAsync(PacketType.PubRel, ids[1]);
        ReceivedPublish third = await again.ReceivePublishAsync();
        Assert.AreEqual(("3", ids[2], true), (third.Payload, third.PacketId, third.Dup));
    }

    [TestMethod]
    public async Task Mailbox_OfACleanSessionDevice_ThereAfterARestartAlsoWhatWasInFlight()
    {
        BrokerOnDisk gateway = Start();
        TestClient device = await gateway.ConnectAsync("device");
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("dm/p2p/device", "in flight", QoS.AtLeastOnce);
        _ = await device.ReceivePublishAsync();
        await device.DropAsync();
        _ = await publisher.PublishAsync("dm/p2p/device", "waits", QoS.AtLeastOnce);
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        TestClient again = await restarted.ConnectAsync("device");
        Assert.AreEqual("in flight", (await again.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("waits", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        Assert.AreEqual((2L, 2L), restarted.Look(b => (b.Kept().Ledger[LedgerClass.Mailbox].Accepted, b.Kept().Ledger[LedgerClass.Mailbox].Delivered)));
        restarted.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Will_OfAClientTheGatewayDidNotSeeLeave_PublishedAfterTheRestart()
    {
        BrokerOnDisk gateway = Start();
        WillMessage will = new() { Topic = "presence/x", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };
        TestClient device = await gateway.ConnectAsync("x", will: will);
        _ = await device.PublishAsync("presence/x", "true", QoS.AtLeastOnce, retain: true);
        TestClient polite = await gateway.ConnectAsync("y", will: new WillMessage { Topic = "presence/y", Payload = "false"u8.ToArray(), Retain = true });
        await polite.DisconnectAsync();
        _ = await device.PublishAsync("z", "x", QoS.AtLeastOnce, retain: true); // commits
        await using BrokerOnDisk restarted = await RestartAsync(gateway);
        TestClient subscriber = await restarted.ConnectAsync("s");
        _ = await subscriber.SubscribeAsync("presence/#", QoS.AtLeastOnce);
        ReceivedPublish received = await subscriber.ReceivePublishAndAckAsync();
        Assert.AreEqual(("presence/x", "false"), (received.Topic, received.Payload));
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(0u), DataRow(30u)]
    public async Task Will_SnapshotWhileTheGatewayStops_PublishedOnceAfterTheRestart(uint delaySeconds)
    {
        BrokerOnDisk gateway = Start(limits: l => l.JournalBytesMax = 32 * 1024 * 1024);
        WillMessage will = new()
        {
            Topic = "presence/x",
            Payload = "false"u8.ToArray(),
            QoS = QoS.AtLeastOnce,
            Retain = true,
            Properties = new WillProperties { DelaySeconds = delaySeconds },
        };
        _ = await gateway.ConnectDurableAsync("x", ProtocolVersion.V5, will: will);
        TestClient publisher = await gateway.ConnectAsync("p");
        string padding = new('x', 20_000);
        for (int i = 0; i < 1000; i++)
            _ = await publisher.PublishAsync("retained", $"{i}{padding}", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual(0L, gateway.State.Status!.Value.Snapshots);
        gateway.Stop();
        await Patience.Until(() => gateway.Look(_ => gateway.Table.Count) == 0, "the end of the connections");
        gateway.Advance(1);
        await Patience.Until(() => gateway.State.Status!.Value.Snapshots > 0, "a snapshot while the gateway stops");
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        TestClient subscriber = await restarted.ConnectAsync("s");
        _ = await subscriber.SubscribeAsync("presence/#", QoS.AtLeastOnce);

        if (delaySeconds > 0)
        {
            restarted.Advance(delaySeconds - 2); // a second went by before the restart, when it had left already
            await subscriber.ExpectNothingAsync();
            restarted.Advance(1);
        }

        Assert.AreEqual("false", (await subscriber.ReceivePublishAndAckAsync()).Payload);
        restarted.Advance(100);
        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(0, restarted.Look(b => b.Kept().Wills.Count), "it would be published again after the next start");
    }

    [TestMethod]
    public async Task Snapshots_TakenAllTheTime_NothingChanges()
    {
        BrokerOnDisk gateway = Start(limits: l => l.JournalBytesMax = 32 * 1024 * 1024);
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        await subscriber.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        string padding = new('x', 20_000);
        for (int i = 0; i < 1000; i++)
        {
            _ = await publisher.PublishAsync("t", $"{i}", i % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce);
            _ = await publisher.PublishAsync("retained", $"{i}{padding}", QoS.AtLeastOnce, retain: true);
            if (i % 100 == 99)
                gateway.Advance(1);
        }

        Assert.IsGreaterThan(0L, gateway.State.Status!.Value.Snapshots, "no snapshot was due");
        gateway = await RestartAsync(gateway);
        await using BrokerOnDisk restarted = await RestartAsync(gateway, limits: l => l.InflightMax = 1);
        TestClient again = await restarted.ConnectDurableAsync("s");
        for (int i = 0; i < 1000; i++)
            Assert.AreEqual($"{i}", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, restarted.Look(b => b.Retained.Count));
        restarted.AssertLedgerBalances();
    }

    // The limit was lowered: those that had been away for longest stayed.
    [TestMethod]
    public async Task Devices_FewerMayBeKnownThanWere_TheLastOnesAre()
    {
        BrokerOnDisk gateway = Start();
        foreach (string clientId in (string[])["a", "b", "c", "d"])
            await (await gateway.ConnectAsync(clientId)).DropAsync();
        await CommitAsync(gateway);

        await using BrokerOnDisk restarted = await RestartAsync(gateway, limits: static l => l.KnownDevicesMax = 3);

        CollectionAssert.AreEqual((string[])["c", "d", "committer"], restarted.Look(static b => b.Mailboxes.InOrder().Select(static d => d.ClientId).ToArray()));
    }
}
