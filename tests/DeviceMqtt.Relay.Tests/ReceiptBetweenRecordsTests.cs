using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Tests;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// The gateway is killed behind each record of a command that comes to its end: its sender is told, be it above or here, or the command is still there. Behind the record of
/// the end a receipt for above was once not there yet.
/// </summary>
[TestClass]
public sealed class ReceiptBetweenRecordsTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set!","from":"app","ttl":100}""";

    [TestMethod]
    [DataRow("is delivered"), DataRow("expires"), DataRow("is pushed out"), DataRow("is answered")]
    public async Task CommandFromAbove_EndsAndGatewayKilledBehindAnyRecord_ItsSenderIsToldOrItIsStillOwed(string what)
    {
        SeparateRecords records = new(new MemoryStorage());
        IReadOnlyList<MemoryStorage> left;
        static void Limits(GatewayLimits limits) => limits.MailboxMessagesMax = 1;
        await using (TestRelay relay = await StartAsync(records, Limits))
        {
            UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
            await peer.ReceivePresenceAsync();
            TestClient dev = await relay.Gateway.ConnectAsync("dev");
            // One that says which commands it answers is waited for.
            await dev.PublishAsync("dm/dev/info", what == "is delivered" ? """{"id":"dev"}""" : """{"id":"dev","win":1,"cmd":["relay.set!"]}""", QoS.AtLeastOnce, retain: true);
            await peer.GrantAsync(["+/p2p/dev"]);
            await dev.DropAsync();
            await peer.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce, 1);
            await Patience.Until(() => relay.Gateway.Look(static b => b.Receipts.OwedCount) == 1, "a command that waits");
            await peer.DisposeAsync();
            records.Begin();
            await EndAsync(relay, what);
            await (await relay.Gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
            left = records.Left;
        }

        int told = 0;
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = BrokerOnDisk.StartOn(left[i], Limits, before: static g => Backlogs.Connect(g, "$gw/receipt/+"));
            (int owed, bool isDelivered, int receipts) = after.Look(static b => (
                b.Receipts.OwedCount,
                b.Mailboxes.WaitingFor("dev").Any(q => b.Receipts.TryFindOwed(q.Entry, out OwedReceipt one) && one.Marks.HasFlag(ReceiptMarks.IsDelivered)),
                EndsIn(b)));
            string where = $"behind record {i + 1} of {left.Count}: {owed} owed, {receipts} receipts";
            Assert.IsGreaterThanOrEqualTo(1, owed + receipts, where);
            Assert.IsTrue(!isDelivered || receipts > 0, where);
            told = receipts;
            after.AssertLedgerBalances();
        }

        Assert.IsGreaterThan(1, left.Count);
        Assert.IsGreaterThan(0, told);
    }

    // Its time is over before it is sent: nothing but the receipt will ever speak of it.
    [TestMethod]
    public async Task CommandForAbove_OverAtOnceAndGatewayKilledBehindAnyRecord_ItsSenderIsToldOnceItIsHeld()
    {
        SeparateRecords records = new(new MemoryStorage());
        IReadOnlyList<MemoryStorage> left;
        await using (TestRelay relay = await StartAsync(records, static _ => { }))
        {
            UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
            await peer.ReceivePresenceAsync();
            TestClient app = await ((BrokerOnDisk)relay.Gateway).ConnectDurableAsync("app");
            await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
            await relay.WhenIdleAsync();
            records.Begin();
            await app.SendPublishAsync("dm/p2p/far", """{"id":"k7","cmd":"relay.set","from":"app","exp":1000000000}""", QoS.AtLeastOnce);
            await Patience.Until(() => relay.Gateway.Counters.Dropped(DropReason.Expired) == 1, "the end of the command");
            await app.DropAsync();
            await (await relay.Gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
            left = records.Left;
        }

        long told = 0;
        bool wasHeld = false;
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = BrokerOnDisk.StartOn(left[i], before: static g => Backlogs.Connect(g, "$gw/receipt/+"));
            (bool isHeld, told) = after.Look(b => (b.Upstreams.Backlogs.Values.Single().All().Any(static q => q.Message.IsP2P), after.State.Ledger[LedgerClass.Session].Pending));
            wasHeld |= isHeld;
            Assert.IsTrue(!wasHeld || isHeld || told == 1, $"behind record {i + 1} of {left.Count}");
            after.AssertLedgerBalances();
        }

        Assert.AreEqual(1, told);
    }

    private static Task<TestRelay> StartAsync(SeparateRecords records, Action<GatewayLimits> limits) =>
        TestRelay.StartAsync(static o => o.Rules = [new RelayRule { Filter = "$gw/receipt/+" }], limits, disk: records.Memory, role: ClientRole.Operator, storage: records);

    // Receipts that say more than that it waits, and go up.
    private static int EndsIn(Broker.State.BrokerState broker) =>
        broker.Upstreams.Backlogs.Values.Single().All().Count(static q => !Encoding.UTF8.GetString(q.Message.Payload).Contains("queued", StringComparison.Ordinal));

    private static async Task EndAsync(TestRelay relay, string what)
    {
        if (what == "expires")
        {
            relay.Gateway.Advance(101);
        }
        else if (what == "is pushed out")
        {
            await (await relay.Gateway.ConnectAsync("other")).PublishAsync("dm/p2p/dev", "newer", QoS.AtLeastOnce);
        }
        else
        {
            TestClient dev = await relay.Gateway.ConnectAsync("dev");
            _ = await dev.ReceivePublishAndAckAsync();
            if (what == "is answered")
                await dev.SendPublishAsync("dm/p2p/app", """{"id":"k7","st":"ok","code":0}""", QoS.AtLeastOnce);
            await dev.DropAsync();
        }
    }
}
