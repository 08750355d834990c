namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class PublishTests
{
    [TestMethod]
    [DataRow(0, 0), DataRow(0, 1), DataRow(0, 2)]
    [DataRow(1, 0), DataRow(1, 1), DataRow(1, 2)]
    [DataRow(2, 0), DataRow(2, 1), DataRow(2, 2)]
    public async Task PUBLISH_AtEveryQoS_ArrivesOnceAtTheLowerOfBothQoS(int published, int granted)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("qos");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = granted }, topic);

        await MosquittoPub.Send(broker, topic, "21.5", published);
        await MosquittoPub.Send(broker, topic, "end", published);

        ReceivedMessage message = Assert.ContainsSingle(await subscriber.MessagesBefore("end"));
        Assert.AreEqual((topic, "21.5", Math.Min(published, granted), false), (message.Topic, message.Text, message.QoS, message.Retain));
    }

    [TestMethod]
    public async Task PUBLISH_EveryByteValue_ArrivesUnchanged()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("bytes");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);
        byte[] payload = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        await MosquittoPub.SendBytes(broker, topic, payload, qos: 1);

        Assert.AreSequenceEqual(payload, (await subscriber.Messages.WaitForCount(1))[0].Payload);
    }

    [TestMethod]
    public async Task PUBLISH_EmptyPayload_Arrives()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("empty");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);

        await MosquittoPub.SendNothing(broker, topic, qos: 1);

        Assert.IsEmpty((await subscriber.Messages.WaitForCount(1))[0].Payload);
    }

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(2)]
    public async Task PUBLISH_AThousandFromOneClient_ArriveInOrder(int qos)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("order");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = qos }, topic);
        string[] sent = [.. Enumerable.Range(1, 1000).Select(number => $"message {number}")];

        await MosquittoPub.SendLines(broker, topic, sent, qos);

        string[] received = [.. (await subscriber.Messages.WaitForCount(sent.Length)).Select(message => message.Text)];
        Assert.AreSequenceEqual(sent, received);
    }

    [TestMethod]
    public async Task PUBLISH_TopicOfUnicodeAndSpaces_ArrivesUnchanged()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = $"{Unique.Name("unicode")}/Küche links/温度/🌡";
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);

        await MosquittoPub.Send(broker, topic, "19 °C", qos: 1);

        ReceivedMessage message = (await subscriber.Messages.WaitForCount(1))[0];
        Assert.AreEqual((topic, "19 °C"), (message.Topic, message.Text));
    }

    [TestMethod]
    public async Task PUBLISH_ToAHundredClients_EachGetsItsOwnAndTheCommonOne()
    {
        const int Clients = 100;
        BrokerUnderTest broker = await SharedBroker.Get();
        string parent = Unique.Name("hundred");
        MosquittoSub[] subscribers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number =>
            MosquittoSub.Start(broker, new SubscriberOptions { QoS = 1 }, $"{parent}/own/{number}", $"{parent}/common")));
        try
        {
            await using RawMqtt publisher = await RawMqtt.Connect(broker, Unique.Name("pub"));
            await publisher.Send([.. Enumerable.Range(0, Clients).Select(number =>
                RawBytes.Publish($"{parent}/own/{number}", $"for {number}", qos: 1, packetId: number + 1))]);
            await publisher.Send(RawBytes.Publish($"{parent}/common", "for all", qos: 1, packetId: Clients + 1));

            for (int number = 0; number < Clients; number++)
            {
                string[] texts = [.. (await subscribers[number].Messages.WaitForCount(2)).Select(message => message.Text)];
                Assert.AreSequenceEqual([$"for {number}", "for all"], texts);
            }

            await publisher.Packets.WaitForCount(1 + Clients + 1);
            Assert.HasCount(Clients + 1, publisher.Packets.Items.Where(packet => packet.Type == RawType.PubAck));
        }
        finally
        {
            await Task.WhenAll(subscribers.Select(subscriber => subscriber.DisposeAsync().AsTask()));
        }
    }

    [TestMethod]
    public async Task PUBLISH_QoS2SentAgainBeforePUBREL_IsDeliveredOnce()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("qos2");
        string clientId = Unique.Name("pub");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 1 }, topic);
        await using (RawMqtt first = await RawMqtt.Connect(broker, clientId, clean: false))
        {
            await first.Send(RawBytes.Publish(topic, "once", qos: 2, packetId: 7));
            Assert.AreEqual(7, (await first.Next(RawType.PubRec)).PacketId);
        }

        // The client lost its connection before it saw the PUBREC, say, and does what [MQTT-4.4.0-1] asks.
        await using RawMqtt second = await RawMqtt.Connect(broker, clientId, clean: false);
        await second.Send(RawBytes.Publish(topic, "once", qos: 2, packetId: 7, dup: true));
        Assert.AreEqual(7, (await second.Next(RawType.PubRec)).PacketId);
        await second.Send(RawBytes.PubRel(7));
        Assert.AreEqual(7, (await second.Next(RawType.PubComp)).PacketId);
        await second.Send(RawBytes.Publish(topic, "end"));

        Assert.ContainsSingle(await subscriber.MessagesBefore("end"));
    }
}
