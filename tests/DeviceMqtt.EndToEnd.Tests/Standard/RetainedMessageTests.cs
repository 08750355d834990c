namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class RetainedMessageTests
{
    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(2)]
    public async Task SUBSCRIBE_AfterARetainedPUBLISH_GetsItWithRETAIN(int qos)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("retained");
        await MosquittoPub.Send(broker, topic, "kept", qos, retain: true);

        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = qos }, topic);

        ReceivedMessage message = (await subscriber.Messages.WaitForCount(1))[0];
        Assert.AreEqual(("kept", qos, true), (message.Text, message.QoS, message.Retain));
    }

    [TestMethod]
    public async Task PUBLISH_RetainedToAnExistingSubscription_ArrivesWithoutRETAIN()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("retained");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);

        await MosquittoPub.Send(broker, topic, "live", qos: 1, retain: true);

        Assert.IsFalse((await subscriber.Messages.WaitForCount(1))[0].Retain, "[MQTT-3.3.1-9]");
    }

    [TestMethod]
    public async Task PUBLISH_RetainedTwice_OnlyTheLastIsKept()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("retained");
        await MosquittoPub.Send(broker, topic, "first", qos: 1, retain: true);
        await MosquittoPub.Send(broker, topic, "second", qos: 1, retain: true);

        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);
        await MosquittoPub.Send(broker, topic, "end", qos: 1);

        Assert.AreEqual("second", Assert.ContainsSingle(await subscriber.MessagesBefore("end")).Text);
    }

    [TestMethod]
    public async Task PUBLISH_RetainedWithEmptyPayload_RemovesWhatWasKept()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string parent = Unique.Name("retained");
        await MosquittoPub.Send(broker, $"{parent}/a", "gone soon", qos: 1, retain: true);
        await MosquittoPub.Send(broker, $"{parent}/b", "stays", qos: 1, retain: true);
        await MosquittoPub.SendNothing(broker, $"{parent}/a", qos: 1, retain: true);

        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, $"{parent}/#");
        await MosquittoPub.Send(broker, $"{parent}/c", "end", qos: 1);

        Assert.AreEqual("stays", Assert.ContainsSingle(await subscriber.MessagesBefore("end")).Text);
    }

    [TestMethod]
    public async Task PUBLISH_NotRetained_LeavesTheRetainedMessageAlone()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("retained");
        await MosquittoPub.Send(broker, topic, "kept", qos: 1, retain: true);
        await MosquittoPub.Send(broker, topic, "passing", qos: 1);

        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, topic);
        await MosquittoPub.Send(broker, topic, "end", qos: 1);

        Assert.AreEqual("kept", Assert.ContainsSingle(await subscriber.MessagesBefore("end")).Text);
    }

    [TestMethod]
    public async Task SUBSCRIBE_WithWildcard_GetsEveryRetainedMessageBelow()
    {
        const int Topics = 50;
        BrokerUnderTest broker = await SharedBroker.Get();
        string parent = Unique.Name("retained");
        await using (RawMqtt publisher = await RawMqtt.Connect(broker, Unique.Name("pub")))
        {
            await publisher.Send([.. Enumerable.Range(0, Topics).Select(number =>
                RawBytes.Publish($"{parent}/{number}/state", $"{number}", qos: 1, packetId: number + 1, retain: true))]);
            await publisher.Packets.WaitForCount(1 + Topics);
        }

        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, $"{parent}/+/state");
        await MosquittoPub.Send(broker, $"{parent}/end/state", "end");

        int[] numbers = [.. (await subscriber.MessagesBefore("end")).Select(message => int.Parse(message.Text)).Order()];
        Assert.AreSequenceEqual(Enumerable.Range(0, Topics), numbers);
    }
}
