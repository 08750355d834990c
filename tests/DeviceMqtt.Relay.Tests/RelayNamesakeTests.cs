using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Two gateways of one name in a chain, as two machines of one name have it by default. Each took the other's messages for its own, which came back: acknowledged, and thrown away.</summary>
[TestClass]
public sealed class RelayNamesakeTests
{
    [TestMethod]
    [DataRow("gw"), DataRow("gw-above")]
    public async Task Chain_TheGatewayAboveIsCalled_WhatIsBelowArrivesAndGoesOnUp(string nameAbove)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        RelayLines above = new();
        RelaySession session = Connect(upstream.Gateway, nameAbove, above);
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = "5.0", upstream: upstream);
        TestClient reader = await upstream.Gateway.ConnectAsync("reader");
        _ = await reader.SubscribeAsync("dm/#", QoS.AtLeastOnce);

        await relay.PublishAsync("dm/b/tele/t", "1", "2");

        Assert.AreEqual("1", (await reader.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("2", (await reader.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual(0, upstream.Gateway.Counters.Dropped(DropReason.CameBack));
        Assert.AreEqual(2, upstream.Gateway.Look(_ => session.Buffer.All().Count(static q => q.Message.Topic == "dm/b/tele/t")));
        if (nameAbove == "gw")
            _ = await above.ExpectAsync(RelayLines.Namesake);
        above.ExpectNoMore();
    }

    // It says its name alone, and its messages of before the upgrade do, too.
    [TestMethod]
    [DataRow("gw", true), DataRow("another", false)]
    public async Task PUBLISH_OfAnOlderVersionBelow_TakenWhereItIsTheOneOfOurName(string publisher, bool isTaken)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using (upstream)
        {
            RelaySession session = Connect(upstream.Gateway, "gw", new RelayLines());
            TestClient below = await upstream.Gateway.ConnectAsync(publisher, ProtocolVersion.V5);

            _ = await below.PublishAsync("t", "1", QoS.AtLeastOnce, properties: static w => w.Add(new UserProperty("via", "gw")));

            Assert.AreEqual((isTaken ? 1 : 0, isTaken ? 0L : 1L), (upstream.Gateway.Look(_ => session.Buffer.Count), upstream.Gateway.Counters.Dropped(DropReason.CameBack)));
        }
    }

    [TestMethod]
    public async Task Number_OfADataFolder_StaysOverRestartsAndIsNoOtherFolders()
    {
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), before: static g => Backlogs.Connect(g, "#"));
        string number = first.Broker.Upstreams.GatewayNumber;
        BrokerOnDisk again = BrokerOnDisk.StartOn(await first.CrashAsync(), before: static g => Backlogs.Connect(g, "#"));
        Assert.AreEqual(number, again.Broker.Upstreams.GatewayNumber);
        await again.DisposeAsync();
        await using BrokerOnDisk other = BrokerOnDisk.StartOn(new MemoryStorage(), before: static g => Backlogs.Connect(g, "#"));
        Assert.AreNotEqual(number, other.Broker.Upstreams.GatewayNumber);
    }

    [TestMethod]
    public async Task Number_NoFileCanBeMade_StartsAndSaysSo()
    {
        MemoryStorage disk = new();
        BrokerOnDisk first = BrokerOnDisk.StartOn(disk); // has what a journal needs
        disk = await first.CrashAsync();
        disk.Capacity = 0;
        await using BrokerOnDisk full = BrokerOnDisk.StartOn(disk, before: static g => Backlogs.Connect(g, "#"));
        Assert.IsTrue(full.Lines.Any(static line => line.Contains("the file 'gateway'", StringComparison.Ordinal)));
    }

    private static RelaySession Connect(TestBroker gateway, string name, RelayLines lines)
    {
        RelaySession session = Backlogs.SessionOf(gateway, new RelayOptions { ClientId = name }, lines);
        gateway.Broker.ConnectUpstream(session);
        return session;
    }
}
