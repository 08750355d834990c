using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
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

    // A shared subscription has no No Local [MQTT-3.8.3-4]: a message that is the bridge's turn would be nobody's.
    [TestMethod]
    public async Task Bridge_SharesASubscriptionToWhatItPublishes_EachMessageGoesToSomebody()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of("10:<MQTT> 84 02 0000 <bridge>"));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        TestClient other = await gateway.ConnectAsync("other");
        await bridge.SubscribeAsync("$share/g/t");
        await other.SubscribeAsync("$share/g/t");
        await bridge.SendPublishAsync("t", "1");
        await bridge.SendPublishAsync("t", "2");

        string[] both = [(await bridge.ReceivePublishAsync()).Payload, (await other.ReceivePublishAsync()).Payload];
        CollectionAssert.AreEquivalent((string[])["1", "2"], both);
    }

    // What from-mosquitto.md says of a slow link: by default mosquitto itself has a window of 20.
    [TestMethod]
    public async Task InflightMax_OfItsPolicy_IsTheWindowOfABridge()
    {
        await using TestBroker gateway = TestBroker.Start(policies: [new GroupPolicy { Match = "*.hall", InflightMax = 20 }]);
        TestClient bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of("10:<MQTT> 84 02 0000 <host.hall>"));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        await bridge.SubscribeAsync("down/#", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 22; i++)
            await publisher.PublishAsync("down/a", $"{i}", QoS.AtLeastOnce);

        ReceivedPublish first = await bridge.ReceivePublishAsync();
        for (int i = 1; i < 20; i++)
            Assert.AreEqual($"{i}", (await bridge.ReceivePublishAsync()).Payload);
        await bridge.ExpectNothingAsync();
        await bridge.AcknowledgeAsync(QoS.AtLeastOnce, first.PacketId);
        Assert.AreEqual("20", (await bridge.ReceivePublishAsync()).Payload);
        await bridge.ExpectNothingAsync();
    }

    // One subscription for each device below: the bound of ordinary clients would leave devices without commands.
    [TestMethod]
    public async Task BridgeSubscriptionsMax_Reached_RefusedAndSaid()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.SubscriptionsPerSessionMax, l.BridgeSubscriptionsMax) = (1, 2), ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of("10:<MQTT> 84 02 0000 <bridge>"));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await bridge.SubscribeAsync("+/p2p/a", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await bridge.SubscribeAsync("+/p2p/b", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.UnspecifiedError, await bridge.SubscribeAsync("+/p2p/c", QoS.AtLeastOnce));
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.Contains("no subscription of bridge 'bridge' to +/p2p/c", StringComparison.Ordinal)));
    }
}
