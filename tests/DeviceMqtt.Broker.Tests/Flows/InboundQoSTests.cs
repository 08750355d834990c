using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>PUBLISH from a client and its acknowledgements: section 4.3, the receiver's side.</summary>
[TestClass]
internal sealed class InboundQoSTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBLISH_Received_EachQoS_AcknowledgedAndDeliveredAtTheLowerOfBoth(ProtocolVersion version) // [MQTT-3.8.4-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", version);
        foreach (QoS granted in Enum.GetValues<QoS>())
        {
            TestClient subscriber = await gateway.ConnectAsync($"subscriber-{granted}", version);
            Assert.AreEqual((ReasonCode)granted, await subscriber.SubscribeAsync("t/+", granted));
            foreach (QoS published in Enum.GetValues<QoS>())
            {
                Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync($"t/{published}", "x", published));
                ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
                Assert.AreEqual(($"t/{published}", published < granted ? published : granted), (publish.Topic, publish.QoS));
            }

            await subscriber.DisconnectAsync();
        }
    }

    [TestMethod]
    public async Task PUBLISH_Received_QoS0_NotAcknowledged()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.SendPublishAsync("t", "x");
        await publisher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_Received_QoS1Twice_DeliveredTwice() // at least once
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce, packetId: 7);
        await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce, packetId: 7, dup: true);
        await publisher.ExpectAckAsync(PacketType.PubAck, 7);
        await publisher.ExpectAckAsync(PacketType.PubAck, 7);
        for (int i = 0; i < 2; i++)
            Assert.IsFalse((await subscriber.ReceivePublishAndAckAsync()).Dup, "DUP of the publisher is not passed on"); // [MQTT-3.3.1-3]
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task PUBLISH_Received_QoS2TwiceBeforePubRel_DeliveredOnce(bool dup) // [MQTT-4.3.3-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t", QoS.AtMostOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 7);
        await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 7, dup: dup);
        await publisher.ExpectAckAsync(PacketType.PubRec, 7);
        await publisher.ExpectAckAsync(PacketType.PubRec, 7);
        await publisher.SendAckAsync(PacketType.PubRel, 7);
        await publisher.ExpectAckAsync(PacketType.PubComp, 7);
        Assert.AreEqual("x", (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_Received_QoS2AgainAfterReconnect_DeliveredOnce()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectDurableAsync("publisher");
        await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 7);
        await publisher.ResetAsync(); // PUBREC was lost
        TestClient again = await gateway.ConnectDurableAsync("publisher");
        await again.SendPublishAsync("t", "x", QoS.ExactlyOnce, packetId: 7, dup: true);
        await again.ExpectAckAsync(PacketType.PubRec, 7);
        Assert.AreEqual("x", (await subscriber.ReceivePublishAsync()).Payload);
        await subscriber.ExpectNothingAsync();
    }

    // A board that has lost its state begins again with the first Packet Identifier: what it says comes for the first time and is something else is new.
    [TestMethod]
    [DataRow("t", "other", false, true)]
    [DataRow("t/2", "first", false, true)]
    [DataRow("t", "first", false, false)]
    [DataRow("t", "first", true, false)]
    [DataRow("t", "other", true, false)]
    public async Task PUBLISH_Received_QoS2UnderAnOpenIdentifier_NewWhereItSaysSoAndIsSomethingElse(string topic, string payload, bool dup, bool isNew) // [MQTT-4.3.3-2], [MQTT-3.3.1-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t/#");
        TestClient publisher = await gateway.ConnectDurableAsync("publisher");
        await publisher.SendPublishAsync("t", "first", QoS.ExactlyOnce, packetId: 1);
        await publisher.ExpectAckAsync(PacketType.PubRec, 1);
        Assert.AreEqual("first", (await subscriber.ReceivePublishAsync()).Payload);
        await publisher.ResetAsync();
        long memory = gateway.Look(static b => b.Sessions.Find("publisher")!.Holdings.Memory.Used);

        TestClient again = await gateway.ConnectDurableAsync("publisher");
        for (int time = 0; time < 2; time++) // it repeats itself before PUBREL
        {
            await again.SendPublishAsync(topic, payload, QoS.ExactlyOnce, packetId: 1, dup: dup);
            Assert.AreEqual(ReasonCode.Success, await again.ExpectAckAsync(PacketType.PubRec, 1));
        }

        Assert.AreEqual(memory, gateway.Look(static b => b.Sessions.Find("publisher")!.Holdings.Memory.Used));
        await again.SendAckAsync(PacketType.PubRel, 1);
        await again.ExpectAckAsync(PacketType.PubComp, 1);
        if (isNew)
        {
            ReceivedPublish delivered = await subscriber.ReceivePublishAsync();
            Assert.AreEqual((topic, payload), (delivered.Topic, delivered.Payload));
        }

        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Look(static b => b.Sessions.Find("publisher")!.InboundQoS2.Count));
    }

    [TestMethod]
    public async Task PUBLISH_Received_QoS2PacketIdAfterPubRel_IsANewMessage()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
        {
            await publisher.SendPublishAsync("t", $"{i}", QoS.ExactlyOnce, packetId: 7);
            await publisher.ExpectAckAsync(PacketType.PubRec, 7);
            await publisher.SendAckAsync(PacketType.PubRel, 7);
            await publisher.ExpectAckAsync(PacketType.PubComp, 7);
            Assert.AreEqual($"{i}", (await subscriber.ReceivePublishAsync()).Payload);
        }
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.Success)]
    [DataRow(ProtocolVersion.V5, ReasonCode.PacketIdentifierNotFound)]
    public async Task PUBREL_Received_PacketIdUnknown_AnsweredAllTheSame(ProtocolVersion version, ReasonCode expected) // [MQTT-4.3.3-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", version);
        await publisher.SendAckAsync(PacketType.PubRel, 99);
        Assert.AreEqual(expected, await publisher.ExpectAckAsync(PacketType.PubComp, 99));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_Received_NobodySubscribed_V5Told(QoS qos) // 5.0 sections 3.4.2.1 and 3.5.2.1
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("t", "x", qos));
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "x", qos));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task PUBLISH_Received_ManyInOneRead_AcknowledgedInOrder(ProtocolVersion version) // [MQTT-4.6.0-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", version);
        await publisher.SendAsync(w =>
        {
            for (ushort id = 1; id <= 500; id++)
                PublishPacket.Write(w, version, "t"u8, default, "x"u8, id % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce, retain: false, dup: false, id);
        });
        for (ushort id = 1; id <= 500; id++)
            await publisher.ExpectAckAsync(id % 2 == 0 ? PacketType.PubAck : PacketType.PubRec, id);
        Assert.AreEqual(500, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    public async Task PUBLISH_Received_PayloadAcrossManyReads_DeliveredWhole()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        string payload = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},"));
        byte[] packet = new byte[payload.Length + 20];
        int length = PublishPacket.Encode(packet, ProtocolVersion.V311, "t"u8, default, System.Text.Encoding.UTF8.GetBytes(payload), QoS.AtMostOnce, retain: false, dup: false, 0);
        foreach (byte[] piece in packet[..length].Chunk(4096))
            await publisher.SendAsync(piece);
        Assert.AreEqual(payload, (await subscriber.ReceivePublishAsync()).Payload);
        await publisher.DisconnectAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, publisher.CloseReason);
    }
}
