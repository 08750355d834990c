using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>The gateway is killed behind each record that nothing holds together with the next one: nobody is shown online who is not.</summary>
[TestClass]
internal sealed class BetweenRecordsTests
{
    private const string Topic = "presence/x";
    private const uint DelaySeconds = 10;

    private static readonly GroupPolicy[] Grace = [new() { Match = "x*", WillDelaySeconds = DelaySeconds }];

    private static WillMessage Will(uint delaySeconds = 0) =>
        new() { Topic = Topic, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true, Properties = new WillProperties { DelaySeconds = delaySeconds } };

    private static string Shown(BrokerOnDisk gateway) =>
        gateway.Look(static b => b.Retained.Find(Topic) is { } message ? System.Text.Encoding.UTF8.GetString(message.Payload) : "nothing");

    private static BrokerOnDisk StartOn(MemoryStorage disk, SeparateRecords? records, bool hasGrace) => BrokerOnDisk.StartOn(disk, storage: records, policies: hasGrace ? Grace : []);

    [TestMethod]
    [DataRow("leaves")]
    [DataRow("leaves, and its delay is over")]
    [DataRow("leaves, and its Session ends before")]
    [DataRow("leaves, and its grace is over")]
    [DataRow("is taken over")]
    [DataRow("is taken over with Clean Start")]
    [DataRow("comes back, and is lost")]
    [DataRow("the gateway starts again")]
    [DataRow("the gateway starts again, and its delay is over")]
    public async Task Client_IsLostAndGatewayKilledBehindAnyRecord_IsNotShownOnline(string what)
    {
        bool hasGrace = what.Contains("grace", StringComparison.Ordinal);
        bool isDelayed = what.Contains("delay", StringComparison.Ordinal) || what.Contains("Session ends", StringComparison.Ordinal) || what.Contains("comes back", StringComparison.Ordinal);
        MemoryStorage disk = new();
        SeparateRecords records = new(disk);
        BrokerOnDisk gateway = StartOn(disk, records, hasGrace);
        TestClient waiting = await gateway.ConnectDurableAsync("waiting");
        await waiting.SubscribeAsync("presence/#", QoS.ExactlyOnce);
        await waiting.DropAsync();
        ConnectProperties? stays = isDelayed ? new ConnectProperties { SessionExpirySeconds = what.Contains("ends", StringComparison.Ordinal) ? DelaySeconds / 2 : 3600 } : null;
        ProtocolVersion version = isDelayed ? ProtocolVersion.V5 : ProtocolVersion.V311;
        TestClient client = await gateway.ConnectAsync("x", version, clean: false, Will(isDelayed ? DelaySeconds : 0), stays);
        await client.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        if (what.StartsWith("the gateway", StringComparison.Ordinal))
        {
            disk = await gateway.CrashAsync();
            records = new SeparateRecords(disk);
            records.Begin();
            gateway = StartOn(disk, records, hasGrace);
        }
        else
        {
            records.Begin();
            await BeLostAsync(gateway, client, what, version, stays);
        }

        gateway.Advance(DelaySeconds + 1);
        Assert.AreEqual("false", Shown(gateway));
        await (await gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
        IReadOnlyList<MemoryStorage> left = records.Left;
        await gateway.DisposeAsync();

        Assert.IsGreaterThan(3, left.Count);
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = StartOn(left[i], records: null, hasGrace);
            after.Advance(DelaySeconds + 1);
            Assert.AreEqual("false", Shown(after), $"behind record {i + 1} of {left.Count}");
        }
    }

    // A message that waits and whose sender is never told is as bad as one that is lost.
    [TestMethod]
    [DataRow("away", QoS.AtLeastOnce)]
    [DataRow("away", QoS.ExactlyOnce)]
    [DataRow("connected", QoS.AtLeastOnce)]
    [DataRow("connected", QoS.ExactlyOnce)]
    [DataRow("connected, and has no room", QoS.AtLeastOnce)]
    public async Task Command_IsHeldAndGatewayKilledBehindAnyRecord_ItsSenderIsToldWhatBecomesOfIt(string device, QoS qos)
    {
        MemoryStorage disk = new();
        SeparateRecords records = new(disk);
        void Limits(GatewayLimits limits) => limits.InflightMax = device.Contains("no room", StringComparison.Ordinal) ? 1 : limits.InflightMax;
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, Limits, storage: records);
        TestClient app = await gateway.ConnectDurableAsync("app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        TestClient dev = await gateway.ConnectAsync("dev");
        if (device == "away")
            await dev.DropAsync();
        records.Begin();
        for (int i = 0; i < 3; i++)
            _ = await app.SendPublishAsync("dm/p2p/dev", $"{i}", qos);
        await Patience.Until(() => gateway.Look(_ => gateway.State.Ledger[LedgerClass.Mailbox].Pending) == 3, "three commands that wait");
        await (await gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
        IReadOnlyList<MemoryStorage> left = records.Left;
        await gateway.DisposeAsync();

        Assert.IsGreaterThan(3, left.Count);
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = BrokerOnDisk.StartOn(left[i], Limits);
            (long waits, int owed) = after.Look(b => (after.State.Ledger[LedgerClass.Mailbox].Pending, b.Receipts.OwedCount));
            Assert.AreEqual(waits, owed, $"behind record {i + 1} of {left.Count}");
        }
    }

