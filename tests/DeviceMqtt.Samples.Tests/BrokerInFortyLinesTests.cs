namespace DeviceMqtt.Samples.Tests;

/// <summary>gateway/samples/BrokerInFortyLines is a whole broker.</summary>
[TestClass]
public sealed class BrokerInFortyLinesTests
{
    private const string Sample = "BrokerInFortyLines";

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public async Task PUBLISH_Sent_SubscriberGetsItWithItsQoS(int qos)
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt subscriber = await RawMqtt.Connect(broker, "subscriber");
        await subscriber.Subscribe("a/#", qos);
        await using RawMqtt publisher = await RawMqtt.Connect(broker, "publisher");

        await publisher.Send(RawBytes.Publish("a/b", "hello", qos, packetId: 7));
        if (qos == 1)
            _ = await publisher.Next(RawType.PubAck);
        if (qos == 2)
        {
            _ = await publisher.Next(RawType.PubRec);
            await publisher.Send(RawBytes.PubRel(7));
            _ = await publisher.Next(RawType.PubComp);
        }

        RawPacket publish = await subscriber.Next(RawType.Publish);
        Assert.AreEqual("hello", publish.Text);
        Assert.AreEqual(qos, publish.QoS);
    }

    [TestMethod]
    public async Task SUBSCRIBE_AfterRetained_GetsIt()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt client = await RawMqtt.Connect(broker, "client");
        await client.Send(RawBytes.Publish("state", "on", qos: 1, packetId: 1, retain: true));
        _ = await client.Next(RawType.PubAck);

        await client.Subscribe("state");

        RawPacket publish = await client.Next(RawType.Publish);
        Assert.IsTrue(publish.Retain);
        Assert.AreEqual("on", publish.Text);
    }

    [TestMethod]
    public async Task Connection_Cut_WillIsPublished()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt subscriber = await RawMqtt.Connect(broker, "subscriber");
        await subscriber.Subscribe("gone");

        await (await RawMqtt.Connect(broker, "mortal", will: new Will("gone", "mortal"))).DisposeAsync();

        Assert.AreEqual("mortal", (await subscriber.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task MosquittoClients_PublishAndSubscribe()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, "sensors/#");

        await MosquittoPub.Send(broker, "sensors/temp", "21.5", qos: 1);

        Assert.AreEqual("21.5", (await subscriber.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task CtrlC_Pressed_EndsWithExitCodeZero()
    {
        await using SampleBroker broker = await SampleBroker.Run(Sample);
        await using RawMqtt client = await RawMqtt.Connect(broker, "client");

        broker.Process.Interrupt();

        Assert.AreEqual(0, await broker.Process.WaitForExit());
    }
}
