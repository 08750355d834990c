namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class WillMessageTests
{
    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(2)]
    public async Task Connection_KilledClient_WillIsPublishedAtItsQoS(int qos)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 2 }, topic);
        await using MosquittoSub doomed = await MosquittoSub.Start(
            broker, new SubscriberOptions { Will = new Will(topic, "offline", qos) }, Unique.Name("other"));

        await doomed.Kill();

        ReceivedMessage will = (await watcher.Messages.WaitForCount(1))[0];
        Assert.AreEqual((topic, "offline", qos, false), (will.Topic, will.Text, will.QoS, will.Retain));
    }

    [TestMethod]
    public async Task Connection_KilledClientWithRetainedWill_LaterSubscriberGetsIt()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, topic);
        await using MosquittoSub doomed = await MosquittoSub.Start(
            broker, new SubscriberOptions { Will = new Will(topic, "false", QoS: 1, Retain: true) }, Unique.Name("other"));

        await doomed.Kill();
        await watcher.Messages.WaitForCount(1);
        await using MosquittoSub late = await MosquittoSub.Start(broker, topic);

        ReceivedMessage will = (await late.Messages.WaitForCount(1))[0];
        Assert.AreEqual(("false", true), (will.Text, will.Retain));
    }

    [TestMethod]
    public async Task DISCONNECT_Received_WillIsDiscarded()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, topic);
        await using MosquittoSub leaving = await MosquittoSub.Start(
            broker, new SubscriberOptions { Will = new Will(topic, "offline", QoS: 1) }, Unique.Name("other"));

        await leaving.Disconnect();
        await MosquittoPub.Send(broker, topic, "end", qos: 1);

        Assert.IsEmpty(await watcher.MessagesBefore("end"), "[MQTT-3.14.4-3]");
    }

    [TestMethod]
    public async Task KeepAlive_OneAndAHalfTimesWithoutAPacket_ConnectionClosedAndWillPublished()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, topic);
        await using RawMqtt silent = await RawMqtt.Connect(
            broker, Unique.Name("silent"), keepAliveSeconds: 1, will: new Will(topic, "silent", QoS: 1));

        await silent.WaitForClose();

        Assert.AreEqual("silent", (await watcher.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task MalformedPacket_Received_WillIsPublished()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, topic);
        await using RawMqtt broken = await RawMqtt.Connect(broker, Unique.Name("broken"), will: new Will(topic, "broken"));

        // SUBSCRIBE with reserved flags 0 instead of 2 [MQTT-3.8.1-1].
        await broken.Send([0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00]);

        Assert.AreEqual("broken", (await watcher.Messages.WaitForCount(1))[0].Text);
    }
}
