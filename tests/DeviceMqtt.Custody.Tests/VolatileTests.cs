using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Topics whose messages need not be written to the disk (<c>Topics:0:Durable=false</c>).</summary>
[TestClass]
internal sealed class VolatileTests
{
    private const string Filter = "v/#";

    private static BrokerOnDisk Start(MemoryStorage? disk = null, string filter = Filter, Action<GatewayLimits>? limits = null, int? snapshotSteps = null)
    {
        TopicRules rules = new([new TopicRule { Filter = filter, Durable = false }]);
        return BrokerOnDisk.StartOn(disk ?? new MemoryStorage(), limits, g => g.Broker.Routes.IsVolatile = rules.IsVolatile, snapshotSteps: snapshotSteps);
    }

    // A Session that is away, and wants everything.
    private static async Task AwayAsync(BrokerOnDisk gateway, string filter = "#")
    {
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        _ = await subscriber.SubscribeAsync(filter, QoS.ExactlyOnce);
        await subscriber.DropAsync();
    }

    // What is lazy is on the disk afterwards, with what became of the messages in memory.
    private static async Task CommitAsync(BrokerOnDisk gateway)
    {
        gateway.Advance(11);
        _ = await (await gateway.ConnectAsync("committer")).PublishAsync("$own", "x", QoS.AtLeastOnce, retain: true);
    }

    private static async Task ExpectAsync(BrokerOnDisk gateway, params string[] payloads)
    {
        TestClient subscriber = await gateway.ConnectDurableAsync("s");
        foreach (string payload in payloads)
            Assert.AreEqual(payload, (await subscriber.ReceivePublishAndAckAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    private static LedgerAccount Account(BrokerOnDisk gateway, LedgerClass ledgerClass) => gateway.Look(b => b.Kept().Ledger[ledgerClass]);

    private static long Position(BrokerOnDisk gateway) => gateway.Look(b => b.Kept().LastPosition);

    [TestMethod]
    public async Task AbsentSession_VolatileTopic_WaitsInMemoryAndNothingIsWritten()
    {
        await using BrokerOnDisk gateway = Start();
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        long before = Position(gateway);
        foreach (string payload in (string[])["1", "2", "3"])
            _ = await publisher.PublishAsync("v/a", payload, QoS.AtLeastOnce);
        Assert.AreEqual(before, Position(gateway), "something was written");
        Assert.AreEqual(3, Account(gateway, LedgerClass.Volatile).Pending);
        Assert.AreEqual(0, Account(gateway, LedgerClass.Session).Accepted);
        gateway.AssertLedgerBalances();
        await ExpectAsync(gateway, "1", "2", "3");
        Assert.AreEqual(3, Account(gateway, LedgerClass.Volatile).Delivered);
        gateway.AssertLedgerBalances();
    }

    [TestMethod]
    [DataRow(null, DisplayName = "from the events")]
    [DataRow(1, DisplayName = "from a snapshot")]
    public async Task Restart_WhatWaitedInMemoryIsLostAndCounted_TheRestIsThereInOrder(int? snapshotSteps)
    {
        BrokerOnDisk gateway = Start(snapshotSteps: snapshotSteps);
        await AwayAsync(gateway, "+/a");
        TestClient publisher = await gateway.ConnectAsync("p");
        foreach (string topic in (string[])["v/a", "d/a", "v/a", "d/a"])
            _ = await publisher.PublishAsync(topic, topic, QoS.AtLeastOnce);
        await CommitAsync(gateway);
        gateway.Advance(1);
        BrokerOnDisk restarted = Start(await gateway.CrashAsync());
        Assert.Contains(static l => l.Contains("2 messages of topics that are not durable", StringComparison.Ordinal), restarted.Lines);
        Assert.AreEqual(2, restarted.Counters.Dropped(DropReason.NotDurable));
        Assert.AreEqual(2, Account(restarted, LedgerClass.Volatile).DroppedFor(DropReason.NotDurable));
        restarted.AssertLedgerBalances();
        await CommitAsync(restarted);

        // Once lost is not lost again.
        await using BrokerOnDisk again = Start(await restarted.CrashAsync());
        Assert.AreEqual(0, again.Counters.Dropped(DropReason.NotDurable));
        Assert.AreEqual((2L, 2L), (Account(again, LedgerClass.Volatile).Accepted, Account(again, LedgerClass.Volatile).DroppedFor(DropReason.NotDurable)));
        again.AssertLedgerBalances();
        await ExpectAsync(again, "d/a", "d/a");
    }

    [TestMethod]
    public async Task CleanStop_WhatWaitedInMemoryIsCountedExactly()
    {
        BrokerOnDisk gateway = Start();
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("v/a", "x", QoS.AtLeastOnce);
        await gateway.DisposeAsync();
        await using BrokerOnDisk restarted = Start(gateway.Disk.Crash(null));
        Assert.AreEqual(1, restarted.Counters.Dropped(DropReason.NotDurable));
    }

    // A client that has a message of QoS 2 knows its Packet Identifier after the restart of the gateway, too.
    [TestMethod]
    public async Task QoS2_OnAVolatileTopic_WrittenAllTheSame()
    {
        BrokerOnDisk gateway = Start();
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("v/a", "once", QoS.ExactlyOnce);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync());
        await ExpectAsync(restarted, "once");
    }

    [TestMethod]
    [DataRow("dm/p2p/s")]
    [DataRow("presence/s")]
    [DataRow("dm/s/info")]
    public async Task RuleForAll_CommandsPresenceAndBirths_WrittenAllTheSame(string topic)
    {
        BrokerOnDisk gateway = Start(filter: "#");
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("other", "lost", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync(topic, "kept", QoS.AtLeastOnce);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync(), filter: "#");
        await ExpectAsync(restarted, "kept");
    }

    [TestMethod]
    public async Task MixedTopics_MoreThanTheMemoryOfWhatIsOnDisk_InTheOrderTheyCame()
    {
        await using BrokerOnDisk gateway = Start(limits: static l => l.WaitingMemoryBytesMax = 0);
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        string[] sent = [.. Enumerable.Range(0, 20).Select(static i => $"{i}")];
        for (int i = 0; i < sent.Length; i++)
            _ = await publisher.PublishAsync(i % 3 == 0 ? "d/a" : "v/a", sent[i], QoS.AtLeastOnce);
        await ExpectAsync(gateway, sent);
        gateway.AssertLedgerBalances();
    }

    [TestMethod]
    public async Task QueueBytesMax_UsedUp_TheOldestGoesAndIsCounted()
    {
        await using BrokerOnDisk gateway = Start(limits: static l => l.QueueBytesMax = 2_000);
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < 20; i++)
            _ = await publisher.PublishAsync("v/a", $"{i}", QoS.AtLeastOnce);
        LedgerAccount account = Account(gateway, LedgerClass.Volatile);
        Assert.AreEqual(20 - account.Pending, account.DroppedFor(DropReason.SessionQueueFull));
        Assert.IsLessThan(20, account.Pending);
        gateway.AssertLedgerBalances();
        await ExpectAsync(gateway, [.. Enumerable.Range(20 - (int)account.Pending, (int)account.Pending).Select(static i => $"{i}")]);
        Assert.AreEqual(0, gateway.Look(b => b.Owners[Broker.Budgets.Good.QueueBytes].Used));
    }

    // What waits on the disk alone is a reference; what is nowhere else takes its whole place.
    [TestMethod]
    public async Task Waiting_InMemory_TakesItsBytesOfTheBudget()
    {
        await using BrokerOnDisk gateway = Start();
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p");
        long Used() => gateway.Look(b => b.Owners[Broker.Budgets.Good.Memory].Used);
        string payload = new('x', 50_000);
        _ = await publisher.PublishAsync("d/a", payload, QoS.AtLeastOnce);
        long before = Used();
        _ = await publisher.PublishAsync("v/a", payload, QoS.AtLeastOnce);
        Assert.IsGreaterThan(50_000, Used() - before);
    }

    [TestMethod]
    public async Task Retained_InMemoryInPlaceOfOneOnDisk_NeitherAfterARestart()
    {
        BrokerOnDisk gateway = Start();
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("v/a", "on disk", QoS.ExactlyOnce, retain: true);
        _ = await publisher.PublishAsync("v/a", "in memory", QoS.AtLeastOnce, retain: true);
        TestClient observer = await gateway.ConnectAsync("o");
        _ = await observer.SubscribeAsync("v/a");
        Assert.AreEqual("in memory", (await observer.ReceivePublishAsync()).Payload);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync(new Random(1)));
        Assert.AreEqual(0, restarted.Look(b => b.Retained.Count), "an older state is back");
    }

