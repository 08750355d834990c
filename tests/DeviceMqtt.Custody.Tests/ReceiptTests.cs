using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>What a sender of P2P messages learns of them on its receipt topic (DESIGN: P2P rule 7).</summary>
[TestClass]
internal sealed class ReceiptTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set","from":"app"}""";

    [TestMethod]
    public async Task Receipt_DeviceAway_QueuedThenDelivered()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient app = await SenderWhoseCommandWaitsAsync(gateway);
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.ReceivePublishAndAckAsync();

        await ExpectAsync(app, """{"st":"delivered","to":"dev","id":"k7"}""");
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task Receipt_DeviceConnected_DeliveredWhenItHasAcknowledged(QoS qos)
    {
        await using BrokerOnDisk gateway = Start();
        TestClient dev = await gateway.ConnectAsync("dev");
        TestClient app = await SenderAsync(gateway);

        await app.PublishAsync("dm/p2p/dev", "no envelope", qos);
        await app.ExpectNothingAsync();
        await dev.ReceivePublishAndAckAsync();

        await ExpectAsync(app, """{"st":"delivered","to":"dev"}""");
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubAck)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubRec)]
    public async Task Receipt_DeviceRefusesIt_DroppedAndInTheLedger(QoS qos, PacketType answer)
    {
        await using BrokerOnDisk gateway = Start();
        TestClient dev = await gateway.ConnectAsync("dev", ProtocolVersion.V5);
        TestClient app = await SenderAsync(gateway);

        await app.PublishAsync("dm/p2p/dev", "no envelope", qos);
        await dev.SendAckAsync(answer, (await dev.ReceivePublishAsync()).PacketId, ReasonCode.QuotaExceeded);

        await ExpectAsync(app, """{"st":"dropped","to":"dev","why":"refused"}""");
        LedgerAccount mailbox = gateway.Look(b => b.Kept().Ledger[LedgerClass.Mailbox]);
        Assert.AreEqual((1L, 0L, 1L), (mailbox.Accepted, mailbox.Delivered, mailbox.DroppedFor(DropReason.ClientRefused)));
        gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Receipt_QoS0_DeliveredOrAbsent()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient dev = await gateway.ConnectAsync("dev");
        TestClient app = await SenderAsync(gateway);

        await app.PublishAsync("dm/p2p/dev", Command);
        await ExpectAsync(app, """{"st":"delivered","to":"dev","id":"k7"}""");
        await dev.DropAsync();
        await app.PublishAsync("dm/p2p/dev", Command);

        await ExpectAsync(app, """{"st":"dropped","to":"dev","id":"k7","why":"absent"}""");
    }

    [TestMethod]
    public async Task Receipt_NobodyOfThatName_Unknown()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient app = await SenderAsync(gateway);

        ushort packetId = await app.SendPublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
        await app.ExpectAckAsync(PacketType.PubAck, packetId);
    }

    // Nothing but the receipt will ever speak of a message that was dropped at once: killed behind its PUBACK, the gateway left a sender of 3.1.1
    // with neither its message nor a word about it.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubAck), DataRow(QoS.ExactlyOnce, PacketType.PubRec)]
    public async Task Receipt_DroppedAtOnce_OnTheDiskBeforeTheMessageIsAcknowledged(QoS qos, PacketType acknowledgement)
    {
        MemoryStorage disk = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient app = await gateway.ConnectDurableAsync("app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        using DiskStop stop = new(disk);
        ushort packetId = await app.SendPublishAsync("dm/p2p/nobody", Command, qos);
        await ExpectAsync(app, """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
        Assert.IsNull(app.TryReceiveNow(), "it is acknowledged, and its receipt is not on the disk");
        stop.GoOn();
        await app.ExpectAckAsync(acknowledgement, packetId);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());

        await ExpectAsync(await restarted.ConnectDurableAsync("app"), """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
    }

    [TestMethod]
    public async Task Receipt_DeviceComesTooLate_Expired()
    {
        await using BrokerOnDisk gateway = Start(l => l.MailboxSecondsMax = 100);
        TestClient app = await SenderWhoseCommandWaitsAsync(gateway);

        gateway.Advance(101);
        await gateway.ConnectAsync("dev");

        await ExpectAsync(app, """{"st":"expired","to":"dev","id":"k7"}""");
    }

    [TestMethod]
    public async Task Receipt_MailboxFull_TheSenderOfTheOldestIsTold()
    {
        await using BrokerOnDisk gateway = Start(l => l.MailboxMessagesMax = 1);
        TestClient app = await SenderWhoseCommandWaitsAsync(gateway);

        await app.PublishAsync("dm/p2p/dev", "newer", QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"dev","id":"k7","why":"full"}""");
        await ExpectAsync(app, """{"st":"queued","to":"dev"}""");
    }

    [TestMethod]
    public async Task Receipt_CommandOfADeviceToADevice_Denied()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), access: new EverybodyIs(ClientRole.Device));
        await gateway.ConnectAsync("dev");
        TestClient app = await SenderAsync(gateway);

        _ = await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"dev","id":"k7","why":"denied"}""");
    }

    [TestMethod]
    public async Task Receipt_SenderDidNotSubscribe_GetsNone()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient app = await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/#", QoS.AtLeastOnce);

        _ = await app.SendPublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await ExpectNoReceiptAsync(app);
    }

    [TestMethod]
    [DataRow("$gw/#")]
    [DataRow("$gw/+/app")]
    public async Task Receipt_WildcardOfAnother_GetsNone(string filter)
    {
        await using BrokerOnDisk gateway = Start();
        TestClient curious = await gateway.ConnectAsync("curious");
        await curious.SubscribeAsync(filter, QoS.AtLeastOnce);
        TestClient app = await SenderAsync(gateway);

        _ = await app.SendPublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
        await ExpectNoReceiptAsync(curious);
    }

    // Of the gateway's topics a wildcard brings presence.
    private static async Task ExpectNoReceiptAsync(TestClient client)
    {
        await client.SendAsync(PingPackets.PingReq.ToArray());
        ReceivedPacket packet;
        while ((packet = await client.ReceiveAsync()).Type != PacketType.PingResp)
            if (packet.Type == PacketType.Publish)
                Assert.StartsWith("$gw/presence/", ReceivedPublish.From(packet, client.Version).Topic, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("$gw/receipt/app")]
    [DataRow("$gw/receipt/+")]
    [DataRow("$gw/receipt/#")]
    [DataRow("$share/g/$gw/receipt/app")]
    public async Task SUBSCRIBE_ReceiptsOfAnother_NotAuthorized(string filter)
    {
        await using BrokerOnDisk gateway = Start();
        TestClient curious = await gateway.ConnectAsync("curious", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await curious.SubscribeAsync(filter));
    }

    [TestMethod]
    public async Task ReceiptsPendingMax_Reached_QueuedIsToldAndTheEndIsNot()
    {
        await using BrokerOnDisk gateway = Start(l => l.ReceiptsPendingMax = 0);
        TestClient app = await SenderWhoseCommandWaitsAsync(gateway);

        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.ReceivePublishAndAckAsync();

        await app.ExpectNothingAsync();
    }

    // The end of a message is told over a restart: to a sender whose Session goes on at once, to another when it is there and has subscribed.
    [TestMethod]
    [DataRow(true, true), DataRow(true, false), DataRow(false, false)]
    public async Task Receipt_GatewayKilledMeanwhile_ToldAllTheSame(bool durableSender, bool isSnapshot)
    {
        BrokerOnDisk gateway = Start(l => l.JournalBytesMax = 32 * 1024 * 1024);
        await (await gateway.ConnectAsync("dev")).DropAsync();
        TestClient app = durableSender ? await gateway.ConnectDurableAsync("app") : await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await ExpectAsync(app, """{"st":"queued","to":"dev","id":"k7"}""");
        if (isSnapshot)
            await WriteUntilSnapshotAsync(gateway);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        TestClient again = durableSender ? await restarted.ConnectDurableAsync("app") : await restarted.ConnectAsync("app");
        if (!durableSender)
            await again.SubscribeAsync("$gw/receipt/app");
        TestClient dev = await restarted.ConnectAsync("dev");
        await dev.ReceivePublishAndAckAsync();

        await ExpectAsync(again, """{"st":"delivered","to":"dev","id":"k7"}""");
        Assert.AreEqual(0, restarted.Look(b => b.Receipts.OwedCount));
    }

    [TestMethod]
    public async Task Receipt_ExpiredWhileTheGatewayWasOff_ToldWhenItIsBack()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await (await gateway.ConnectAsync("dev")).DropAsync();
        TestClient app = await gateway.ConnectDurableAsync("app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await app.ReceivePublishAndAckAsync();
        MemoryStorage left = await gateway.CrashAsync();
        machine.Time.Advance(TimeSpan.FromSeconds(61));

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, machine: machine);
        restarted.Advance(1);

        TestClient again = await restarted.ConnectDurableAsync("app");
        string told = (await again.ReceivePublishAndAckAsync()).Payload;
        if (told.Contains("queued", StringComparison.Ordinal)) // its acknowledgement was lazy
            told = (await again.ReceivePublishAndAckAsync()).Payload;
        Assert.AreEqual("""{"st":"expired","to":"dev","id":"k7"}""", told);
    }

    [TestMethod]
    public async Task Receipt_Answered_ToldToWhoAsked()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.PublishAsync("dm/dev/info", """{"id":"dev","win":1}""", QoS.AtLeastOnce, retain: true);
        TestClient app = await SenderAsync(gateway);
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await dev.ReceivePublishAndAckAsync();
        await ExpectAsync(app, """{"st":"delivered","to":"dev","id":"k7"}""");

        await dev.SendPublishAsync("dm/p2p/app", """{"id":"k7","st":"ok","code":0}""");

        Assert.AreEqual("dm/p2p/app", (await app.ReceivePublishAsync()).Topic);
        await ExpectAsync(app, """{"st":"answered","to":"dev","id":"k7"}""");
        gateway.AssertLedgerBalances();
        Assert.AreEqual(0, gateway.Custody.Ledger[LedgerClass.Mailbox].Pending);
    }

    [TestMethod]
    public async Task Receipt_NobodyListens_NothingIsKeptForIt()
    {
        await using BrokerOnDisk gateway = Start();
        await (await gateway.ConnectAsync("dev")).DropAsync();
        TestClient app = await gateway.ConnectAsync("app");

        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);

        Assert.AreEqual(0, gateway.Look(b => b.Receipts.OwedCount));
    }

    private static async Task WriteUntilSnapshotAsync(BrokerOnDisk gateway)
    {
        TestClient writer = await gateway.ConnectAsync("w");
        string padding = new('x', 200_000);
        for (int i = 0; i < 200; i++)
        {
            await writer.PublishAsync("padding", padding, QoS.AtLeastOnce, retain: true);
            if (i % 10 == 0)
                gateway.Advance(0);
        }
    }

    private static BrokerOnDisk Start(Action<GatewayLimits>? limits = null) => BrokerOnDisk.StartOn(new MemoryStorage(), limits);

    private static async Task<TestClient> SenderAsync(BrokerOnDisk gateway)
    {
        TestClient app = await gateway.ConnectAsync("app");
        Assert.AreEqual(ReasonCode.Success, await app.SubscribeAsync("$gw/receipt/app"));
        return app;
    }

    // The device has been here and is away; the sender is told so.
    private static async Task<TestClient> SenderWhoseCommandWaitsAsync(BrokerOnDisk gateway)
    {
        await (await gateway.ConnectAsync("dev")).DropAsync();
        TestClient app = await SenderAsync(gateway);
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await ExpectAsync(app, """{"st":"queued","to":"dev","id":"k7"}""");
        return app;
    }

    private static async Task ExpectAsync(TestClient app, string receipt)
    {
        ReceivedPublish received = await app.ReceivePublishAsync();
        Assert.AreEqual("$gw/receipt/app", received.Topic);
        Assert.AreEqual(receipt, received.Payload);
        Assert.IsFalse(received.Retain);
    }
}
