namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class SessionTests
{
    [TestMethod]
    public async Task CONNECT_PersistentSession_MessagesOfItsAbsenceArriveInOrder()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("offline");
        SubscriberOptions options = new() { ClientId = Unique.Name("sleeper"), QoS = 1, CleanSession = false };
        await using (MosquittoSub awake = await MosquittoSub.Start(broker, options, topic))
        {
            await awake.Disconnect();
        }

        string[] sent = [.. Enumerable.Range(1, 100).Select(number => $"missed {number}")];
        await MosquittoPub.SendLines(broker, topic, sent, qos: 1);
        await using MosquittoSub again = await MosquittoSub.Start(broker, options, topic);

        string[] received = [.. (await again.Messages.WaitForCount(sent.Length)).Select(message => message.Text)];
        Assert.AreSequenceEqual(sent, received);
    }

    [TestMethod]
    public async Task CONNACK_SessionPresent_TellsWhetherThereWasASession()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("session");

        Assert.IsFalse(await SessionPresent(broker, clientId, clean: false), "the first time [MQTT-3.2.2-3]");
        Assert.IsTrue(await SessionPresent(broker, clientId, clean: false), "the second time [MQTT-3.2.2-2]");
        Assert.IsFalse(await SessionPresent(broker, clientId, clean: true), "asked to be clean [MQTT-3.2.2-1]");
        Assert.IsFalse(await SessionPresent(broker, clientId, clean: false), "after a clean one [MQTT-3.1.2-6]");
    }

    [TestMethod]
    public async Task CONNECT_PersistentSession_SubscriptionIsStillThere()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("session");
        string topic = Unique.Name("topic");
        await using (RawMqtt first = await RawMqtt.Connect(broker, clientId, clean: false))
        {
            await first.Subscribe(topic, qos: 1);
        }

        await using RawMqtt second = await RawMqtt.Connect(broker, clientId, clean: false);
        await MosquittoPub.Send(broker, topic, "hello", qos: 1);

        Assert.AreEqual("hello", (await second.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task CONNECT_CleanSession_SubscriptionIsGone()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("session");
        string topic = Unique.Name("topic");
        await using (RawMqtt first = await RawMqtt.Connect(broker, clientId, clean: false))
        {
            await first.Subscribe(topic, qos: 1);
        }

        await using RawMqtt second = await RawMqtt.Connect(broker, clientId, clean: true);
        await MosquittoPub.Send(broker, topic, "for nobody", qos: 1);
        string marker = Unique.Name("marker");
        await second.Subscribe(marker);
        await MosquittoPub.Send(broker, marker, "end", qos: 1);

        Assert.AreEqual("end", (await second.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task PUBLISH_QoS1NotAcknowledged_IsSentAgainWithDUPAfterReconnect()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("session");
        string topic = Unique.Name("topic");
        ushort packetId;
        await using (RawMqtt first = await RawMqtt.Connect(broker, clientId, clean: false))
        {
            await first.Subscribe(topic, qos: 1);
            await MosquittoPub.Send(broker, topic, "unconfirmed", qos: 1);
            RawPacket publish = await first.Next(RawType.Publish);
            Assert.IsFalse(publish.Dup, "[MQTT-3.3.1-2] the first attempt");
            packetId = publish.PacketId;
        }

        await using RawMqtt second = await RawMqtt.Connect(broker, clientId, clean: false);
        RawPacket again = await second.Next(RawType.Publish);

        Assert.AreEqual(("unconfirmed", true, packetId), (again.Text, again.Dup, again.PacketId), "[MQTT-4.4.0-1], [MQTT-3.3.1-1]");
        await second.Send(RawBytes.PubAck(packetId));
    }

    [TestMethod]
    public async Task PUBREC_SentBeforeTheConnectionWasLost_PUBRELComesAfterReconnect()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("session");
        string topic = Unique.Name("topic");
        ushort packetId;
        await using (RawMqtt first = await RawMqtt.Connect(broker, clientId, clean: false))
        {
            await first.Subscribe(topic, qos: 2);
            await MosquittoPub.Send(broker, topic, "exactly once", qos: 2);
            packetId = (await first.Next(RawType.Publish)).PacketId;
            await first.Send(RawBytes.PubRec(packetId));
            await first.Next(RawType.PubRel);
        }

        await using RawMqtt second = await RawMqtt.Connect(broker, clientId, clean: false);

        Assert.AreEqual(packetId, (await second.Next(RawType.PubRel)).PacketId, "[MQTT-4.4.0-1] and not the message again");
        await second.Send(RawBytes.PubComp(packetId));
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_Received_NothingMoreArrives()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("topic");
        string marker = Unique.Name("marker");
        await using RawMqtt client = await RawMqtt.Connect(broker, Unique.Name("client"));
        await client.Subscribe(topic);
        await client.Subscribe(marker);

        await client.Send(RawBytes.Unsubscribe(9, topic));
        Assert.AreEqual(9, (await client.Next(RawType.UnsubAck)).PacketId);
        await MosquittoPub.Send(broker, topic, "too late", qos: 1);
        await MosquittoPub.Send(broker, marker, "end", qos: 1);

        Assert.AreEqual("end", (await client.Next(RawType.Publish)).Text);
    }

    private static async Task<bool> SessionPresent(BrokerUnderTest broker, string clientId, bool clean)
    {
        await using RawMqtt connection = await RawMqtt.Open(broker);
        await connection.Send(RawBytes.Connect(clientId, clean));
        RawPacket connAck = await connection.Next(RawType.ConnAck);
        await connection.Send(RawBytes.Disconnect);
        await connection.WaitForClose();
        return connAck.Body[0] == 1;
    }
}
