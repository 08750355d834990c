namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class ProtocolVersionTests
{
    [TestMethod]
    [DataRow("31"), DataRow("311")]
    public async Task CONNECT_EachVersionOfMosquittoSub_IsServed(string version)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("version");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 2, Version = version }, topic);

        await MosquittoPub.Send(broker, topic, "hello", qos: 2);

        Assert.AreEqual("hello", (await subscriber.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task CONNECT_UnknownProtocolLevel_CONNACKSaysSoAndConnectionCloses()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.Open(broker);

        await client.Send(RawBytes.Connect(Unique.Name("future"), level: 9));

        Assert.AreEqual("0001", (await client.Next(RawType.ConnAck)).Hex, "[MQTT-3.1.2-2] unacceptable protocol version");
        await client.WaitForClose();
    }

    [TestMethod]
    public async Task CONNECT_EmptyClientIdWithCleanSession_IsAccepted()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.Open(broker);

        await client.Send(RawBytes.Connect(""));

        Assert.AreEqual("0000", (await client.Next(RawType.ConnAck)).Hex, "[MQTT-3.1.3-6]");
    }

    [TestMethod]
    public async Task CONNECT_EmptyClientIdWithPersistentSession_IsRefused()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.Open(broker);

        await client.Send(RawBytes.Connect("", clean: false));

        Assert.AreEqual("0002", (await client.Next(RawType.ConnAck)).Hex, "[MQTT-3.1.3-8] identifier rejected");
        await client.WaitForClose();
    }
}
