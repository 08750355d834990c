using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>RETAIN: section 3.3.1.3, and Retain Handling and Retain As Published of 5.0 (3.8.3.1).</summary>
[TestClass]
internal sealed class RetainedTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBLISH_Retained_SentToNewSubscriptionsWithTheFlag(ProtocolVersion version) // [MQTT-3.3.1-6], [MQTT-3.3.1-8]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/a/info", "old", QoS.AtLeastOnce, retain: true);
        await publisher.PublishAsync("dm/a/info", "new", QoS.AtLeastOnce, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber", version);
        await subscriber.SubscribeAsync("dm/+/info", QoS.ExactlyOnce);
        ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
        Assert.AreEqual(("new", true, QoS.AtLeastOnce), (publish.Payload, publish.Retain, publish.QoS));
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_Retained_SentToExistingSubscriptionsWithoutTheFlag() // [MQTT-3.3.1-9]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", retain: true);
        Assert.IsFalse((await subscriber.ReceivePublishAsync()).Retain);
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_RetainAsPublished_FlagKept(QoS qos) // [MQTT-3.3.1-13] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce, retainAsPublished: true);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "kept", qos, retain: true);
        Assert.IsTrue((await subscriber.ReceivePublishAndAckAsync()).Retain);
        await publisher.PublishAsync("t", "passing", qos);
        Assert.IsFalse((await subscriber.ReceivePublishAndAckAsync()).Retain);
    }

    [TestMethod]
    public async Task PUBLISH_RetainAsPublishedOfOne_OthersUntouched()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient published = await gateway.ConnectAsync("as-published", ProtocolVersion.V5);
        await published.SubscribeAsync("t", QoS.AtLeastOnce, retainAsPublished: true);
        TestClient plain = await gateway.ConnectAsync("plain", ProtocolVersion.V5);
        await plain.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce, retain: true);
        Assert.IsTrue((await published.ReceivePublishAsync()).Retain);
        Assert.IsFalse((await plain.ReceivePublishAsync()).Retain);
    }

    [TestMethod]
    public async Task PUBLISH_RetainedEmpty_RemovesAndIsNotKept() // [MQTT-3.3.1-10], [MQTT-3.3.1-11]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", retain: true);
        TestClient early = await gateway.ConnectAsync("early");
        await early.SubscribeAsync("t");
        await early.ReceivePublishAsync();
        await publisher.PublishAsync("t", "", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual("", (await early.ReceivePublishAsync()).Payload); // sent like any message
        TestClient late = await gateway.ConnectAsync("late");
        await late.SubscribeAsync("t");
        await late.ExpectNothingAsync();
        Assert.AreEqual((0, 0L), gateway.Look(b => (b.Retained.Count, b.Retained.Bytes)));
    }

    [TestMethod]
    public async Task PUBLISH_NotRetained_LeavesTheRetainedOne() // [MQTT-3.3.1-12]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "kept", retain: true);
        await publisher.PublishAsync("t", "passing");
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        Assert.AreEqual("kept", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task SUBSCRIBE_RetainHandling_Obeyed() // [MQTT-3.3.1-9] to [MQTT-3.3.1-11] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);

        await subscriber.SubscribeAsync("t", retainHandling: RetainHandling.DoNotSend);
        await subscriber.ExpectNothingAsync();
        await subscriber.SubscribeAsync("t", retainHandling: RetainHandling.SendIfNewSubscription);
        await subscriber.ExpectNothingAsync(); // it exists already
        await subscriber.SubscribeAsync("t", retainHandling: RetainHandling.SendAtSubscribe);
        Assert.AreEqual("x", (await subscriber.ReceivePublishAsync()).Payload);

        await subscriber.UnsubscribeAsync("t");
        await subscriber.SubscribeAsync("t", retainHandling: RetainHandling.SendIfNewSubscription);
        Assert.AreEqual("x", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task SUBSCRIBE_Again_V311RetainedSentAgain() // [MQTT-3.8.4-3] of 3.1.1
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        for (int i = 0; i < 2; i++)
        {
            await subscriber.SubscribeAsync("t");
            Assert.IsTrue((await subscriber.ReceivePublishAsync()).Retain);
        }
    }

    [TestMethod]
    public async Task SUBSCRIBE_WildcardFirst_ReservedTopicsLeftOut() // [MQTT-4.7.2-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("$own/topic", "hidden", retain: true);
        await publisher.PublishAsync("plain/topic", "seen", retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("#");
        Assert.AreEqual("seen", (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
        await subscriber.SubscribeAsync("$own/#");
        Assert.AreEqual("hidden", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Retained_Expired_NotSentAndGone() // [MQTT-3.3.2-5] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", retain: true, properties: p => p.Add(PropertyId.MessageExpiryInterval, 60u));
        gateway.Advance(45);
        TestClient inTime = await gateway.ConnectAsync("in-time", ProtocolVersion.V5);
        await inTime.SubscribeAsync("t");
        Assert.AreEqual(15u, (await inTime.ReceivePublishAsync()).MessageExpirySeconds); // [MQTT-3.3.2-6]
        gateway.Advance(15);
        TestClient late = await gateway.ConnectAsync("late", ProtocolVersion.V5);
        await late.SubscribeAsync("t");
        await late.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task Retained_WaitsForTheWindow_NoOlderStateComesBehindANewerOneOfQoS0() // [MQTT-4.6.0-6]
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("a", "1", QoS.AtLeastOnce, retain: true);
        await publisher.PublishAsync("b", "2", QoS.AtLeastOnce, retain: true);
        await publisher.PublishAsync("state", "old", retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        List<string> states = [];
        ReceivedPublish first = await subscriber.ReceivePublishAsync();
        await publisher.PublishAsync("state", "new", retain: true);
        HashSet<string> topics = [];
        for (ReceivedPublish? next = first; next is not null; next = topics.Count == 3 && states.Contains("new") ? null : await subscriber.ReceivePublishAsync())
        {
            _ = topics.Add(next.Topic);
            if (next.Topic == "state")
                states.Add(next.Payload);
            await subscriber.AcknowledgeAsync(next.QoS, next.PacketId);
        }

        // The old state was sent before the new one came, or not at all.
        Assert.AreEqual("new", states[^1]);
        Assert.HasCount(states.Count, states.Distinct());
        await subscriber.ExpectNothingAsync();
        await publisher.PublishAsync("state", "newest");
        Assert.AreEqual("newest", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Retained_Many_AllSentAsTheWindowAllows()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 10);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 300; i++)
            await publisher.PublishAsync($"t/{i}", $"{i}", QoS.AtLeastOnce, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t/#", QoS.AtLeastOnce);
        HashSet<string> seen = [];
        for (int i = 0; i < 300; i++)
            Assert.IsTrue(seen.Add((await subscriber.ReceivePublishAndAckAsync()).Topic));
        await subscriber.ExpectNothingAsync();
    }
}
