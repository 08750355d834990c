using DeviceMqtt.Custody.Tests;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// The gateway is killed behind each record of a command that an upstream refuses. Its sender had <c>dropped</c>, and behind the record that said so the command
/// was still in custody: after the start it went up again.
/// </summary>
[TestClass]
public sealed class RefusedBetweenRecordsTests
{
    [TestMethod]
    public async Task Command_UpstreamRefusesAndGatewayKilledBehindAnyRecord_ItsSenderIsToldOrItIsStillSent()
    {
        MemoryStorage disk = new();
        SeparateRecords records = new(disk);
        IReadOnlyList<MemoryStorage> left;
        await using (TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = "5.0", disk: disk, storage: records))
        {
            UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
            await peer.ReceivePresenceAsync();
            TestClient app = await ((BrokerOnDisk)relay.Gateway).ConnectDurableAsync("app");
            await peer.GrantAsync(["+/p2p/app"]);
            await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
            await app.PublishAsync("dm/p2p/far", """{"id":"k7","cmd":"relay.set","from":"app","ttl":30}""", QoS.AtLeastOnce);
            await app.DropAsync();
            ushort packetId = (await peer.ReceivePublishAsync()).PacketId;
            records.Begin();
            await peer.SendAckAsync(PacketType.PubAck, packetId, ReasonCode.NotAuthorized);
            await relay.WhenIdleAsync();
            await (await relay.Gateway.ConnectAsync("last")).PublishAsync("the end", "is on the disk", QoS.AtLeastOnce, retain: true);
            left = records.Left;
        }

        int told = 0;
        for (int i = 0; i < left.Count; i++)
        {
            await using BrokerOnDisk after = BrokerOnDisk.StartOn(left[i], before: static g => Backlogs.Connect(g, "tele/#"));
            (int isSent, told) = after.Look(static b => (b.Upstreams.Backlogs.Values.Single().All().Count(static q => q.Message.IsP2P), b.Sessions.Find("app")!.Queue.Count));
            Assert.AreEqual(1, isSent + told, $"behind record {i + 1} of {left.Count}: {isSent} to be sent, {told} receipts");
            after.AssertLedgerBalances();
        }

        Assert.IsGreaterThan(2, left.Count);
        Assert.AreEqual(1, told);
    }
}
