using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// A command that the device was handed already may have been carried out: nobody takes it back, and its sender, who was told <c>delivered</c>, is not told then
/// that it was dropped or never left. That is so after a restart, from the events and from a snapshot, and where the link broke before the acknowledgement.
/// </summary>
[TestClass]
internal sealed class HandedOverTests
{
    private const string Birth = """{"id":"dev","win":1,"cmd":["relay.set!"]}""";

    private static string Command(int id) => $$"""{"id":"{{id}}","cmd":"relay.set","from":"app","ttl":100}""";

    [TestMethod]
    [DataRow(false, 1L << 20), DataRow(true, 1L << 20), DataRow(false, 0L)] // what waits is on the disk alone
    public async Task Command_AcknowledgedBeforeAKill_NotTakenBack(bool isSnapshot, long memoryBytesMax)
    {
        BrokerOnDisk gateway = Start(isSnapshot, l => l.WaitingMemoryBytesMax = memoryBytesMax);
        TestClient app = await gateway.ConnectAsync("app");
        TestClient dev = await BoardAsync(gateway);
        await AcknowledgeAsync(app, dev, 1);
        await app.PublishAsync("dm/p2p/dev", Command(2), QoS.AtLeastOnce);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await KillAsync(gateway, app, isSnapshot), l => l.WaitingMemoryBytesMax = memoryBytesMax);

