using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>What was not acknowledged goes out again on the next connection, and only then: section 4.4.</summary>
[TestClass]
internal sealed class ResendTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V311, QoS.ExactlyOnce)]
    [DataRow(ProtocolVersion.V5, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V5, QoS.ExactlyOnce)]
    public async Task PUBLISH_NotAcknowledged_SentAgainWithDupAndItsPacketId(ProtocolVersion version, QoS qos) // [MQTT-4.4.0-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board", version);
        await client.SubscribeAsync("t", qos);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 3; i++)
            await publisher.PublishAsync("t", $"{i}", qos);
        List<ushort> packetIds = [];
        for (int i = 0; i < 3; i++)
        {
            ReceivedPublish first = await client.ReceivePublishAsync();
            Assert.IsFalse(first.Dup);
            packetIds.Add(first.PacketId);
        }

        await client.DropAsync();
        TestClient again = await gateway.ConnectDurableAsync("board", version);
        for (int i = 0; i < 3; i++)
        {
            ReceivedPublish resent = await again.ReceivePublishAsync();
            Assert.AreEqual(($"{i}", qos, true, packetIds[i]), (resent.Payload, resent.QoS, resent.Dup, resent.PacketId));
        }

        foreach (ushort packetId in packetIds)
            await again.AcknowledgeAsync(qos, packetId);
        await again.ExpectNothingAsync();
        await again.DropAsync();
        TestClient third = await gateway.ConnectDurableAsync("board", version);
        await third.ExpectNothingAsync(); // acknowledged is acknowledged
    }

    [TestMethod]
    public async Task PUBREL_NotAnswered_SentAgain()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board");
        await client.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.ExactlyOnce);
        ushort packetId = (await client.ReceivePublishAsync()).PacketId;
        await client.SendAckAsync(PacketType.PubRec, packetId);
        await client.ExpectAckAsync(PacketType.PubRel, packetId);
        await client.ResetAsync();

        TestClient again = await gateway.ConnectDurableAsync("board");
        await again.ExpectAckAsync(PacketType.PubRel, packetId); // and not the PUBLISH
        await again.SendAckAsync(PacketType.PubComp, packetId);
        await again.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Find("board")!.InflightCount));
    }

    [TestMethod]
    public async Task Inflight_Mixed_SentAgainInTheOrderOfTheFirstTime() // [MQTT-4.6.0-1]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board");
        await client.SubscribeAsync("t", QoS.ExactlyOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "1", QoS.ExactlyOnce);
        await publisher.PublishAsync("t", "2", QoS.AtLeastOnce);
        await publisher.PublishAsync("t", "3", QoS.ExactlyOnce);
        await publisher.PublishAsync("t", "4", QoS.AtLeastOnce);
        ushort[] ids = new ushort[4];
        for (int i = 0; i < 4; i++)
            ids[i] = (await client.ReceivePublishAsync()).PacketId;
        await client.SendAckAsync(PacketType.PubAck, ids[1]);
        await client.SendAckAsync(PacketType.PubRec, ids[2]);
        await client.ExpectAckAsync(PacketType.PubRel, ids[2]);
        await client.ResetAsync();

        TestClient again = await gateway.ConnectDurableAsync("board");
        Assert.AreEqual("1", (await again.ReceivePublishAsync()).Payload);
        await again.ExpectAckAsync(PacketType.PubRel, ids[2]);
        Assert.AreEqual("4", (await again.ReceivePublishAsync()).Payload);
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Queue_WaitedBehindInflight_FollowsIt()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.InflightMax = 2);
        TestClient client = await gateway.ConnectDurableAsync("board");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 6; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await client.ReceivePublishAsync();
        await client.ResetAsync();
        await publisher.PublishAsync("t", "6", QoS.AtLeastOnce);

        TestClient again = await gateway.ConnectDurableAsync("board");
        for (int i = 0; i < 7; i++)
        {
            ReceivedPublish publish = await again.ReceivePublishAndAckAsync();
            Assert.AreEqual(($"{i}", i < 2), (publish.Payload, publish.Dup));
        }

        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Inflight_SmallerReceiveMaximumOnTheNextConnection_Respected() // [MQTT-3.3.4-9] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 5; i++)
            await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        await client.ReceivePublishAsync();
        await client.ResetAsync();

        TestClient again = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, receiveMaximum: 2);
        ReceivedPublish first = await again.ReceivePublishAsync();
        Assert.AreEqual("1", (await again.ReceivePublishAsync()).Payload);
        await again.ExpectNothingAsync();
        await again.SendAckAsync(PacketType.PubAck, first.PacketId);
        ReceivedPublish third = await again.ReceivePublishAsync();
        Assert.AreEqual(("2", true), (third.Payload, third.Dup));
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Message_OfACleanSession_NotKept()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("board");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        await client.ReceivePublishAsync();
        await client.DropAsync();
        TestClient again = await gateway.ConnectDurableAsync("board");
        await again.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_NotAcknowledged_NotSentAgainOnTheSameConnection() // [MQTT-4.4.0-1]: 5.0 forbids it
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectDurableAsync("board");
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        await client.ReceivePublishAsync();
        gateway.Advance(3600);
        await client.ExpectNothingAsync();
    }
}
