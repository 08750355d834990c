using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>PUBLISH to a client and its acknowledgements: section 4.3, the sender's side; the window of messages in flight.</summary>
[TestClass]
internal sealed class OutboundQoSTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Window_Full_RestWaitsInOrder(ProtocolVersion version) // 5.0 [MQTT-3.3.4-9]; ours for 3.1.1
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 3);
        TestClient subscriber = await gateway.ConnectAsync("subscriber", version);
        await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        Queue<ReceivedPublish> open = new();
        for (int i = 0; i < 3; i++)
            open.Enqueue(await subscriber.ReceivePublishAsync());
        await subscriber.ExpectNothingAsync();
        for (int i = 3; i < 10; i++)
        {
            ReceivedPublish oldest = open.Dequeue();
            Assert.AreEqual($"{i - 3}", oldest.Payload);
            await subscriber.SendAckAsync(PacketType.PubAck, oldest.PacketId);
            open.Enqueue(await subscriber.ReceivePublishAsync());
            await subscriber.ExpectNothingAsync();
        }

        Assert.AreEqual("9", open.Last().Payload);
    }

    [TestMethod]
    public async Task Window_ReceiveMaximumOfTheClient_Respected() // [MQTT-3.3.4-9]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5, properties: new ConnectProperties { ReceiveMaximum = 1 });
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "1", QoS.ExactlyOnce);
        await publisher.PublishAsync("t", "2", QoS.ExactlyOnce);
        ReceivedPublish first = await subscriber.ReceivePublishAsync();
        await subscriber.ExpectNothingAsync();
        await subscriber.SendAckAsync(PacketType.PubRec, first.PacketId);
        await subscriber.ExpectAckAsync(PacketType.PubRel, first.PacketId);
        await subscriber.ExpectNothingAsync(); // the flow is over with PUBCOMP, not before (4.9)
        await subscriber.SendAckAsync(PacketType.PubComp, first.PacketId);
        Assert.AreEqual("2", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Window_Full_QoS0GoesThrough()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t/+", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t/1", "in flight", QoS.AtLeastOnce);
        await publisher.PublishAsync("t/1", "waits", QoS.AtLeastOnce);
        await publisher.PublishAsync("t/0", "passes", QoS.AtMostOnce);
        ReceivedPublish first = await subscriber.ReceivePublishAsync();
        Assert.AreEqual("passes", (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.SendAckAsync(PacketType.PubAck, first.PacketId);
        Assert.AreEqual("waits", (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task PacketIds_InFlight_NeverTwice() // [MQTT-2.3.1-4]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        HashSet<ushort> open = [];
        for (int i = 0; i < 200; i++)
        {
            await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
            ReceivedPublish publish = await subscriber.ReceivePublishAsync();
            Assert.IsTrue(open.Add(publish.PacketId));
            Assert.AreNotEqual(0, publish.PacketId);
            if (i % 3 != 0)
                continue;
            await subscriber.SendAckAsync(PacketType.PubAck, publish.PacketId);
            open.Remove(publish.PacketId);
        }

        Assert.HasCount(gateway.Look(b => b.Sessions.Find("subscriber")!.InflightCount), open);
    }

    [TestMethod]
    [DataRow(PacketType.PubAck)]
    [DataRow(PacketType.PubComp)]
    public async Task Ack_Received_OfAnUnknownPacketId_Ignored(PacketType ack)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SendAckAsync(ack, 77);
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V5, ReasonCode.PacketIdentifierNotFound)]
    public async Task PUBREC_Received_OfAnUnknownPacketId_AnsweredWithPubRel(ProtocolVersion version, ReasonCode expected)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", version);
        await subscriber.SendAckAsync(PacketType.PubRec, 77);
        Assert.AreEqual(expected, await subscriber.ExpectAckAsync(PacketType.PubRel, 77));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubRec)]
    [DataRow(QoS.AtLeastOnce, PacketType.PubComp)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubAck)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubComp)]
    public async Task Ack_Received_OfTheWrongKind_ConnectionClosed(QoS qos, PacketType ack)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t", qos);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", qos);
        ushort packetId = (await subscriber.ReceivePublishAsync()).PacketId;
        await subscriber.SendAckAsync(ack, packetId);
        await subscriber.ExpectCloseAsync(CloseReason.ProtocolError, ReasonCode.ProtocolError);
    }

    [TestMethod]
    public async Task PUBREC_Received_WithError_FlowEnds() // [MQTT-4.4.0-2]
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient subscriber = await gateway.ConnectDurableAsync("subscriber", ProtocolVersion.V5);
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "refused", QoS.ExactlyOnce);
        await publisher.PublishAsync("t", "next", QoS.ExactlyOnce);
        ushort packetId = (await subscriber.ReceivePublishAsync()).PacketId;
        await subscriber.SendAckAsync(PacketType.PubRec, packetId, ReasonCode.UnspecifiedError);
        Assert.AreEqual("next", (await subscriber.ReceivePublishAndAckAsync()).Payload);
        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.ClientRefused));
        Assert.Contains("dropped ClientRefused Client 'subscriber' on 't'", gateway.Log.Lines);
    }

    [TestMethod]
    public async Task PUBREC_Received_Twice_PubRelTwice()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.ExactlyOnce);
        ushort packetId = (await subscriber.ReceivePublishAsync()).PacketId;
        for (int i = 0; i < 2; i++)
        {
            await subscriber.SendAckAsync(PacketType.PubRec, packetId);
            await subscriber.ExpectAckAsync(PacketType.PubRel, packetId);
        }
    }

    [TestMethod]
    public async Task Message_LargerThanTheClientAccepts_DroppedAndCounted() // [MQTT-3.1.2-24], [MQTT-3.1.2-25] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 1);
        TestClient small = await gateway.ConnectAsync("small", ProtocolVersion.V5, properties: new ConnectProperties { MaximumPacketSize = 60 });
        await small.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", new string('x', 100), QoS.AtMostOnce);
        await publisher.PublishAsync("t", new string('x', 100), QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "fits", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", new string('x', 100), QoS.AtLeastOnce); // waits for the window first
        await publisher.PublishAsync("t", "fits too", QoS.AtLeastOnce);
        Assert.AreEqual("fits", (await small.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("fits too", (await small.ReceivePublishAndAckAsync()).Payload);
        await small.ExpectNothingAsync();
        Assert.AreEqual(3, gateway.Counters.Dropped(DropReason.LargerThanClientAccepts));
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Find("small")!.InflightCount));
    }
}