        Assert.AreEqual(2, restarted.Look(static b => b.Mailboxes.Find("dev")!.Count));
        Assert.IsFalse(TakeBack(restarted, 1), "the device may have carried it out");
        Assert.IsTrue(TakeBack(restarted, 2));
        TestClient again = await restarted.ConnectAsync("dev");
        Assert.AreEqual(Command(1), (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        restarted.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Command_AcknowledgedBeforeAKillAndItsTimeEnds_ItsSenderIsToldThatNobodyAnswered(bool isSnapshot)
    {
        BrokerOnDisk gateway = Start(isSnapshot);
        TestClient app = await SenderAsync(gateway);
        TestClient dev = await BoardAsync(gateway);
        await AcknowledgeAsync(app, dev, 1);
        await ExpectReceiptAsync(app, """{"st":"delivered","to":"dev","id":"1"}""");

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await KillAsync(gateway, app, isSnapshot));

        TestClient again = await restarted.ConnectDurableAsync("app");
        restarted.Advance(101);
        await ExpectReceiptAsync(again, """{"st":"expired","to":"dev","id":"1","why":"unanswered"}""");
        restarted.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Command_AcknowledgedBeforeAKillAndPushedOut_ItsSenderIsToldThatNobodyAnswered()
    {
        BrokerOnDisk gateway = Start(isSnapshot: false);
        TestClient app = await SenderAsync(gateway);
        TestClient dev = await BoardAsync(gateway);
        await AcknowledgeAsync(app, dev, 1);
        await ExpectReceiptAsync(app, """{"st":"delivered","to":"dev","id":"1"}""");

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await KillAsync(gateway, app, isSnapshot: false), static l => l.MailboxMessagesMax = 1);

        TestClient again = await restarted.ConnectDurableAsync("app");
        await (await restarted.ConnectAsync("other")).PublishAsync("dm/p2p/dev", "newer", QoS.AtLeastOnce);
        await ExpectReceiptAsync(again, """{"st":"expired","to":"dev","id":"1","why":"unanswered"}""");
        restarted.AssertLedgerBalances();
    }

    // The command has left, and its link breaks before PUBACK: it waits for the next connection, and so over a restart.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce, false, false), DataRow(QoS.ExactlyOnce, false, false), DataRow(QoS.AtLeastOnce, true, false), DataRow(QoS.AtLeastOnce, false, true), DataRow(QoS.AtLeastOnce, true, true)]
    public async Task Command_LinkBreaksBehindIt_NotTakenBack(QoS qos, bool isSnapshot, bool isKilled)
    {
        BrokerOnDisk gateway = Start(isSnapshot);
        TestClient app = await gateway.ConnectAsync("app");
        TestClient dev = await gateway.ConnectAsync("dev");
        await app.PublishAsync("dm/p2p/dev", Command(1), qos);
        Assert.AreEqual(Command(1), (await dev.ReceivePublishAsync()).Payload);
        await dev.DropAsync();
        await app.PublishAsync("dm/p2p/dev", Command(2), QoS.AtLeastOnce);
        BrokerOnDisk restarted = isKilled ? BrokerOnDisk.StartOn(await KillAsync(gateway, app, isSnapshot)) : gateway;
        await using BrokerOnDisk last = restarted;

        Assert.AreEqual(2, restarted.Look(static b => b.Mailboxes.Find("dev")!.Count));
        Assert.IsFalse(TakeBack(restarted, 1), "the device may have carried it out");
        Assert.IsTrue(TakeBack(restarted, 2));
        TestClient again = await restarted.ConnectAsync("dev");
        Assert.AreEqual(Command(1), (await again.ReceivePublishAsync()).Payload);
        restarted.AssertLedgerBalances();
    }

    // Found while it waited, and handed over before the turn in which it is to be taken back.
    [TestMethod]
    public async Task Command_HandedOverMeanwhile_NotTakenBack()
    {
        await using BrokerOnDisk gateway = Start(isSnapshot: false);
        TestClient app = await gateway.ConnectAsync("app");
        await (await gateway.ConnectAsync("dev")).DropAsync();
        await app.PublishAsync("dm/p2p/dev", Command(1), QoS.AtLeastOnce);
        QueuedMessage found = gateway.Look(static b => b.Mailboxes.Find("dev")!.NotHandedOver().Single());
        TestClient dev = await gateway.ConnectAsync("dev");
        Assert.AreEqual(Command(1), (await dev.ReceivePublishAsync()).Payload);
        await dev.DropAsync();

        Assert.IsFalse(gateway.Look(b => b.Mailboxes.Find("dev")!.TryTakeBack(found, out _)));
        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find("dev")!.Count));
    }

    private static BrokerOnDisk Start(bool isSnapshot, Action<GatewayLimits>? limits = null) =>
        BrokerOnDisk.StartOn(new MemoryStorage(), limits, snapshotSteps: isSnapshot ? 100 : null);

    private static async Task<TestClient> SenderAsync(BrokerOnDisk gateway)
    {
        TestClient app = await gateway.ConnectDurableAsync("app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        return app;
    }

    private static async Task<TestClient> BoardAsync(BrokerOnDisk gateway)
    {
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.PublishAsync("dm/dev/info", Birth, QoS.AtLeastOnce, retain: true);
        return dev;
    }

    private static async Task AcknowledgeAsync(TestClient app, TestClient dev, int id)
    {
        await app.PublishAsync("dm/p2p/dev", Command(id), QoS.AtLeastOnce);
        Assert.AreEqual(Command(id), (await dev.ReceivePublishAndAckAsync()).Payload);
        await dev.ExpectNothingAsync();
    }

    private static async Task ExpectReceiptAsync(TestClient app, string receipt)
    {
        ReceivedPublish received = await app.ReceivePublishAndAckAsync();
        Assert.AreEqual(("$gw/receipt/app", receipt), (received.Topic, received.Payload));
    }

    private static async Task<MemoryStorage> KillAsync(BrokerOnDisk gateway, TestClient app, bool isSnapshot)
    {
        if (isSnapshot)
        {
            gateway.Advance(0);
            await app.PublishAsync("nobody", "commits", QoS.AtLeastOnce, retain: true);
            await Patience.Until(() => gateway.State.Status!.Value.Snapshots > 0, "a snapshot");
        }

        await app.PublishAsync("nobody", "commits too", QoS.AtLeastOnce, retain: true);
        return await gateway.CrashAsync();
    }

    private static bool TakeBack(BrokerOnDisk gateway, int id) => gateway.Look(b =>
    {
        Mailbox mailbox = b.Mailboxes.Find("dev")!;
        QueuedMessage found = mailbox.NotHandedOver().FirstOrDefault(queued => mailbox.IsCommand(queued, $"{id}", "app"));
        if (found.Message is null || !mailbox.TryTakeBack(found, out Kept kept))
            return false;
        b.Turn.Gate.Join(kept);
        return true;
    });
}
