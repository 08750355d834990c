using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A client that does not read costs bounded memory and slows nobody else.</summary>
[TestClass]
internal sealed class SlowSubscriberTests
{
    private const int NetworkBytes = 4096;
    private static readonly string Kilobyte = new('x', 1000);

    private static Task<TestClient> SlowAsync(TestBroker gateway) => gateway.ConnectAsync("slow", networkBytes: NetworkBytes);

    // The network takes everything at once, so nothing tells later that there is room again: what found the output full in
    // its turn waited for an acknowledgement that could not come, and all QoS 1 after it waited behind it.
    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task SUBSCRIBE_MoreRetainedThanTheOutputTakesInATurn_AllArriveAndWhatFollows(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputBytesMax = 4096);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 20; i++)
            await publisher.PublishAsync($"retained/{i}", Kilobyte, qos, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Find("subscriber")!.Queue.Count));
        await publisher.PublishAsync("after", "y", QoS.AtLeastOnce);
        HashSet<string> topics = [];
        for (int i = 0; i < 20; i++)
            topics.Add((await subscriber.ReceivePublishAndAckAsync()).Topic);
        Assert.HasCount(20, topics);
        Assert.AreEqual("after", (await subscriber.ReceivePublishAndAckAsync()).Topic);
    }

    [TestMethod]
    public async Task SUBSCRIBE_MoreRetainedThanTheQueueHolds_AllArriveAtAClientThatReads()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueMessagesMax = 4);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 20; i++)
            await publisher.PublishAsync($"retained/{i}", "x", QoS.AtLeastOnce, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        for (int i = 0; i < 20; i++)
            await subscriber.ReceivePublishAndAckAsync();
        Assert.AreEqual(0, gateway.Counters.DroppedInAll);
    }

    [TestMethod]
    public async Task QoS0_ToAClientThatDoesNotRead_DroppedAndCounted()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputBytesMax = 8192);
        TestClient slow = await SlowAsync(gateway);
        await slow.SubscribeAsync("t");
        TestClient quick = await gateway.ConnectAsync("quick");
        await quick.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 100; i++)
        {
            await publisher.PublishAsync("t", $"{i}{Kilobyte}");
            Assert.AreEqual($"{i}{Kilobyte}", (await quick.ReceivePublishAsync()).Payload); // not disturbed
        }

        long dropped = gateway.Counters.Dropped(DropReason.SlowSubscriber);
        Assert.IsInRange(75, 95, dropped);
        for (int i = 0; i < 100 - dropped; i++)
            Assert.AreEqual($"{i}{Kilobyte}", (await slow.ReceivePublishAsync()).Payload); // the first that came; all whole
        await slow.ExpectNothingAsync();
        await publisher.PublishAsync("t", "again");
        Assert.AreEqual("again", (await slow.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task QoS1_ToAClientThatDoesNotRead_WaitsInOrder()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient slow = await SlowAsync(gateway);
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 200; i++)
            await publisher.PublishAsync("t", $"{i}:{Kilobyte}", QoS.AtLeastOnce);
        Assert.IsGreaterThan(150, gateway.Look(b => b.Sessions.Find("slow")!.Queue.Count));
        for (int i = 0; i < 200; i++)
            Assert.AreEqual($"{i}:{Kilobyte}", (await slow.ReceivePublishAndAckAsync()).Payload);
        await slow.ExpectNothingAsync();
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task QoS1_QueueFull_OldestDroppedAndCounted()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax, l.PublisherPauseMs) = (1, 10, 0));
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 31; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        Assert.AreEqual(20, gateway.Counters.Dropped(DropReason.SessionQueueFull));
        Assert.AreEqual("0", (await slow.ReceivePublishAndAckAsync()).Payload);
        for (int i = 21; i < 31; i++)
            Assert.AreEqual($"{i}", (await slow.ReceivePublishAndAckAsync()).Payload);
        await slow.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Publisher_ItsSubscriberHalfFull_HeldBackUntilThereIsRoom()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 10));
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++) // one in flight, five wait: half of ten
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await publisher.SendPublishAsync("t", "6", QoS.AtLeastOnce, packetId: 100);
        Assert.AreEqual(6, gateway.Counters.MessagesReceived, "the publisher was not held back");

        TestClient other = await gateway.ConnectAsync("other");
        await other.PublishAsync("elsewhere", "x", QoS.AtLeastOnce); // nobody else is

        Assert.AreEqual("0", (await slow.ReceivePublishAndAckAsync()).Payload);
        await publisher.ExpectAckAsync(PacketType.PubAck, 100); // four wait, there is room
        for (int i = 1; i <= 6; i++)
            Assert.AreEqual($"{i}", (await slow.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(0, gateway.Counters.Dropped(DropReason.SessionQueueFull));
    }

    [TestMethod]
    public async Task Publisher_HeldBack_NotLongerThanThePause() // PublisherPauseMs
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax, l.PublisherPauseMs) = (1, 10, 2000));
        TestClient stuck = await gateway.ConnectAsync("stuck");
        await stuck.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await publisher.SendPublishAsync("t", "6", QoS.AtLeastOnce, packetId: 100);
        gateway.Advance(1.9);
        Assert.AreEqual(6, gateway.Counters.MessagesReceived);
        gateway.Advance(0.2);
        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    [TestMethod]
    public async Task Publisher_HeldBack_ReleasedWhenTheSubscriberGoes()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 10));
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await publisher.SendPublishAsync("t", "6", QoS.AtLeastOnce, packetId: 100);
        await slow.DropAsync();
        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    /// <summary>A publisher was held back for one of its slow subscribers only, and the queues of the others ran over.</summary>
    [TestMethod]
    public async Task Publisher_SeveralSubscribersHalfFull_HeldBackUntilAllHaveRoom()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 10));
        TestClient[] slow = [await gateway.ConnectAsync("slow-0"), await gateway.ConnectAsync("slow-1"), await gateway.ConnectAsync("slow-2")];
        foreach (TestClient client in slow)
            await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await publisher.SendPublishAsync("t", "6", QoS.AtLeastOnce, packetId: 100);
        foreach (TestClient client in slow)
        {
            Assert.AreEqual(6, gateway.Counters.MessagesReceived, "released before all have room");
            Assert.AreEqual("0", (await client.ReceivePublishAndAckAsync()).Payload);
        }

        await publisher.ExpectAckAsync(PacketType.PubAck, 100);
    }

    [TestMethod]
    public async Task Publisher_FillingItsOwnQueue_NotHeldBack() // or it could never acknowledge
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax) = (1, 10));
        TestClient client = await gateway.ConnectAsync("client");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        for (ushort id = 100; id < 110; id++)
            await client.SendPublishAsync("t", "x", QoS.AtLeastOnce, packetId: id);
        int acknowledged = 0;
        while (acknowledged < 10)
            if ((await client.ReceiveAsync()).Type == PacketType.PubAck)
                acknowledged++;
        Assert.IsTrue(gateway.Look(b => b.Sessions.Find("client")!.HoldsBackPublishers), "others would be held back");
    }

    [TestMethod]
    public async Task Output_StandsStill_ConnectionClosed() // OutputStallSecondsMax
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputStallSecondsMax = 30);
        TestClient slow = await SlowAsync(gateway);
        await slow.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("t", Kilobyte);
        gateway.Advance(30);
        Assert.AreEqual(2, gateway.Look(_ => gateway.Table.Count));
        gateway.Advance(0.1);
        await slow.WaitForEndAsync();
        Assert.AreEqual(CloseReason.OutputStalled, slow.CloseReason);
        Assert.IsTrue(slow.Transport.IsAborted, "what the network does not take cannot be waited for");
    }

    [TestMethod]
    public async Task Client_ThatSendsAndDoesNotRead_IsNotReadEither() // acknowledgements may not pile up without a bound
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputBytesMax = 4096);
        TestClient selfish = await SlowAsync(gateway);
        byte[] pings = [.. Enumerable.Repeat(PingPackets.PingReq.ToArray(), 1024).SelectMany(p => p)];
        TestClient other = await gateway.ConnectAsync("other");
        for (int i = 0; i < 50; i++)
        {
            await selfish.SendAsync(pings); // 100 KB of PINGREQ, and as much in answers
            await other.ExpectNothingAsync(); // and nobody else is held up
        }

        await selfish.SendPublishAsync("t", "behind all of them");
        Assert.AreEqual(0, gateway.Counters.MessagesReceived, "the gateway reads on although its answers stand still");
        for (int i = 0; i < 50 * 1024; i++)
            Assert.AreEqual(PacketType.PingResp, (await selfish.ReceiveAsync()).Type);
        await selfish.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    public async Task Transport_BrokenUnderAFlush_DisturbsNobodyElse()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient broken = await gateway.ConnectAsync("broken");
        await broken.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient sound = await gateway.ConnectAsync("sound");
        await sound.SubscribeAsync("t", QoS.AtLeastOnce);
        // The gateway has not noticed that nobody reads any more: its next flush throws.
        await broken.Transport.FromGateway.CompleteAsync(new IOException("the network is gone"));
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
        {
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
            Assert.AreEqual($"{i}", (await sound.ReceivePublishAndAckAsync()).Payload);
        }

        await broken.DropAsync();
        Assert.AreEqual(CloseReason.ClientGone, broken.CloseReason);
    }

    [TestMethod]
    public async Task Message_OfTheLargestSize_ReachesASlowNetworkWhole()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient slow = await SlowAsync(gateway);
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        string large = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i},"));
        await publisher.PublishAsync("t", large, QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "next", QoS.AtLeastOnce);
        Assert.AreEqual(large, (await slow.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("next", (await slow.ReceivePublishAndAckAsync()).Payload);
        Assert.IsLessThan(Encoding.UTF8.GetByteCount(large), NetworkBytes);
    }
}
