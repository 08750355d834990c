using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What waits for an upstream, on a disk.</summary>
[TestClass]
internal sealed class BacklogRestartTests
{
    [TestMethod]
    public async Task Backlog_OfTheRelay_ThereInOrderAfterARestart()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), before: static g => Backlogs.Connect(g, "tele/#"));
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < 5; i++)
            _ = await publisher.PublishAsync("tele/x", $"{i}", QoS.AtLeastOnce);
        gateway.AssertLedgerBalances();

        // An upstream that is not set any more: what waits for it stays.
        BrokerOnDisk without = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        Assert.AreEqual(5, without.Look(b => b.Upstreams.Parked.Count));
        without.AssertLedgerBalances();

        await using BrokerOnDisk with = BrokerOnDisk.StartOn(await without.CrashAsync(), before: static g => Backlogs.Connect(g, "tele/#"));
        string[] waiting = with.Look(b => b.Upstreams.Backlogs.Values.Single().All().Select(q => System.Text.Encoding.UTF8.GetString(q.Message.Payload)).ToArray());
        CollectionAssert.AreEqual(new[] { "0", "1", "2", "3", "4" }, waiting);
        with.AssertLedgerBalances();
    }
}
