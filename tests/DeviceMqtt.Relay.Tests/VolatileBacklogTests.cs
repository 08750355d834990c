using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What waits for an upstream on topics that need not be durable.</summary>
[TestClass]
internal sealed class VolatileBacklogTests
{
    private static BrokerOnDisk Start(MemoryStorage disk) => BrokerOnDisk.StartOn(disk, before: static g =>
    {
        g.Broker.Routes.IsVolatile = new TopicRules([new TopicRule { Filter = "v/#", Durable = false }]).IsVolatile;
        Backlogs.Connect(g, "#");
    });

    [TestMethod]
    public async Task Backlog_OfAVolatileTopic_InMemoryWithinItsBudgetAndLostWithARestart()
    {
        BrokerOnDisk gateway = Start(new MemoryStorage());
        TestClient publisher = await gateway.ConnectAsync("p");
        long position = gateway.Look(b => b.Kept().LastPosition);
        long before = gateway.Look(b => b.Owners[Good.Memory].Used);
        await publisher.PublishAsync("v/a", "0"); // QoS 0 waits for an upstream, too
        _ = await publisher.PublishAsync("v/a", new string('x', 10_000), QoS.AtLeastOnce);
        Assert.AreEqual(position, gateway.Look(b => b.Kept().LastPosition), "something was written");
        Assert.IsGreaterThan(10_000, gateway.Look(b => b.Owners[Good.Memory].Used) - before);
        Assert.AreEqual(2, gateway.Look(b => b.Kept().Ledger[LedgerClass.Volatile].Pending));
        gateway.AssertLedgerBalances();

        gateway.Advance(11); // from then on the next record takes along how many wait
        _ = await publisher.PublishAsync("d/a", "kept", QoS.AtLeastOnce);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync());
        string[] waiting = restarted.Look(b => b.Upstreams.Backlogs.Values.Single().All().Select(q => System.Text.Encoding.UTF8.GetString(q.Message.Payload)).ToArray());
        CollectionAssert.AreEqual(new[] { "kept" }, waiting);
        Assert.AreEqual(2, restarted.Counters.Dropped(DropReason.NotDurable));
        restarted.AssertLedgerBalances();
    }
}
