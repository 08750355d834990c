using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>The properties of a PUBLISH on their way through: 5.0 section 3.3.2.3.</summary>
[TestClass]
internal sealed class PropertyTests
{
    private static void All(PropertyWriter properties)
    {
        properties.Add(PropertyId.PayloadFormatIndicator, 1u);
        properties.Add(PropertyId.ContentType, "application/json");
        properties.Add(new UserProperty("b", "1"));
        properties.Add(PropertyId.ResponseTopic, "answers/here");
        properties.Add(new UserProperty("a", "2"));
        properties.Add(PropertyId.CorrelationData, "c-1"u8);
        properties.Add(new UserProperty("b", "3"));
    }

    private static readonly string[] AllTexts = ["", "application/json", "b=1", "answers/here", "a=2", "c-1", "b=3"];

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task Properties_Published_ForwardedInTheirOrder(QoS qos) // [MQTT-3.3.2-4, -15, -16, -17, -18, -20]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t", qos);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", qos, properties: All);
        ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
        CollectionAssert.AreEqual(AllTexts, publish.Properties.ConvertAll(p => p.Text));
        Assert.AreEqual(1u, publish.Properties[0].Number);
    }

    [TestMethod]
    public async Task Properties_QueuedAndRetained_Forwarded()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient durable = await gateway.ConnectDurableAsync("durable", ProtocolVersion.V5);
        await durable.SubscribeAsync("t", QoS.AtLeastOnce);
        await durable.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce, retain: true, properties: All);
        TestClient again = await gateway.ConnectDurableAsync("durable", ProtocolVersion.V5);
        CollectionAssert.AreEqual(AllTexts, (await again.ReceivePublishAndAckAsync()).Properties.ConvertAll(p => p.Text));
        await again.SubscribeAsync("t", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(AllTexts, (await again.ReceivePublishAndAckAsync()).Properties.ConvertAll(p => p.Text));
    }

    [TestMethod]
    public async Task Versions_Mixed_UnderstandEachOther()
    {
        await using TestBroker gateway = TestBroker.Start();
        ProtocolVersion[] versions = Enum.GetValues<ProtocolVersion>();
        TestClient[] clients = new TestClient[versions.Length];
        for (int i = 0; i < versions.Length; i++)
        {
            clients[i] = await gateway.ConnectAsync($"client-{versions[i]}", versions[i]);
            await clients[i].SubscribeAsync("t", QoS.AtMostOnce);
        }

        foreach (TestClient publisher in clients)
        {
            await publisher.SendPublishAsync("t", $"from {publisher.Version}", properties: publisher.Version == ProtocolVersion.V5 ? All : null);
            foreach (TestClient subscriber in clients)
            {
                ReceivedPublish publish = await subscriber.ReceivePublishAsync();
                Assert.AreEqual($"from {publisher.Version}", publish.Payload);
                int expected = publisher.Version == ProtocolVersion.V5 && subscriber.Version == ProtocolVersion.V5 ? AllTexts.Length : 0;
                Assert.HasCount(expected, publish.Properties);
            }
        }
    }

    [TestMethod]
    public async Task MessageExpiry_WhileWaiting_CountsDown() // [MQTT-3.3.2-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient durable = await gateway.ConnectDurableAsync("durable", ProtocolVersion.V5);
        await durable.SubscribeAsync("t", QoS.AtLeastOnce);
        await durable.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "short", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 60u));
        await publisher.PublishAsync("t", "long", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 600u));
        await publisher.PublishAsync("t", "endless", QoS.AtLeastOnce);
        gateway.Advance(100);
        TestClient again = await gateway.ConnectDurableAsync("durable", ProtocolVersion.V5);
        ReceivedPublish first = await again.ReceivePublishAndAckAsync(); // [MQTT-3.3.2-5]: what expired is not delivered
        Assert.AreEqual(("long", (uint?)500), (first.Payload, first.MessageExpirySeconds));
        ReceivedPublish second = await again.ReceivePublishAndAckAsync();
        Assert.AreEqual(("endless", null), (second.Payload, second.MessageExpirySeconds));
        await again.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task MessageExpiry_DeliveredAtOnce_AsPublished()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", properties: p => p.Add(PropertyId.MessageExpiryInterval, 60u));
        Assert.AreEqual(60u, (await subscriber.ReceivePublishAsync()).MessageExpirySeconds);
    }

    [TestMethod]
    public async Task MessageExpiry_OfAV5Publisher_HoldsForV311SubscribersToo()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient durable = await gateway.ConnectDurableAsync("durable");
        await durable.SubscribeAsync("t", QoS.AtLeastOnce);
        await durable.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 60u));
        gateway.Advance(60);
        TestClient again = await gateway.ConnectDurableAsync("durable");
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_Received_SubscriptionIdentifierFromAClient_ConnectionClosed() // [MQTT-3.3.4-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.SendPublishAsync("t", "x", properties: p => p.Add(PropertyId.SubscriptionIdentifier, 3u));
        await publisher.ExpectCloseAsync(CloseReason.ProtocolError, ReasonCode.ProtocolError);
    }
}
