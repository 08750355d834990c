using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>What groups of Client Identifiers get from the gateway, because 3.1.1 has no words for it.</summary>
[TestClass]
internal sealed class GroupPolicyTests
{
    private static readonly WillMessage Will = new() { Topic = "presence/kitchen-1", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce };

    private static TestBroker Start(GroupPolicy policy)
    {
        policy.Match = "kitchen-*";
        return TestBroker.Start(policies: [policy, new GroupPolicy { Match = "*" }]);
    }

    private static async Task<TestClient> WatchAsync(TestBroker gateway)
    {
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("presence/#", QoS.AtLeastOnce);
        return watcher;
    }

    [TestMethod]
    public async Task SessionExpirySeconds_OfTheGroup_HoldsForV311()
    {
        await using TestBroker gateway = Start(new GroupPolicy { SessionExpirySeconds = 100 });
        await (await gateway.ConnectDurableAsync("kitchen-1")).DropAsync();
        await (await gateway.ConnectDurableAsync("kitchen-2", ProtocolVersion.V5)).DropAsync(); // says so itself: an hour
        await (await gateway.ConnectDurableAsync("hall-1")).DropAsync();
        gateway.Advance(100);
        CollectionAssert.AreEqual(new[] { false, true, true }, gateway.Look(b => new[] { "kitchen-1", "kitchen-2", "hall-1" }.Select(id => b.Sessions.Find(id) is not null).ToArray()));
    }

    [TestMethod]
    public async Task MessageExpirySeconds_OfTheGroup_HoldsForWhatItsClientsPublish()
    {
        await using TestBroker gateway = Start(new GroupPolicy { MessageExpirySeconds = 60 });
        TestClient absent = await gateway.ConnectDurableAsync("absent", ProtocolVersion.V5);
        await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        foreach (string id in new[] { "kitchen-1", "hall-1" })
            await (await gateway.ConnectAsync(id)).PublishAsync("t", id, QoS.AtLeastOnce);
        gateway.Advance(60);
        TestClient again = await gateway.ConnectDurableAsync("absent", ProtocolVersion.V5);
        Assert.AreEqual("hall-1", (await again.ReceivePublishAndAckAsync()).Payload);
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task WillDelaySeconds_ClientBackInTime_WasNeverAway(bool clean)
    {
        await using TestBroker gateway = Start(new GroupPolicy { WillDelaySeconds = 20 });
        TestClient watcher = await WatchAsync(gateway);
        await (await gateway.ConnectAsync("kitchen-1", clean: clean, will: Will)).DropAsync();
        gateway.Advance(19);
        TestClient back = await gateway.ConnectAsync("kitchen-1", clean: clean, will: Will);
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
        await back.DisconnectAsync();
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task WillDelaySeconds_ClientStaysAway_WillPublishedOnce(bool clean)
    {
        await using TestBroker gateway = Start(new GroupPolicy { WillDelaySeconds = 20 });
        TestClient watcher = await WatchAsync(gateway);
        await (await gateway.ConnectAsync("kitchen-1", clean: clean, will: Will)).ResetAsync();
        gateway.Advance(19);
        await watcher.ExpectNothingAsync();
        gateway.Advance(1);
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        gateway.Advance(30 * 24 * 3600);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task WillDelaySeconds_MoreWaitThanSessionsAllowed_PublishedAtOnce()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.SessionsMax = 3, policies: [new GroupPolicy { Match = "kitchen-*", WillDelaySeconds = 1000 }]);
        TestClient watcher = await WatchAsync(gateway);
        for (int i = 0; i < 4; i++)
            await (await gateway.ConnectAsync($"kitchen-{i}", will: Will)).DropAsync();
        await watcher.ReceivePublishAndAckAsync();
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task WillDelaySeconds_OfAGroup_NotForOthers()
    {
        await using TestBroker gateway = Start(new GroupPolicy { WillDelaySeconds = 20 });
        TestClient watcher = await WatchAsync(gateway);
        await (await gateway.ConnectAsync("hall-1", will: Will)).DropAsync();
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        await (await gateway.ConnectAsync("kitchen-5", ProtocolVersion.V5, will: Will)).DropAsync(); // 5.0 says its delay itself
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task InflightMax_OfTheGroup_HoldsForEveryVersion(ProtocolVersion version)
    {
        await using TestBroker gateway = Start(new GroupPolicy { InflightMax = 1 });
        TestClient board = await gateway.ConnectAsync("kitchen-1", version);
        await board.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "1", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "2", QoS.AtLeastOnce);
        ReceivedPublish first = await board.ReceivePublishAsync();
        await board.ExpectNothingAsync();
        await board.SendAckAsync(PacketType.PubAck, first.PacketId);
        Assert.AreEqual("2", (await board.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PacketBytesMax_OfTheGroup_LargerMessagesDroppedAndCounted(ProtocolVersion version)
    {
        await using TestBroker gateway = Start(new GroupPolicy { PacketBytesMax = 100 });
        TestClient board = await gateway.ConnectAsync("kitchen-1", version);
        await board.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", new string('x', 100));
        await publisher.PublishAsync("t", "fits");
        Assert.AreEqual("fits", (await board.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.LargerThanClientAccepts));
    }

    [TestMethod]
    [DataRow("GID_kitchen@@@*", "GID_kitchen@@@lamp", true)]
    [DataRow("GID_kitchen@@@*", "GID_kitchenette", false)]
    [DataRow("board-?", "board-7", true)]
    [DataRow("board-?", "board-17", false)]
    [DataRow("Board", "board", false)]
    [DataRow("*", "anything", true)]
    public void Match_Pattern_AsDocumented(string pattern, string clientId, bool matches) =>
        Assert.AreEqual(matches ? 7 : null, new GroupPolicies([new GroupPolicy { Match = pattern, InflightMax = 7 }]).Find(clientId).InflightMax);

    [TestMethod]
    public void Policies_SeveralMatch_FirstCounts()
    {
        GroupPolicies policies = new([new GroupPolicy { Match = "a*", InflightMax = 1 }, new GroupPolicy { Match = "ab*", InflightMax = 2 }]);
        Assert.AreEqual(1, policies.Find("abc").InflightMax);
    }

    [TestMethod]
    public void Policies_WrongSetting_Named()
    {
        Assert.IsNull(new GroupPolicies([new GroupPolicy { Match = "*" }]).Check());
        Assert.Contains("Policies:1:Match", new GroupPolicies([new GroupPolicy { Match = "*" }, new GroupPolicy()]).Check()!, StringComparison.Ordinal);
        Assert.Contains("Policies:0:InflightMax", new GroupPolicies([new GroupPolicy { Match = "*", InflightMax = 0 }]).Check()!, StringComparison.Ordinal);
        Assert.Contains("Policies:0:PacketBytesMax", new GroupPolicies([new GroupPolicy { Match = "*", PacketBytesMax = 63 }]).Check()!, StringComparison.Ordinal);
    }
}