    [TestMethod]
    public async Task Retained_OnDiskInPlaceOfOneInMemory_ThereAfterARestart()
    {
        BrokerOnDisk gateway = Start();
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("v/a", "in memory", QoS.AtLeastOnce, retain: true);
        _ = await publisher.PublishAsync("v/a", "on disk", QoS.ExactlyOnce, retain: true);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync(new Random(1)));
        TestClient observer = await restarted.ConnectAsync("o");
        _ = await observer.SubscribeAsync("v/a");
        Assert.AreEqual("on disk", (await observer.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task JournalFull_VolatileTopic_AcknowledgedAllTheSame()
    {
        const int capacity = 24 * 1024 * 1024;
        await using BrokerOnDisk gateway = Start(new MemoryStorage { Capacity = capacity }, limits: static l => l.JournalFreeBytesMin = 0);
        await AwayAsync(gateway);
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        string large = new('x', 100_000);
        for (int i = 0; await publisher.PublishAsync("d/a", large, QoS.AtLeastOnce) != ReasonCode.QuotaExceeded; i++)
            Assert.IsLessThan(capacity / large.Length, i, "more than the disk takes, and the journal is not full");

        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("v/a", "x", QoS.AtLeastOnce));
        Assert.AreEqual(1, Account(gateway, LedgerClass.Volatile).Pending);
    }
}
