using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>5.0: an acknowledgement that refuses says why, to a client that wants to know it and takes a packet that long.</summary>
[TestClass]
internal sealed class ReasonStringTests
{
    [TestMethod]
    [DataRow(QoS.AtLeastOnce, PacketType.PubAck)]
    [DataRow(QoS.ExactlyOnce, PacketType.PubRec)]
    public async Task PUBLISH_Refused_AcknowledgementSaysWhy(QoS qos, PacketType ack)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        ushort packetId = await client.SendPublishAsync("$SYS/x", "x", qos);

        Assert.AreEqual(new ReceivedAck(packetId, ReasonCode.NotAuthorized, "topics below $SYS/ and $gw/ are the gateway's to publish, and nobody can subscribe to one below $share/"), await client.ReceiveAckAsync(ack));
    }

    [TestMethod]
    public async Task PUBLISH_RefusedAndProblemInformationNotWanted_NoReasonString() // [MQTT-3.1.2-29]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5, properties: new ConnectProperties { RequestProblemInformation = false });
        ushort packetId = await client.SendPublishAsync("$SYS/x", "x", QoS.AtLeastOnce);

        Assert.AreEqual(new ReceivedAck(packetId, ReasonCode.NotAuthorized, null), await client.ReceiveAckAsync(PacketType.PubAck));
    }

    [TestMethod]
    public async Task PUBLISH_RefusedAndClientTakesSmallPacketsOnly_NoReasonString() // [MQTT-3.4.2-2]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5, properties: new ConnectProperties { MaximumPacketSize = 40 });
        ushort packetId = await client.SendPublishAsync("$SYS/x", "x", QoS.AtLeastOnce);

        Assert.AreEqual(new ReceivedAck(packetId, ReasonCode.NotAuthorized, null), await client.ReceiveAckAsync(PacketType.PubAck));
    }

    [TestMethod]
    [DataRow(PacketType.PubAck)] // [MQTT-3.4.2-2]
    [DataRow(PacketType.PubRec)] // [MQTT-3.5.2-2]
    [DataRow(PacketType.SubAck)] // [MQTT-3.9.2-1]
    public async Task Refusal_OneByteLongerThanTheClientTakes_GoesWithoutItsReasonString(PacketType answer)
    {
        await using TestBroker gateway = TestBroker.Start();
        byte[] whole = await RefusalAsync(gateway, answer, bytesMax: null);
        CollectionAssert.AreEqual(whole, await RefusalAsync(gateway, answer, (uint)whole.Length));
        byte[] brief = await RefusalAsync(gateway, answer, (uint)whole.Length - 1);
        Assert.AreEqual(answer, (PacketType)(brief[0] >> 4));
        Assert.IsLessThan(10, brief.Length);
    }

    private static async Task<byte[]> RefusalAsync(TestBroker gateway, PacketType answer, uint? bytesMax)
    {
        TestClient client = await gateway.ConnectAsync($"client-{bytesMax}", ProtocolVersion.V5, properties: new ConnectProperties { MaximumPacketSize = bytesMax });
        SubscribePacket subscribe = new() { PacketId = 1, Requests = [new SubscriptionRequest(TestClient.Filter("dm/p2p/other"), QoS.AtMostOnce)] };
        if (answer == PacketType.SubAck)
            await client.SendAsync(w => subscribe.Write(w, ProtocolVersion.V5));
        else
            _ = await client.SendPublishAsync("$SYS/x", "x", answer == PacketType.PubAck ? QoS.AtLeastOnce : QoS.ExactlyOnce);
        return (await client.ReceiveAsync()).Bytes;
    }

    [TestMethod]
    public async Task SUBSCRIBE_OneFilterRefused_SubAckSaysWhichAndWhy()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        SubscribePacket packet = new()
        {
            PacketId = 7,
            Requests = [new SubscriptionRequest(TestClient.Filter("a"), QoS.AtMostOnce), new SubscriptionRequest(TestClient.Filter("dm/p2p/other"), QoS.AtMostOnce)],
        };
        await client.SendAsync(w => packet.Write(w, ProtocolVersion.V5));

        SubAckPacket subAck = (await client.ReceiveAsync()).As(
            PacketType.SubAck, (in Frame f, out SubAckPacket? p, out MalformedReason r) => SubAckPacket.TryDecode(f, ProtocolVersion.V5, out p, out r));
        Assert.AreEqual("dm/p2p/other: P2P messages and receipts of another client", subAck.ReasonString);
    }
}
