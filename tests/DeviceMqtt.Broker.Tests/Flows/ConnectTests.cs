using System.Buffers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>CONNECT that is accepted, and what CONNACK says: sections 3.1 and 3.2.</summary>
[TestClass]
internal sealed class ConnectTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task CONNECT_Received_EveryVersion_Accepted(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(version);
        ConnAckPacket connAck = await client.ConnectAsync("board-1");
        Assert.AreEqual(0, connAck.Code);
        Assert.IsFalse(connAck.SessionPresent);
        await client.DisconnectAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, client.CloseReason);
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.ClientDisconnected));
    }

    [TestMethod]
    public async Task CONNECT_Received_V5_LimitsTold()
    {
        await using TestBroker gateway = TestBroker.Start(l =>
        {
            l.ReceiveMaximum = 12;
            l.PacketBytesMax = 4000;
            l.TopicAliasMaximum = 3;
            l.SessionExpirySecondsMax = 100;
        });
        TestClient client = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await client.ConnectAsync("app", properties: new ConnectProperties { SessionExpirySeconds = uint.MaxValue });
        Assert.AreEqual(12, connAck.Properties!.ReceiveMaximum);
        Assert.AreEqual(4000u, connAck.Properties.MaximumPacketSize);
        Assert.AreEqual(3, connAck.Properties.TopicAliasMaximum);
        Assert.AreEqual(100u, connAck.Properties.SessionExpirySeconds); // [MQTT-3.2.2-21]: told when it differs
        Assert.IsNull(connAck.Properties.AssignedClientId);
    }

    [TestMethod]
    public async Task CONNECT_Received_SessionExpiryAsAsked_NotTold()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await client.ConnectAsync("app", properties: new ConnectProperties { SessionExpirySeconds = 60 });
        Assert.IsNull(connAck.Properties!.SessionExpirySeconds);
    }

    [TestMethod]
    public async Task CONNECT_Received_V311ClientIdEmptyAndClean_Accepted() // [MQTT-3.1.3-6]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient first = await gateway.ConnectAsync("");
        TestClient second = await gateway.ConnectAsync("");
        await first.ExpectNothingAsync(); // each has an identifier of its own: no take-over
        await second.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task CONNECT_Received_V5ClientIdEmpty_AssignedAndTold(bool cleanStart) // [MQTT-3.1.3-7], [MQTT-3.2.2-16]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await client.ConnectAsync("", cleanStart, properties: new ConnectProperties { SessionExpirySeconds = 60 });
        string? assigned = connAck.Properties!.AssignedClientId;
        Assert.IsNotNull(assigned);
        await client.DropAsync();

        TestClient again = gateway.Open(ProtocolVersion.V5);
        Assert.IsTrue((await again.ConnectAsync(assigned, clean: false)).SessionPresent);
    }

    [TestMethod]
    public async Task CONNECT_Received_ByteByByte_Accepted()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        ArrayBufferWriter<byte> packet = new();
        new ConnectPacket { ClientId = "slow-board" }.Write(packet);
        foreach (byte b in packet.WrittenSpan.ToArray())
            await client.SendAsync([b]);
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
    }

    [TestMethod]
    public async Task CONNECT_Received_PublishInTheSameBytes_BothHandled() // section 3.1.4: a client need not wait for CONNACK
    {
        await using TestBroker gateway = TestBroker.Start(l => l.ConnectPacketBytesMax = 128);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("t");
        TestClient client = gateway.Open();
        string payload = new('x', 500); // more than a packet before CONNECT may have
        await client.SendAsync(w =>
        {
            new ConnectPacket { ClientId = "eager" }.Write(w);
            PublishPacket.Write(w, ProtocolVersion.V311, "t"u8, default, System.Text.Encoding.UTF8.GetBytes(payload), QoS.AtLeastOnce, retain: false, dup: false, packetId: 1);
        });
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(ReasonCode.Success, await client.ExpectAckAsync(PacketType.PubAck, 1));
        Assert.AreEqual(payload, (await subscriber.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task CONNECT_Received_SessionPresentIn31_NotSaid() // 3.1 has no such flag
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("old", ProtocolVersion.V31, clean: false);
        await client.SubscribeAsync("t", QoS.AtLeastOnce);
        await client.DropAsync();
        TestClient again = gateway.Open(ProtocolVersion.V31);
        await again.SendConnectAsync("old", clean: false);
        ReceivedPacket connAck = await again.ReceiveAsync();
        Assert.AreEqual("20020000", Convert.ToHexString(connAck.Bytes));
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "still subscribed");
        Assert.AreEqual("still subscribed", (await again.ReceivePublishAsync()).Payload);
    }
}
