using System.IO.Pipelines;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>More is on its way to the disk than may be: who has something written waits, everybody else is served.</summary>
[TestClass]
internal sealed class BehindCustodyTests
{
    private const int ShareBytes = 64 * 1024; // clients without a remote address are local, and may have all there is
    private const int LittleBytes = ShareBytes / 16;
    private const int Pings = 200;

    private static TestBroker Start(out SlowCustody custody, int pauseMs = 1_000)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits => (limits.JournalPendingBytesMax, limits.PublisherPauseMs) = (ShareBytes, pauseMs), ground => ground.Custody = made = SlowCustody.OnDisk(ground));
        custody = made!;
        return broker;
    }

    [TestMethod]
    public async Task DiskIsBehind_PingsAndAcknowledgementsAreRead_PublishersWait()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        _ = await subscriber.SubscribeAsync("other", QoS.AtMostOnce);
        TestClient absent = await broker.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("u", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = await broker.ConnectAsync("publisher");
        _ = await publisher.PublishAsync("t", "1", QoS.AtLeastOnce);
        ReceivedPublish received = await subscriber.ReceivePublishAsync();

        custody.IsBehind = true;
        custody.IsFast = false;
        using Ended end = new(custody);
        await subscriber.ExpectNothingAsync();
        await subscriber.SendAckAsync(PacketType.PubAck, received.PacketId);
        await subscriber.ExpectNothingAsync();
        Assert.IsEmpty(custody.Held, "the acknowledgement was not read");

        _ = await publisher.SendPublishAsync("u", new string('x', LittleBytes + 1), QoS.AtLeastOnce);
        _ = await publisher.SendPublishAsync("other", "held back behind it");
        Task<ReceivedPacket> answer = PingAsync(publisher);
        await subscriber.ExpectNothingAsync();
        Assert.IsFalse(answer.IsCompleted, "who has more written was not held back");
        custody.IsBehind = false;
        custody.Catch();
        Assert.AreEqual("other", (await subscriber.ReceivePublishAsync()).Topic);
        custody.Catch();
        Assert.AreEqual(PacketType.PubAck, (await answer).Type);
        Assert.AreEqual(PacketType.PingResp, (await publisher.ReceiveAsync()).Type);
    }

    // The CONNACK waits for the disk: nothing goes in front of it, whatever the connection ends for.
    [TestMethod]
    [DataRow("a second CONNECT"), DataRow("another connection"), DataRow("a clean stop")]
    public async Task ConnAckWaits_ConnectionEnds_NoDisconnectInFrontOfIt(string why) // [MQTT-3.2.0-1]
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        custody.IsFast = false;
        using Ended end = new(custody);
        ConnectPacket connect = new() { Version = ProtocolVersion.V5, ClientId = "board", Properties = new ConnectProperties { SessionExpirySeconds = 3600 } };
        TestClient client = broker.Open(ProtocolVersion.V5);
        await client.SendAsync(connect.Write);
        Assert.AreEqual("board", broker.Look(static b => b.Sessions.Find("board")?.ClientId));
        if (why == "a second CONNECT")
            await client.SendAsync(connect.Write);
        else if (why == "another connection")
            await broker.Open(ProtocolVersion.V5).SendAsync(connect.Write);
        else
            broker.Stop();

        ReceivedPacket? first = await client.TryReceiveAsync();
        Assert.IsNull(first, $"the first packet is {first}");
    }

    // That pause is for slow subscribers. Whoever waits for the disk would be looked at without end, and have a core for it.
    [TestMethod]
    public async Task DiskIsBehind_PublisherPauseMsZero_IsNotLookedAtWithoutEnd()
    {
        await using TestBroker broker = Start(out SlowCustody custody, pauseMs: 0);
        TestClient absent = await broker.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("u", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = await broker.ConnectAsync("publisher");
        TestClient other = await broker.ConnectAsync("other");
        custody.IsBehind = true;
        custody.IsFast = false;
        using Ended end = new(custody);
        LookedAt disk = new(custody);
        broker.Look(b => b.Turn.Gate.Disk = disk);

        _ = await publisher.SendPublishAsync("u", new string('x', LittleBytes + 1), QoS.AtLeastOnce);
        _ = await publisher.SendPublishAsync("u", "waits", QoS.AtLeastOnce);
        await Patience.Until(() => broker.Look(_ => disk.Looks) > 0, "a packet that waits");
        for (int i = 0; i < Pings; i++)
            await other.ExpectNothingAsync();
        Assert.IsLessThan(Pings / 10, broker.Look(_ => disk.Looks));
    }

    private sealed class LookedAt(SlowCustody custody) : IDisk
    {
        public int Looks { get; private set; }

        public long RoomBytes
        {
            get
            {
                Looks++;
                return custody.RoomBytes;
            }
        }

        public long WaitingBytesMax => custody.WaitingBytesMax;

        public bool HasFailed => false;

        public void Commit() => ((IDisk)custody).Commit();
    }

    // A slow card, and twenty publishers with long messages: with one more of each at every sync the process was out of memory.
    [TestMethod]
    public async Task DiskIsSlow_ManyConnectionsOfOneOwner_NoMoreThanItsShareIsOnItsWay()
    {
        const int Connections = 40;
        const int MessageBytes = 10_000;
        SlowCustody? custody = null;
        await using TestBroker broker = TestBroker.Start(limits => limits.JournalPendingBytesMax = ShareBytes, ground => ground.Custody = custody = SlowCustody.OnDisk(ground));
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
        List<TestClient> publishers = [];
        for (int i = 0; i < Connections; i++)
        {
            TestClient publisher = broker.Open(reading: PipeScheduler.Inline); // what is sent was handled when it is sent
            _ = await publisher.ConnectAsync($"publisher {i}");
            publishers.Add(publisher);
        }

        custody!.IsFast = false;
        using Ended end = new(custody);
        string message = new('x', MessageBytes);
        foreach (TestClient publisher in publishers)
            _ = await publisher.SendPublishAsync("t", message, QoS.AtLeastOnce);
        Assert.IsLessThanOrEqualTo((ShareBytes / MessageBytes) + 1, custody.Held.Count);

        // All of them get there as the disk does.
        while (custody.Held.Count < Connections)
        {
            int before = custody.Held.Count;
            custody.Catch();
            await Patience.Until(() => custody.Held.Count > before, "more of the messages");
        }
    }

    // A full disk is not behind, and gets no further either: nothing says so but the next look at it.
    [TestMethod]
    public async Task DiskBecomesFull_WorkThatRested_GoesOnWithinASecond()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await broker.ConnectAsync("board");
        custody.IsBehind = true;
        Task dropped = board.DropAsync(); // until the connection is settled
        await Patience.Until(() => broker.Look(static b => b.Turn.Jobs.Resting) == 1, "the connection that is to be settled");
        custody.IsBehind = false;

        broker.Advance(1);

        await Patience.Within(dropped, "the end of the connection");
    }

    // Whatever waits for the disk does so no longer: connections can end.
    private sealed class Ended(SlowCustody custody) : IDisposable
    {
        public void Dispose()
        {
            custody.IsBehind = false;
            custody.IsFast = true;
            custody.Catch();
        }
    }

    private static async Task<ReceivedPacket> PingAsync(TestClient client)
    {
        await client.SendAsync(PingPackets.PingReq.ToArray());
        return await client.ReceiveAsync();
    }
}