    // That a command has come to its end, and the receipt of a sender whose Session outlives its connection, are there together or not at all.
    [TestMethod]
    [DataRow("is delivered"), DataRow("expires"), DataRow("is pushed out"), DataRow("is taken back"), DataRow("is answered"), DataRow("is delivered, and its time ends")]
    public async Task Command_EndsAndGatewayKilledBehindAnyRecord_ItsSenderIsToldOrItIsStillOwed(string what)
    {
        MemoryStorage disk = new();
        SeparateRecords records = new(disk);
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, static l => l.MailboxMessagesMax = 1, storage: records);
        TestClient app = await gateway.ConnectDurableAsync("app");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.PublishAsync("dm/dev/info", """{"id":"dev","win":1,"cmd":["relay.set!"]}""", QoS.AtLeastOnce, retain: true);
        await dev.DropAsync();
        await app.PublishAsync("dm/p2p/dev", what == "is delivered" ? "no command" : """{"id":"1","cmd":"relay.set","from":"app","ttl":100}""", QoS.AtLeastOnce);
        _ = await app.ReceivePublishAndAckAsync(); // queued
        await app.DropAsync();
        records.Begin();
        await EndAsync(gateway, what);
        await (await gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
        IReadOnlyList<MemoryStorage> left = records.Left;
        await gateway.DisposeAsync();

        Assert.IsGreaterThan(2, left.Count);
        int told = 0;
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = BrokerOnDisk.StartOn(left[i], static l => l.MailboxMessagesMax = 1);
            (int owed, bool isDelivered, int receipts) = after.Look(b => (
                b.Mailboxes.WaitingFor("dev").Count(q => b.Receipts.TryFindOwed(q.Entry, out _)),
                b.Mailboxes.WaitingFor("dev").Any(q => b.Receipts.TryFindOwed(q.Entry, out OwedReceipt one) && one.Marks.HasFlag(ReceiptMarks.IsDelivered)),
                b.Sessions.Find("app")!.Queue.Count));
            string where = $"behind record {i + 1} of {left.Count}: {owed} owed, {receipts} receipts";
            Assert.IsGreaterThanOrEqualTo(1, owed + receipts, where);
            Assert.IsTrue(!isDelivered || receipts > 0, where);
            told = receipts;
            after.AssertLedgerBalances();
        }

        Assert.IsGreaterThan(0, told);
    }

    private static async Task EndAsync(BrokerOnDisk gateway, string what)
    {
        if (what == "expires")
        {
            gateway.Advance(101);
        }
        else if (what == "is pushed out")
        {
            await (await gateway.ConnectAsync("other")).PublishAsync("dm/p2p/dev", "newer", QoS.AtLeastOnce);
        }
        else if (what == "is taken back")
        {
            Assert.IsTrue(gateway.Look(static b =>
            {
                DeviceMqtt.Broker.Peers.Mailbox mailbox = b.Mailboxes.Find("dev")!;
                return mailbox.TryTakeBack(mailbox.NotHandedOver()[0], out _);
            }));
        }
        else
        {
            TestClient dev = await gateway.ConnectAsync("dev");
            _ = await dev.ReceivePublishAndAckAsync();
            if (what == "is answered")
                await dev.SendPublishAsync("dm/p2p/app", """{"id":"1","st":"ok","code":0}""", QoS.AtLeastOnce);
            await dev.DropAsync();
            if (what.Contains("time", StringComparison.Ordinal))
                gateway.Advance(101);
        }
    }

    private static async Task BeLostAsync(BrokerOnDisk gateway, TestClient client, string what, ProtocolVersion version, ConnectProperties? stays)
    {
        if (what.StartsWith("is taken over", StringComparison.Ordinal))
        {
            TestClient younger = await gateway.ConnectAsync("x", version, clean: what.Contains("Clean", StringComparison.Ordinal), Will(), stays);
            await younger.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
            await younger.DropAsync();
        }
        else if (what.StartsWith("comes back", StringComparison.Ordinal))
        {
            await client.DropAsync();
            TestClient again = await gateway.ConnectAsync("x", version, clean: false, Will(), stays);
            await again.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
            await again.DropAsync();
        }
        else
        {
            await client.DropAsync();
        }
    }
}
