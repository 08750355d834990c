using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>Limits of what waits and what is kept. Each test is named after its limit.</summary>
[TestClass]
internal sealed class MessageLimitTests
{
    private static readonly string Kilobyte = new('x', 1000);

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task InflightMax_Reached_RestWaits(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 5);
        TestClient client = await gateway.ConnectAsync("client", version);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 8; i++)
            await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        Assert.AreEqual((5, 3), gateway.Look(b => (b.Sessions.Find("client")!.InflightCount, b.Sessions.Find("client")!.Queue.Count)));
    }

    private static async Task<TestClient> AbsentAsync(TestBroker gateway, string clientId = "absent")
    {
        TestClient client = await gateway.ConnectDurableAsync(clientId);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        await client.DropAsync();
        return await gateway.ConnectAsync("publisher");
    }

    [TestMethod]
    public async Task QueueMessagesMax_Reached_OldestDropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueMessagesMax = 3);
        TestClient publisher = await AbsentAsync(gateway);
        for (int i = 0; i < 5; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        Assert.AreEqual(2, gateway.Counters.Dropped(DropReason.SessionQueueFull));
        TestClient again = await gateway.ConnectDurableAsync("absent");
        for (int i = 2; i < 5; i++)
            Assert.AreEqual($"{i}", (await again.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task QueueBytesMax_Reached_OldestDropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueBytesMax = 4000);
        TestClient publisher = await AbsentAsync(gateway);
        for (int i = 0; i < 5; i++)
            await publisher.PublishAsync("t", $"{i}{Kilobyte}", QoS.AtLeastOnce);
        Assert.AreEqual(2, gateway.Counters.Dropped(DropReason.SessionQueueFull));
        Assert.IsLessThanOrEqualTo(4000, gateway.Look(b => b.Sessions.Find("absent")!.Queue.Bytes));
        TestClient again = await gateway.ConnectDurableAsync("absent");
        Assert.AreEqual($"2{Kilobyte}", (await again.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task QueueBytesMax_ExceededByOneMessage_ThatOneDropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueBytesMax = 1000);
        TestClient publisher = await AbsentAsync(gateway);
        await publisher.PublishAsync("t", "small", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", Kilobyte, QoS.AtLeastOnce);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.SessionQueueFull));
        TestClient again = await gateway.ConnectDurableAsync("absent");
        Assert.AreEqual("small", (await again.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task QueueBytesTotalMax_Reached_NothingMoreForAnybody()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.QueueBytesTotalMax = 4000);
        await AbsentAsync(gateway, "first");
        TestClient publisher = await AbsentAsync(gateway, "second");
        for (int i = 0; i < 5; i++)
            await publisher.PublishAsync("t", $"{i}{Kilobyte}", QoS.AtLeastOnce);
        Assert.IsLessThanOrEqualTo(4000L, gateway.Look(b => b.QueueBytes));
        Assert.AreEqual(7, gateway.Counters.Dropped(DropReason.AllQueuesFull));
        TestClient first = await gateway.ConnectDurableAsync("first");
        Assert.AreEqual($"0{Kilobyte}", (await first.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task PublisherPauseMs_Zero_PublishersNotHeldBack()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.InflightMax, l.QueueMessagesMax, l.PublisherPauseMs) = (1, 4, 0));
        TestClient slow = await gateway.ConnectAsync("slow");
        await slow.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        Assert.AreEqual(5, gateway.Counters.Dropped(DropReason.SessionQueueFull));
    }

    [TestMethod]
    public async Task OutputBytesMax_Reached_QoS0Dropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.OutputBytesMax = 4096);
        TestClient slow = await gateway.ConnectAsync("slow", networkBytes: 100);
        await slow.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("t", Kilobyte);
        // One is with the network and counts as well; four more get to the limit.
        Assert.AreEqual(5, gateway.Counters.Dropped(DropReason.SlowSubscriber));
    }

    private static async Task<TestClient> AwayAsync(TestBroker gateway)
    {
        TestClient device = await gateway.ConnectAsync("device");
        await device.DropAsync();
        return await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
    }

    [TestMethod]
    public async Task MailboxMessagesMax_Reached_OldestDropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.MailboxMessagesMax = 2);
        TestClient publisher = await AwayAsync(gateway);
        for (int i = 0; i < 5; i++)
            await publisher.PublishAsync("dm/p2p/device", $"{i}", QoS.AtLeastOnce);
        Assert.AreEqual(3, gateway.Counters.Dropped(DropReason.MailboxFull));
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual("3", (await device.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("4", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task MailboxBytesMax_Reached_OldestDropped()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.MailboxBytesMax = 2500);
        TestClient publisher = await AwayAsync(gateway);
        for (int i = 0; i < 3; i++)
            await publisher.PublishAsync("dm/p2p/device", $"{i}{Kilobyte}", QoS.AtLeastOnce);
        Assert.AreEqual(ReasonCode.QuotaExceeded, await publisher.PublishAsync("dm/p2p/device", new string('x', 5000), QoS.AtLeastOnce), "it never fits");
        TestClient old = await gateway.ConnectAsync("old");
        await old.PublishAsync("dm/p2p/device", new string('x', 5000), QoS.AtLeastOnce); // acknowledged: 3.1.1 has no other answer
        Assert.AreEqual(3, gateway.Counters.Dropped(DropReason.MailboxFull));
        Assert.IsLessThanOrEqualTo(2500L, gateway.Look(b => b.QueueBytes));
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual($"1{Kilobyte}", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task MailboxSecondsMax_Passed_MessageExpires()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.MailboxSecondsMax = 100);
        TestClient publisher = await AwayAsync(gateway);
        await publisher.PublishAsync("dm/p2p/device", "old", QoS.AtLeastOnce);
        gateway.Advance(50);
        await publisher.PublishAsync("dm/p2p/device", "young", QoS.AtLeastOnce);
        gateway.Advance(50);
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual("young", (await device.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task KnownDevicesMax_Reached_TheOneAwayForLongestForgotten()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KnownDevicesMax = 3);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        foreach (string id in new[] { "a", "b", "publisher-2", "a", "c" }) // "publisher" and then "b" are forgotten, not "a"
            await (await gateway.ConnectAsync(id)).DropAsync();
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/a", "x", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("dm/p2p/b", "x", QoS.AtLeastOnce));
        await (await gateway.ConnectAsync("d")).DropAsync();
        await (await gateway.ConnectAsync("e")).DropAsync(); // "a" goes, and its mailbox with it
        Assert.AreEqual(1 + 1, gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task KnownDevicesMax_Reached_WhoHoldsSomethingForTheForgottenDeviceIsTold()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KnownDevicesMax = 2);
        List<string> forgotten = [];
        gateway.Broker.Mailboxes.ClientForgotten += forgotten.Add;
        foreach (string id in new[] { "a", "b", "a", "c" }) // "b" has not been here for longest, though "a" came first
            await (await gateway.ConnectAsync(id)).DropAsync();

        CollectionAssert.AreEqual(new[] { "b" }, forgotten);
    }

    [TestMethod]
    public async Task RetainedMessagesMax_Reached_DeliveredAndNotKept()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.RetainedMessagesMax = 2);
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("t/#");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
        {
            await publisher.PublishAsync($"t/{i}", "x", QoS.AtLeastOnce, retain: true);
            Assert.AreEqual($"t/{i}", (await watcher.ReceivePublishAsync()).Topic);
        }

        await publisher.PublishAsync("t/1", "y", retain: true); // a replacement needs no room
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.RetainedFull));
        Assert.AreEqual(2, gateway.Look(b => b.Retained.Count));
    }

    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task RetainedMessagesMax_ReachedByExpiredOnes_TheyMakeRoom(bool isBeatBetween)
    {
        await using TestBroker gateway = TestBroker.Start(l => l.RetainedMessagesMax = 3);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("stays", "x", QoS.AtLeastOnce, retain: true);
        await publisher.PublishAsync("t/60", "x", QoS.AtLeastOnce, retain: true, p => p.Add(PropertyId.MessageExpiryInterval, 60u));
        await publisher.PublishAsync("t/30", "x", QoS.AtLeastOnce, retain: true, p => p.Add(PropertyId.MessageExpiryInterval, 30u));
        if (isBeatBetween)
            gateway.Advance(40);
        else
            gateway.Time.Advance(TimeSpan.FromSeconds(40));

        Assert.AreEqual(isBeatBetween ? 2 : 3, gateway.Look(b => b.Retained.Count));
        await publisher.PublishAsync("new", "x", QoS.AtLeastOnce, retain: true);

        CollectionAssert.AreEquivalent(new[] { "stays", "t/60", "new" }, gateway.Look(b => b.Retained.All().Select(m => m.Topic).ToArray()));
        Assert.AreEqual((0L, 1L), (gateway.Counters.Dropped(DropReason.RetainedFull), gateway.Counters.Dropped(DropReason.Expired)));
    }

    [TestMethod]
    public async Task RetainedMessages_ManyExpireAtOnce_GoneOverSeveralTurns()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        for (int i = 0; i < 2_000; i++)
            await publisher.SendPublishAsync($"t/{i}", "x", retain: true, properties: p => p.Add(PropertyId.MessageExpiryInterval, 30u));
        await publisher.ExpectNothingAsync();
        Assert.AreEqual(2_000, gateway.Look(b => b.Retained.Count));

        gateway.Advance(31);

        await Patience.Until(() => gateway.Look(b => b.Retained.Count) == 0, "the end of those that have expired");
        Assert.AreEqual((2_000L, 0L), (gateway.Counters.Dropped(DropReason.Expired), gateway.Look(b => b.Retained.Bytes)));
    }

    [TestMethod]
    public async Task RetainedBytesMax_Reached_DeliveredAndNotKept()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.RetainedBytesMax = 5000);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
            await publisher.PublishAsync($"t/{i}", Kilobyte, retain: true);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.RetainedFull));
        await publisher.PublishAsync("t/0", "", retain: true);
        await publisher.PublishAsync("t/2", Kilobyte, retain: true);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.RetainedFull));
    }

    [TestMethod]
    public async Task RouteCacheMax_Exceeded_StartsAnewAndNothingIsLost()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.RouteCacheMax = 10);
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("t/#");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 35; i++)
        {
            await publisher.PublishAsync($"t/{i}", $"{i}");
            Assert.AreEqual($"{i}", (await watcher.ReceivePublishAsync()).Payload);
            Assert.IsLessThanOrEqualTo(10, gateway.Look(b => b.Routes.Count));
        }
    }
}
