using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>The broker under rules that are not the gateway's.</summary>
[TestClass]
internal sealed class AccessPortTests
{
    private static TestBroker Start(out OwnRules rules)
    {
        OwnRules own = new();
        own.Forbidden.Add("forbidden");
        own.TurnedAway.Add("stranger");
        rules = own;
        return TestBroker.Start(limits: null, ground => ground.Access = own);
    }

    [TestMethod]
    public async Task CONNECT_TurnedAway_ClosedAsNotAuthorizedWithTheReasonOfTheRules()
    {
        await using TestBroker broker = Start(out _);
        TestClient stranger = broker.Open(ProtocolVersion.V5);
        Assert.AreEqual((byte)ReasonCode.NotAuthorized, (await stranger.ConnectAsync("stranger")).Code);
        await stranger.ExpectCloseAsync(CloseReason.NotAuthorized);
        Assert.IsTrue(broker.Log.Lines.Any(l => l.EndsWith("NotAuthorized: not today", StringComparison.Ordinal)), string.Join('\n', broker.Log.Lines));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_V5_Forbidden_ToldNotAuthorizedAndNobodyGetsIt(QoS qos)
    {
        await using TestBroker broker = Start(out _);
        TestClient subscriber = await broker.ConnectAsync("subscriber");
        _ = await subscriber.SubscribeAsync("#", qos);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.PublishAsync("forbidden", "x", qos, retain: true));
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
        Assert.AreEqual(0, broker.Look(b => b.Retained.Count));
        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("allowed", "y", QoS.AtLeastOnce));
        Assert.AreEqual("y", (await subscriber.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task PUBLISH_V5_ForbiddenAtQoS2_ItsPacketIdIsFree()
    {
        await using TestBroker broker = Start(out _);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        ushort id = await publisher.SendPublishAsync("forbidden", "x", QoS.ExactlyOnce);
        Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.ExpectAckAsync(PacketType.PubRec, id));
        // Another message under the same identifier, not taken for the one before [MQTT-4.3.3-9].
        _ = await publisher.SendPublishAsync("forbidden", "y", QoS.ExactlyOnce, packetId: id);
        Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.ExpectAckAsync(PacketType.PubRec, id));
        Assert.AreEqual(2, broker.Counters.Dropped(DropReason.NotAllowed));
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_V311_Forbidden_AcknowledgedAndDropped(QoS qos)
    {
        await using TestBroker broker = Start(out _);
        TestClient subscriber = await broker.ConnectAsync("subscriber");
        _ = await subscriber.SubscribeAsync("#", qos);
        TestClient publisher = await broker.ConnectAsync("publisher");
        // 3.1.1 has no word for a refusal (section 3.3.5).
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("forbidden", "x", qos));
        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
    }

    [TestMethod]
    public async Task MayPublish_AskedOnceForATopicWhileNobodyElsePublishesThere()
    {
        await using TestBroker broker = Start(out OwnRules rules);
        TestClient publisher = await broker.ConnectAsync("publisher");
        foreach (string topic in new[] { "a", "a", "a", "b", "b", "a" })
            _ = await publisher.PublishAsync(topic, "x", QoS.AtLeastOnce);
        TestClient other = await broker.ConnectAsync("other");
        _ = await other.PublishAsync("a", "x", QoS.AtLeastOnce);
        _ = await publisher.PublishAsync("b", "x", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(new[] { "publisher a", "publisher b", "other a" }, rules.Asked);
    }

    [TestMethod]
    public async Task MayPublish_ThroughATopicAlias_AskedForTheTopicBehindIt()
    {
        await using TestBroker broker = Start(out OwnRules rules);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.PublishAsync("forbidden", "x", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.TopicAlias, 1)));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("allowed", "x", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.PublishAsync("", "x", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.TopicAlias, 1)));
        CollectionAssert.AreEqual(new[] { "publisher forbidden", "publisher allowed" }, rules.Asked);
    }
}
