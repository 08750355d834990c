using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What waits for an upstream, on a disk.</summary>
[TestClass]
internal sealed class BacklogRestartTests
{
    [TestMethod]
    public async Task Backlog_OfTheRelay_ThereInOrderAfterARestart()
    {
        static void ConnectRelay(BrokerOnDisk g)
        {
            RelayOptions options = new() { ClientId = "gw", Out = ["tele/#"] };
            g.Broker.ConnectUpstream(new RelaySession(g.Broker, options, new UpstreamDialect(options, g.Broker.Clock), new RelayWorld(g.Time), g.Lines));
        }

        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), before: ConnectRelay);
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 0; i < 5; i++)
            _ = await publisher.PublishAsync("tele/x", $"{i}", QoS.AtLeastOnce);
        gateway.AssertLedgerBalances();

        // An upstream that is not set any more: what waits for it stays.
        BrokerOnDisk without = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        Assert.AreEqual(5, without.Look(b => b.Upstreams.Parked.Count));
        without.AssertLedgerBalances();

        await using BrokerOnDisk with = BrokerOnDisk.StartOn(await without.CrashAsync(), before: ConnectRelay);
        string[] waiting = with.Look(b => b.Upstreams.Backlogs.Values.Single().All().Select(q => System.Text.Encoding.UTF8.GetString(q.Message.Payload)).ToArray());
        CollectionAssert.AreEqual(new[] { "0", "1", "2", "3", "4" }, waiting);
        with.AssertLedgerBalances();
    }
}
