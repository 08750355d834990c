using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A QoS 2 PUBLISH with RETAIN comes again after its connection broke: what is retained in the end is what its publisher said last.</summary>
[TestClass]
internal sealed class RetainedAgainTests
{
    // What a new subscriber finds; empty for nothing.
    private static async Task ExpectRetainedAsync(TestBroker gateway, string payload, string observedBy = "observer")
    {
        TestClient observer = await gateway.ConnectAsync(observedBy);
        await observer.SubscribeAsync("t");
        if (payload.Length > 0)
            Assert.AreEqual(payload, (await observer.ReceivePublishAsync()).Payload);
        await observer.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, "old", "new")]
    [DataRow(ProtocolVersion.V5, "old", "new")]
    [DataRow(ProtocolVersion.V311, "old", "")]
    [DataRow(ProtocolVersion.V311, "", "new")]
    public async Task PUBLISH_AgainBehindAnOlderOneOfQoS1_IsTheRetainedOneAndComesOnce(ProtocolVersion version, string older, string newer)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectDurableAsync("publisher", version);
        await publisher.SendPublishAsync("t", older, QoS.AtLeastOnce, retain: true, packetId: 1);
        await publisher.SendPublishAsync("t", newer, QoS.ExactlyOnce, retain: true, packetId: 2);
        await publisher.ResetAsync(); // both acknowledgements were lost

        TestClient again = await gateway.ConnectDurableAsync("publisher", version);
        await again.SendPublishAsync("t", older, QoS.AtLeastOnce, retain: true, dup: true, packetId: 1); // [MQTT-4.4.0-1], [MQTT-4.6.0-1]
        await again.SendPublishAsync("t", newer, QoS.ExactlyOnce, retain: true, dup: true, packetId: 2);
        await again.ExpectAckAsync(PacketType.PubAck, 1);
        await again.ExpectAckAsync(PacketType.PubRec, 2);
        await ExpectRetainedAsync(gateway, newer);
        foreach (string payload in (string[])[older, newer, older])
            Assert.AreEqual(payload, (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_AgainBehindItsWill_IsTheRetainedOne()
    {
        await using TestBroker gateway = TestBroker.Start();
        WillMessage will = new() { Topic = "t", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };
        TestClient publisher = await gateway.ConnectDurableAsync("publisher", will: will);
        await publisher.SendPublishAsync("t", "there", QoS.ExactlyOnce, retain: true, packetId: 1);
        await publisher.ResetAsync();
        await ExpectRetainedAsync(gateway, "gone", "first");
        TestClient again = await gateway.ConnectDurableAsync("publisher", will: will);
        await again.SendPublishAsync("t", "there", QoS.ExactlyOnce, retain: true, dup: true, packetId: 1);
        await again.ExpectAckAsync(PacketType.PubRec, 1);
        await ExpectRetainedAsync(gateway, "there", "second");
    }

    [TestMethod]
    public async Task PUBLISH_AgainOfOneWhoMayNot_IsNotRetained()
    {
        OwnRules rules = new() { Forbidden = { "t" } };
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Access = rules);
        TestClient publisher = await gateway.ConnectDurableAsync("publisher");
        await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce, retain: true, packetId: 1);
        await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce, retain: true, dup: true, packetId: 1);
        await publisher.ExpectAckAsync(PacketType.PubRec, 1);
        await publisher.ExpectAckAsync(PacketType.PubRec, 1);
        await ExpectRetainedAsync(gateway, "");
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBLISH_AgainAndNoRoom_WaitsUntilThereIs(ProtocolVersion version)
    {
        SlowCustody? custody = null;
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        TestClient publisher = await gateway.ConnectDurableAsync("publisher", version);
        await publisher.SendPublishAsync("t", "old", QoS.AtLeastOnce, retain: true, packetId: 1);
        await publisher.SendPublishAsync("t", "new", QoS.ExactlyOnce, retain: true, packetId: 2);
        await publisher.ResetAsync();
        TestClient again = await gateway.ConnectDurableAsync("publisher", version);
        await again.SendPublishAsync("t", "old", QoS.AtLeastOnce, retain: true, dup: true, packetId: 1);
        await again.ExpectAckAsync(PacketType.PubAck, 1);
        custody!.IsFull = true;
        await again.SendPublishAsync("t", "new", QoS.ExactlyOnce, retain: true, dup: true, packetId: 2);
        await again.ExpectNothingAsync(); // PINGREQ is answered
        await ExpectRetainedAsync(gateway, "old", "first");

        custody.IsFull = false;
        gateway.Advance(2);
        await again.ExpectAckAsync(PacketType.PubRec, 2);
        await ExpectRetainedAsync(gateway, "new", "second");
    }
}
