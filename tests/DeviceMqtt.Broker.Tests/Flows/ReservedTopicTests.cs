using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Topics that begin with <c>$</c>: section 4.7.2, and those that only the gateway writes.</summary>
[TestClass]
internal sealed class ReservedTopicTests
{
    [TestMethod]
    [DataRow("$SYS/broker/uptime", ProtocolVersion.V311)]
    [DataRow("$gw/presence/board", ProtocolVersion.V311)]
    [DataRow("$SYS/broker/uptime", ProtocolVersion.V5)]
    [DataRow("$gw/p2p/board", ProtocolVersion.V5)]
    [DataRow("$SYS", ProtocolVersion.V311)]
    [DataRow("$gw", ProtocolVersion.V5)]
    [DataRow("$SYS/broker/connection/a/b/state", ProtocolVersion.V5)]
    [DataRow("$SYS/broker/connection//state", ProtocolVersion.V5)]
    [DataRow("$share/group/t", ProtocolVersion.V311)]
    [DataRow("$share", ProtocolVersion.V5)]
    public async Task PUBLISH_Received_TopicOfTheGateway_TakenAndDropped(string topic, ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", version);
        TestClient board = await gateway.ConnectAsync("");
        await board.SubscribeAsync("$SYS/#");
        await board.SubscribeAsync("$gw/#");
        Assert.AreEqual("$gw/presence/publisher", (await board.ReceivePublishAsync()).Topic); // what is true comes
        ReasonCode refused = version == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.Success;
        Assert.AreEqual(refused, await publisher.PublishAsync(topic, "forged", QoS.AtLeastOnce, retain: true));
        Assert.AreEqual(refused, await publisher.PublishAsync(topic, "forged", QoS.ExactlyOnce));
        await publisher.PublishAsync(topic, "forged");
        await publisher.ExpectNothingAsync();
        await board.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
        Assert.AreEqual(3, gateway.Counters.Dropped(DropReason.ReservedTopic));
    }

    // Every bridge of mosquitto says there whether it is connected, and in its Will that it is not.
    [TestMethod]
    public async Task PUBLISH_Received_StateOfABridge_DeliveredAndRetained()
    {
        const string State = "$SYS/broker/connection/hall.bridge/state";
        await using TestBroker gateway = TestBroker.Start();
        TestClient bridge = await gateway.ConnectAsync("bridge", will: new WillMessage { Topic = State, Payload = "0"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        _ = await bridge.PublishAsync(State, "1", QoS.AtLeastOnce, retain: true);
        TestClient observer = await gateway.ConnectAsync("observer");
        _ = await observer.SubscribeAsync("$SYS/broker/connection/#");
        Assert.AreEqual("1", (await observer.ReceivePublishAsync()).Payload);
        await bridge.DropAsync();
        Assert.AreEqual("0", (await observer.ReceivePublishAsync()).Payload);
        Assert.AreEqual(0, gateway.Counters.Dropped(DropReason.ReservedTopic));
    }

    [TestMethod]
    public async Task PUBLISH_Received_QoS2Refused_PacketIdFreeAgain() // [MQTT-4.3.3-9]: PUBREC with an error ends the flow
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ReceiveMaximum = 1);
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(ReasonCode.NotAuthorized, await publisher.PublishAsync("$SYS/x", "forged", QoS.ExactlyOnce));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("t", "x", QoS.ExactlyOnce));
    }

    [TestMethod]
    [DataRow("#", false)]
    [DataRow("+/board", false)]
    [DataRow("$own/#", true)]
    [DataRow("$own/+", true)]
    public async Task PUBLISH_Received_OtherDollarTopic_NotForWildcardsInTheFirstLevel(string filter, bool delivered) // [MQTT-4.7.2-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync(filter);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("$own/board", "x");
        if (delivered)
            Assert.AreEqual("x", (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }
}
