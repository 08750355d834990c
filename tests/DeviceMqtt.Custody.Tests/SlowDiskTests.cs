using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A card on which each sync takes long, and some who send it all that they can.</summary>
[TestClass]
internal sealed class SlowDiskTests
{
    private const int Users = 20;
    private const int ConnectionsOfOne = 4;
    private const int SyncsMax = 3; // the one on its way, its own, and one for a segment whose file was not made ahead in time

    // 8 MB were on their way, in frames of 1 MB with a sync for each: a board waited for eight of them.
    [TestMethod]
    [DataRow(100_000)]
    [DataRow(1_000_000)]
    public async Task PUBACK_OfABoard_OthersSendAllTheyCan_WaitsForTheSyncOnItsWayAndItsOwn(int messageBytes)
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, access: new EverybodyIs(ClientRole.Device));
        TestClient absent = await gateway.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient board = await ConnectAsync(gateway, "board", user: 0);
        List<TestClient> flooders = [];
        for (int i = 0; i < Users * ConnectionsOfOne; i++)
            flooders.Add(await ConnectAsync(gateway, $"flooder {i}", 1 + (i / ConnectionsOfOne)));

        // Nothing is left for a frame that nobody asks for: it would be on its way in front of what is measured.
        ushort first = await board.SendPublishAsync("t", "so that all before is on the disk", QoS.AtLeastOnce);
        _ = await board.ExpectAckAsync(PacketType.PubAck, first);

        using SlowDisk slow = new(disk, gateway.Time);
        ushort before = await board.SendPublishAsync("t", "so that the gateway knows how slow it is", QoS.AtLeastOnce);
        _ = await EndUntilAsync(slow, board.ExpectAckAsync(PacketType.PubAck, before));

        string message = new('x', messageBytes);
        foreach (TestClient flooder in flooders)
            _ = await flooder.SendPublishAsync("t", message, QoS.AtLeastOnce);
        await Patience.Until(() => slow.IsStanding, "a sync");
        Assert.IsLessThan(flooders.Count, gateway.Look(static b => b.Counters.MessagesReceived), "all of it is on its way: nobody was held back");

        ushort reading = await board.SendPublishAsync("t", "21.5", QoS.AtLeastOnce);
        Task acknowledged = board.ExpectAckAsync(PacketType.PubAck, reading);
        Assert.IsLessThanOrEqualTo(SyncsMax, await EndUntilAsync(slow, acknowledged), "syncs that the board waited for");
        await Patience.Within(acknowledged, "the PUBACK of the board");
    }

    // How many syncs it took.
    private static async Task<int> EndUntilAsync(SlowDisk slow, Task acknowledged)
    {
        int syncs = 0;
        while (!acknowledged.IsCompleted)
        {
            await Patience.Until(() => acknowledged.IsCompleted || slow.IsStanding, "a sync, or the PUBACK");
            if (acknowledged.IsCompleted)
                break;
            await slow.EndOne();
            syncs++;
        }

        return syncs;
    }

    // What is sent was handled when it is sent.
    private static async Task<TestClient> ConnectAsync(BrokerOnDisk gateway, string clientId, int user)
    {
        TestClient client = gateway.Open(remote: new IPEndPoint(new IPAddress([10, 0, 0, (byte)(1 + user)]), 40_000), reading: PipeScheduler.Inline);
        _ = await client.ConnectAsync(clientId);
        return client;
    }
}
