using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>P2P messages to a device that is away: rule 6 of the design.</summary>
[TestClass]
internal sealed class MailboxTests
{
    private static async Task<TestClient> KnownDeviceAsync(TestBroker gateway, string clientId = "device", bool durable = false)
    {
        TestClient device = durable ? await gateway.ConnectDurableAsync(clientId) : await gateway.ConnectAsync(clientId);
        await device.DropAsync();
        return await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public async Task P2P_DeviceAway_WaitsWhateverSessionItAsksFor(bool durableBefore, bool durableAfter)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await KnownDeviceAsync(gateway, durable: durableBefore);
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/device", "1", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/device", "2", QoS.ExactlyOnce));
        TestClient device = durableAfter ? await gateway.ConnectDurableAsync("device") : await gateway.ConnectAsync("device");
        ReceivedPublish first = await device.ReceivePublishAsync();
        ReceivedPublish second = await device.ReceivePublishAsync();
        Assert.AreEqual(("1", QoS.AtLeastOnce, false), (first.Payload, first.QoS, first.Dup));
        Assert.AreEqual(("2", QoS.ExactlyOnce, false), (second.Payload, second.QoS, second.Dup));
        await device.ExpectNothingAsync();
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task P2P_DeviceAwayQoS0_DroppedAndCounted()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await KnownDeviceAsync(gateway);
        await publisher.PublishAsync("dm/p2p/device", "x");
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PTargetAbsent));
        TestClient device = await gateway.ConnectAsync("device");
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task P2P_SentAndNotAcknowledged_ComesAgain(bool durable)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 2);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient device = durable ? await gateway.ConnectDurableAsync("device") : await gateway.ConnectAsync("device");
        for (int i = 0; i < 4; i++)
            await publisher.PublishAsync("dm/p2p/device", $"{i}", QoS.AtLeastOnce); // two in flight, two in the queue
        await device.ReceivePublishAndAckAsync();
        await device.ResetAsync();
        await publisher.PublishAsync("dm/p2p/device", "4", QoS.AtLeastOnce);

        TestClient again = durable ? await gateway.ConnectDurableAsync("device") : await gateway.ConnectAsync("device");
        for (int i = 1; i <= 4; i++)
            Assert.AreEqual($"{i}", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
    }

    // What was in flight when the device went is older than what its mailbox took in while it was away.
    [TestMethod]
    public async Task P2P_DurableSessionEndsByACleanStart_OldestFirst()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient device = await gateway.ConnectDurableAsync("device");
        await publisher.PublishAsync("dm/p2p/device", "in flight", QoS.AtLeastOnce);
        await publisher.PublishAsync("dm/p2p/device", "in the queue", QoS.AtLeastOnce);
        await device.DropAsync();
        await publisher.PublishAsync("dm/p2p/device", "in the mailbox", QoS.AtLeastOnce);
        TestClient again = await gateway.ConnectAsync("device", clean: true);
        foreach (string expected in (string[])["in flight", "in the queue", "in the mailbox"])
            Assert.AreEqual(expected, (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task P2P_OrdinaryMessagesOfACleanSession_DoNotGetIntoTheMailbox()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient device = await gateway.ConnectAsync("device");
        await device.SubscribeAsync("t", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "in flight", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "in the queue", QoS.AtLeastOnce);
        await publisher.PublishAsync("dm/p2p/device", "command", QoS.AtLeastOnce);
        await device.ReceivePublishAsync();
        await device.DropAsync();
        TestClient again = await gateway.ConnectAsync("device");
        Assert.AreEqual("command", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.SessionEnded));
    }

    [TestMethod]
    public async Task P2P_ExpiryOfTheMessage_EndsTheWait() // actuation commands carry their own expiry
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await KnownDeviceAsync(gateway);
        await publisher.PublishAsync("dm/p2p/device", "open the valve", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 30u));
        await publisher.PublishAsync("dm/p2p/device", "report", QoS.AtLeastOnce);
        gateway.Advance(30);
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual("report", (await device.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task P2P_ExpiryLongerThanTheMailboxKeeps_Shortened()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.MailboxSecondsMax = 100);
        TestClient publisher = await KnownDeviceAsync(gateway);
        await publisher.PublishAsync("dm/p2p/device", "x", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 1000u));
        gateway.Advance(40);
        TestClient device = await gateway.ConnectAsync("device", ProtocolVersion.V5);
        Assert.AreEqual(60u, (await device.ReceivePublishAndAckAsync()).MessageExpirySeconds);
    }

    [TestMethod]
    [DataRow(MailboxKind.Registered, false, true), DataRow(MailboxKind.Registered, true, true)]
    [DataRow(MailboxKind.Session, false, false), DataRow(MailboxKind.Session, true, true)]
    [DataRow(MailboxKind.Off, false, false), DataRow(MailboxKind.Off, true, false)]
    public async Task Mailbox_ByItsKind_WaitsOrTheSenderIsTold(MailboxKind kind, bool durable, bool waits)
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.P2P.Mailbox = kind);
        TestClient publisher = await KnownDeviceAsync(gateway, durable: durable);

        ReasonCode code = await publisher.PublishAsync("dm/p2p/device", "x", QoS.AtLeastOnce);

        Assert.AreEqual(waits ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers, code);
        TestClient device = durable ? await gateway.ConnectDurableAsync("device") : await gateway.ConnectAsync("device");
        if (waits)
            Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
        Assert.AreEqual(waits ? 0 : 1, gateway.Counters.Dropped(DropReason.P2PTargetAbsent));
    }

    [TestMethod]
    public async Task Policy_OfADeviceAndOfItsGroup_TheFirstThatFitsCounts()
    {
        await using TestBroker gateway = TestBroker.Start(
            null,
            new GroupPolicy { Match = "GID_a@@@meter", MailboxSecondsMax = 100, MailboxMessagesMax = 1 },
            new GroupPolicy { Match = "GID_a@@@*", Mailbox = MailboxKind.Off });
        TestClient publisher = await KnownDeviceAsync(gateway, "GID_a@@@meter");
        await (await gateway.ConnectAsync("GID_a@@@lamp")).DropAsync();

        await publisher.PublishAsync("dm/p2p/GID_a@@@meter", "older", QoS.AtLeastOnce);
        await publisher.PublishAsync("dm/p2p/GID_a@@@meter", "newer", QoS.AtLeastOnce);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("dm/p2p/GID_a@@@lamp", "x", QoS.AtLeastOnce));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.MailboxFull));
        gateway.Advance(100);

        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task P2P_ClientWithAnAssignedIdentifier_IsNoDeviceThatIsWaitedFor()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KnownDevicesMax = 2); // the publisher is one
        TestClient publisher = await KnownDeviceAsync(gateway);
        for (int i = 0; i < 10; i++)
        {
            TestClient passing = await gateway.ConnectAsync(""); // as mosquitto_pub does each time
            await passing.DisconnectAsync();
        }

        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/device", "x", QoS.AtLeastOnce));
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_DurableSessionOfAForgottenDevice_StillGetsItsMessages()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KnownDevicesMax = 1);
        TestClient device = await gateway.ConnectDurableAsync("device");
        await device.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5); // "device" is forgotten, its Session is not
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/device", "x", QoS.AtLeastOnce));
        TestClient again = await gateway.ConnectDurableAsync("device");
        Assert.AreEqual("x", (await again.ReceivePublishAndAckAsync()).Payload);
        for (int i = 0; i < 5; i++)
            await gateway.ConnectAsync($"another-{i}"); // the count of known devices is still right
    }
}
