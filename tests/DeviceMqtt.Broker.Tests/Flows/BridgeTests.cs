using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A client that says with the protocol level that it is a bridge, as mosquitto's do at 3.1 and 3.1.1.</summary>
[TestClass]
internal sealed class BridgeTests
{
    [TestMethod]
    [DataRow("10:<MQTT> 84 02 0000 <bridge>")]
    [DataRow("10:<MQIsdp> 83 02 0000 <bridge>")]
    public async Task Bridge_SubscribesToWhatItPublishes_GetsNothingBackAndRetainAsPublished(string connect)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of(connect));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        await bridge.SubscribeAsync("t/#", QoS.AtLeastOnce);
        await bridge.PublishAsync("t/up", "its own", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/state", "kept", QoS.AtLeastOnce, retain: true);
        ReceivedPublish received = await bridge.ReceivePublishAndAckAsync();
        Assert.AreEqual(("t/state", "kept", true), (received.Topic, received.Payload, received.Retain));
        await bridge.ExpectNothingAsync();
    }
}
