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

        await app.PublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
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

        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"dev","id":"k7","why":"denied"}""");
    }

    [TestMethod]
    public async Task Receipt_SenderDidNotSubscribe_GetsNone()
    {
        await using BrokerOnDisk gateway = Start();
        TestClient app = await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/#", QoS.AtLeastOnce);

        await app.PublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await app.ExpectNothingAsync();
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

        await app.PublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""");
        await curious.ExpectNothingAsync();
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
