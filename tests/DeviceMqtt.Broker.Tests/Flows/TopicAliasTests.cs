using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Topic aliases in both directions: 5.0 section 3.3.2.3.4.</summary>
[TestClass]
internal sealed class TopicAliasTests
{
    private static Action<PropertyWriter> Alias(uint alias) => p => p.Add(PropertyId.TopicAlias, alias);

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task TopicAlias_Defined_StandsForItsTopicUntilRedefined(QoS qos) // [MQTT-3.3.2-12]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("#", qos);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("first/topic", "1", qos, properties: Alias(1));
        await publisher.PublishAsync("second/topic", "2", qos, properties: Alias(2));
        await publisher.PublishAsync("", "3", qos, properties: Alias(1));
        await publisher.PublishAsync("third/topic", "4", qos, properties: Alias(1));
        await publisher.PublishAsync("", "5", qos, properties: Alias(1));
        await publisher.PublishAsync("", "6", qos, properties: Alias(2));
        foreach ((string topic, string payload) in new[] { ("first/topic", "1"), ("second/topic", "2"), ("first/topic", "3"), ("third/topic", "4"), ("third/topic", "5"), ("second/topic", "6") })
        {
            ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
            Assert.AreEqual((topic, payload, (ushort)0), (publish.Topic, publish.Payload, publish.TopicAlias), "the alias belongs to the publisher's connection"); // [MQTT-3.3.2-11]
        }
    }

    [TestMethod]
    public async Task TopicAlias_OfTheGateway_CountsAsMemoryAndIsNotUsedWithoutRoom()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5, properties: new ConnectProperties { TopicAliasMaximum = 3 });
        await subscriber.SubscribeAsync("#");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        string topic = new('t', 500);
        Account memory = gateway.Look(static b => ((MqttConnection)b.Sessions.Find("subscriber")!.Connection!).Memory);
        long before = memory.Used;
        await publisher.PublishAsync(topic, "1", QoS.AtLeastOnce);
        Assert.AreEqual(1, (await subscriber.ReceivePublishAsync()).TopicAlias);
        Assert.IsGreaterThan(before + (2 * topic.Length), memory.Used);

        long max = memory.Max;
        memory.Max = memory.Used;
        await publisher.PublishAsync("another", "2", QoS.AtLeastOnce);
        ReceivedPublish without = await subscriber.ReceivePublishAsync();
        Assert.AreEqual(("another", (ushort)0), (without.Topic, without.TopicAlias));
        memory.Max = max;
        await publisher.PublishAsync("another", "3", QoS.AtLeastOnce);
        Assert.AreEqual(2, (await subscriber.ReceivePublishAsync()).TopicAlias);
        await subscriber.DropAsync();
        Assert.AreEqual(0, memory.Used);
    }

    // The alias is the gateway's own wish, and three bytes: what fits without it is not too large.
    [TestMethod]
    [DataRow("t", QoS.AtMostOnce), DataRow("t", QoS.AtLeastOnce), DataRow("some/topic", QoS.AtMostOnce), DataRow("some/topic", QoS.AtLeastOnce)]
    public async Task TopicAlias_OfTheGateway_MessageThatFitsWithoutIt_ComesWithoutIt(string topic, QoS qos) // [MQTT-3.1.2-25]
    {
        const int PacketBytes = 40;
        await using TestBroker gateway = TestBroker.Start();
        string payload = new('x', PacketBytes - 2 - 2 - topic.Length - 1 - (qos == QoS.AtMostOnce ? 0 : 2));
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient reader = await ConnectAsync();
        await reader.SubscribeAsync(topic, qos);
        await publisher.PublishAsync(topic, payload, qos, retain: true);
        await ReceiveAsync(reader);
        await publisher.PublishAsync(topic, "short", qos);
        Assert.AreEqual("short", (await reader.ReceivePublishAndAckAsync()).Payload); // defines the alias
        await publisher.PublishAsync(topic, payload, qos);
        await ReceiveAsync(reader, mayHaveAlias: topic.Length > 3);
        await reader.SubscribeAsync(topic, qos); // the retained one again
        Assert.AreEqual(payload, (await reader.ReceivePublishAndAckAsync()).Payload);
        await reader.DropAsync();
        if (qos == QoS.AtMostOnce)
            return;
        await publisher.PublishAsync(topic, payload, qos);
        await ReceiveAsync(await ConnectAsync());
        Assert.AreEqual(0, gateway.Counters.Dropped(DropReason.LargerThanClientAccepts));

        Task<TestClient> ConnectAsync() => gateway.ConnectAsync(
            "reader", ProtocolVersion.V5, clean: false, properties: new ConnectProperties { MaximumPacketSize = PacketBytes, TopicAliasMaximum = 10, SessionExpirySeconds = 3600 });

        async Task ReceiveAsync(TestClient client, bool mayHaveAlias = false)
        {
            ReceivedPublish publish = await client.ReceivePublishAndAckAsync();
            Assert.AreEqual(payload, publish.Payload);
            if (!mayHaveAlias)
                Assert.AreEqual((topic, (ushort)0), (publish.Topic, publish.TopicAlias));
        }
    }

    [TestMethod]
    public async Task TopicAlias_SubscribersChange_AliasStillUpToDate()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "nobody", properties: Alias(1));
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        await publisher.PublishAsync("", "somebody", properties: Alias(1));
        Assert.AreEqual("somebody", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task TopicAlias_OfAnEarlierConnection_Unknown() // [MQTT-3.3.2-7]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectDurableAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", properties: Alias(1));
        await publisher.DropAsync();
        TestClient again = await gateway.ConnectDurableAsync("publisher", ProtocolVersion.V5);
        await again.SendPublishAsync("", "x", properties: Alias(1));
        await again.ExpectCloseAsync(CloseReason.ProtocolError, ReasonCode.ProtocolError);
    }

    [TestMethod]
    public async Task TopicAlias_AboveTheMaximum_ConnectionClosed() // [MQTT-3.3.2-9]
    {
        await using TestBroker gateway = TestBroker.Start(l => l.TopicAliasMaximum = 5);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        await publisher.PublishAsync("t", "x", properties: Alias(5));
        await publisher.SendPublishAsync("t", "x", properties: Alias(6));
        await publisher.ExpectCloseAsync(CloseReason.ProtocolError, ReasonCode.TopicAliasInvalid);
    }

    [TestMethod]
    public async Task TopicAlias_TowardsAClientThatTakesThem_UsedWithinItsMaximum() // [MQTT-3.1.2-26]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5, properties: new ConnectProperties { TopicAliasMaximum = 2 });
        await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        string?[] topics = new string?[3];
        foreach (string topic in new[] { "a", "b", "c", "a", "c", "b", "a" })
        {
            await publisher.PublishAsync(topic, topic, QoS.AtLeastOnce);
            ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
            Assert.IsLessThanOrEqualTo(2, publish.TopicAlias);
            string meant = publish.Topic.Length > 0 ? publish.Topic : topics[publish.TopicAlias]!;
            if (publish.TopicAlias != 0)
                topics[publish.TopicAlias] = meant;
            Assert.AreEqual(topic, meant);
        }

        await publisher.PublishAsync("a", "a");
        Assert.AreEqual("", (await subscriber.ReceivePublishAsync()).Topic, "an alias the client knows already saves the topic");
    }

    [TestMethod]
    public async Task TopicAlias_QoS2_SentWithItsNameAllTheSame() // mqtt.js forgets the alias until PUBREL
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5, properties: new ConnectProperties { TopicAliasMaximum = 10 });
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
        {
            await publisher.PublishAsync("t", "x", QoS.ExactlyOnce);
            ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
            Assert.AreEqual(("t", (ushort)0), (publish.Topic, publish.TopicAlias));
        }
    }

    [TestMethod]
    public async Task TopicAlias_NotAskedFor_NeverSent() // [MQTT-3.1.2-27]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
        {
            await publisher.PublishAsync("t", "x");
            ReceivedPublish publish = await subscriber.ReceivePublishAsync();
            Assert.AreEqual(("t", (ushort)0), (publish.Topic, publish.TopicAlias));
        }
    }
}
