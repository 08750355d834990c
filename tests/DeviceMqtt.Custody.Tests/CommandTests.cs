using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Commands over a restart of the gateway: nothing stale is handed over, nothing is lost, and the pace is kept.</summary>
[TestClass]
internal sealed class CommandTests
{
    private const string Birth = """{"id":"dev","win":1,"cmd":["relay.set!","interval.set~"]}""";

    [TestMethod]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"app","ttl":100}""", 99, true)]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"app","ttl":100}""", 100, false)]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"app"}""", 60, false)]
    [DataRow("""{"id":"1","cmd":"interval.set","from":"app"}""", 3600, true)]
    public async Task Command_WaitsOverAKill_ItsTimeGoesOn(string command, int seconds, bool arrives)
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await AwayAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev", command, QoS.AtLeastOnce);
        MemoryStorage left = await gateway.CrashAsync();
        machine.Time.Advance(TimeSpan.FromSeconds(seconds));

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, machine: machine);

        TestClient dev = await restarted.ConnectAsync("dev");
        if (arrives)
            Assert.AreEqual(command, (await dev.ReceivePublishAndAckAsync()).Payload);
        await dev.ExpectNothingAsync();
        restarted.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(1L << 20)]
    [DataRow(0L)] // what waits is on the disk alone
    public async Task Command_TakenBackByAnOperator_NotHandedOverAfterAKillEither(long memoryBytesMax)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), l => l.WaitingMemoryBytesMax = memoryBytesMax);
        TestClient away = await gateway.ConnectAsync("dev"); // without a birth: all that waits goes at once
        await away.DropAsync();
        TestClient app = await gateway.ConnectAsync("app");
        string[] commands = [.. Enumerable.Range(1, 4).Select(static i => $$"""{"id":"{{i}}","cmd":"relay.set","from":"app","ttl":100}""")];
        foreach (string command in commands.Take(3))
            await app.PublishAsync("dm/p2p/dev", command, QoS.AtLeastOnce);
        Assert.IsFalse(TakeBack(gateway, "2", "another"));
        Assert.IsTrue(TakeBack(gateway, "2", "app"));
        Assert.IsFalse(TakeBack(gateway, "2", null));
        await app.PublishAsync("dm/p2p/dev", commands[3], QoS.AtLeastOnce); // is acknowledged when all before it is on the disk
        Assert.AreEqual(3, gateway.Look(static b => b.Mailboxes.Find("dev")!.Count));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.DroppedByOperator));
        gateway.AssertLedgerBalances();

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());

        TestClient dev = await restarted.ConnectAsync("dev");
        foreach (int i in (int[])[0, 2, 3])
            Assert.AreEqual(commands[i], (await dev.ReceivePublishAndAckAsync()).Payload);
        await dev.ExpectNothingAsync();
        restarted.AssertLedgerBalances();
    }

    // No battery clock and no network: nobody knows how long the power was away, until the network says what time it is.
    [TestMethod]
    public async Task Exp_PowerWasAwayAndTheClockIsSetLater_NotHandedOver()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await AwayAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");
        long expiry = machine.Time.GetUtcNow().ToUnixTimeSeconds() + 3600;
        await app.PublishAsync("dm/p2p/dev", $$"""{"id":"1","cmd":"relay.set","from":"app","exp":{{expiry}}}""", QoS.AtLeastOnce);
        MemoryStorage left = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromHours(2));
        machine.Step(TimeSpan.FromDays(-500));

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, machine: machine);
        machine.SetRight();
        restarted.Advance(61); // the gateway looks at its clock once a minute

        TestClient dev = await restarted.ConnectAsync("dev");
        await dev.ExpectNothingAsync();
        Assert.AreEqual(1, restarted.Counters.Dropped(DropReason.Expired));
        restarted.AssertLedgerBalances();
    }

    // The time without power counted as nothing, and went on to count as nothing when the network had said how long that was.
    [TestMethod]
    [DataRow(7200, false, false), DataRow(7200, true, false), DataRow(600, false, true)]
    public async Task Ttl_PowerWasAwayAndTheClockIsSetLater_TheTimeOffCounts(int offSeconds, bool isHandedOver, bool arrives)
    {
        const string Ttl1h = """{"id":"1","cmd":"relay.set","from":"app","ttl":3600}""";
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await AwayAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");
        if (isHandedOver)
        {
            TestClient before = await gateway.ConnectAsync("dev");
            await app.PublishAsync("dm/p2p/dev", Ttl1h, QoS.AtLeastOnce);
            await before.ReceivePublishAndAckAsync(); // and no answer
            await before.DropAsync();
        }
        else
            await app.PublishAsync("dm/p2p/dev", Ttl1h, QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/dev", "is no command", QoS.AtLeastOnce); // commits
        MemoryStorage left = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(offSeconds));
        machine.Step(TimeSpan.FromDays(-500));

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, machine: machine);
        machine.SetRight();
        restarted.Advance(61); // the gateway looks at its clock once a minute

        TestClient dev = await restarted.ConnectAsync("dev");
        if (arrives)
            Assert.AreEqual(Ttl1h, (await dev.ReceivePublishAndAckAsync()).Payload);
        else
            Assert.AreEqual("is no command", (await dev.ReceivePublishAndAckAsync()).Payload);
        restarted.AssertLedgerBalances();
    }

    // Acknowledged and not answered, it would go once more.
    [TestMethod]
    public async Task Exp_ComesBeforeTheAnswerAndTheClockIsSet_DoesNotGoOnceMore()
    {
        FakeMachine machine = new();
        DateTimeOffset truth = machine.Time.GetUtcNow();
        machine.Step(TimeSpan.FromDays(-400));
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await AwayAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        TestClient dev = await gateway.ConnectAsync("dev");
        await app.PublishAsync("dm/p2p/dev", $$"""{"id":"1","cmd":"relay.set","from":"app","exp":{{truth.ToUnixTimeSeconds() + 30}},"ttl":3600}""", QoS.AtLeastOnce);
        await dev.ReceivePublishAndAckAsync();
        Assert.AreEqual("""{"st":"delivered","to":"dev","id":"1"}""", (await app.ReceivePublishAsync()).Payload);
        await dev.DropAsync();
        machine.SetRight();
        gateway.Advance(61); // the gateway looks at its clock once a minute

        dev = await gateway.ConnectAsync("dev");

        await dev.ExpectNothingAsync();
        Assert.AreEqual("""{"st":"expired","to":"dev","id":"1","why":"unanswered"}""", (await app.ReceivePublishAsync()).Payload);
        gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task Exp_ClockIsPutForward_CountsFromWhenTheNetworkVouchedForIt()
    {
        FakeMachine machine = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await AwayAsync(gateway);
        long expiry = machine.Time.GetUtcNow().ToUnixTimeSeconds() + 30;
        machine.Step(TimeSpan.FromDays(2));
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev", $$"""{"id":"1","cmd":"relay.set","from":"app","exp":{{expiry}}}""", QoS.AtLeastOnce);

        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.ReceivePublishAndAckAsync();
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Commands_GatewayKilledInTheMiddle_OneAfterTheOtherAndNoneLost(bool durable)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), access: new SenderRules());
        await AwayAsync(gateway);
        TestClient app = await gateway.ConnectAsync("sender");
        for (int i = 1; i <= 4; i++)
            await app.PublishAsync("dm/p2p/dev", $$"""{"id":"{{i}}","cmd":"relay.set","from":"app","ttl":9999}""", QoS.AtLeastOnce);
        TestClient dev = durable ? await gateway.ConnectDurableAsync("dev") : await gateway.ConnectAsync("dev");
        await ExpectAsync(dev, 1);
        await dev.SendPublishAsync("dm/p2p/app", """{"id":"1","st":"ok","code":0}""");
        await ExpectAsync(dev, 2); // acknowledged, and not answered
        await app.PublishAsync("dm/p2p/dev", """{"id":"5","cmd":"relay.set","from":"app","ttl":9999}""", QoS.AtLeastOnce); // commits

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync(), access: new SenderRules());

        TestClient again = durable ? await restarted.ConnectDurableAsync("dev") : await restarted.ConnectAsync("dev");
        for (int i = 2; i <= 5; i++)
        {
            await ExpectAsync(again, i);
            await again.ExpectNothingAsync();
            await again.SendPublishAsync("dm/p2p/app", $$"""{"id":"{{i}}","st":"ok","code":0}""");
        }

        await again.ExpectNothingAsync();
        restarted.AssertLedgerBalances();
        Assert.AreEqual(0L, restarted.Custody.Ledger[LedgerClass.Mailbox].Pending);
    }

    private static bool TakeBack(BrokerOnDisk gateway, string id, string? from) => gateway.Look(b =>
    {
        Mailbox mailbox = b.Mailboxes.Find("dev")!;
        QueuedMessage found = mailbox.NotHandedOver().FirstOrDefault(queued => mailbox.IsCommand(queued, id, from));
        if (found.Message is null || !mailbox.TryTakeBack(found, out Kept kept))
            return false;
        b.Turn.Gate.Join(kept);
        return true;
    });

    private static async Task AwayAsync(BrokerOnDisk gateway)
    {
        TestClient dev = await gateway.ConnectAsync("dev");
        await dev.PublishAsync("dm/dev/info", Birth, QoS.AtLeastOnce, retain: true);
        await dev.DropAsync();
    }

    private static async Task ExpectAsync(TestClient dev, int number)
    {
        ReceivedPublish received = await dev.ReceivePublishAndAckAsync();
        Assert.StartsWith($"{{\"id\":\"{number}\"", received.Payload, StringComparison.Ordinal);
    }
}
