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
