namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class TakeOverTests
{
    [TestMethod]
    public async Task CONNECT_ClientIdInUse_OldConnectionClosedAndItsWillPublished()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("twin");
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 1 }, topic);
        await using RawMqtt old = await RawMqtt.Connect(broker, clientId, will: new Will(topic, "taken over", QoS: 1));

        await using RawMqtt young = await RawMqtt.Connect(broker, clientId);

        await old.WaitForClose();
        Assert.AreEqual("taken over", (await watcher.Messages.WaitForCount(1))[0].Text);
        await young.Send(RawBytes.PingReq);
        await young.Next(RawType.PingResp);
    }

    [TestMethod]
    public async Task CONNECT_ClientIdOfARunningMosquittoSub_ItIsDisconnectedAndComesBack()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("twin");
        string topic = Unique.Name("topic");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, new SubscriberOptions { ClientId = clientId }, topic);
        int connectedBefore = subscriber.Log.Count;

        // Not a mosquitto_pub: when it is slow, mosquitto_sub is back before it has published, and ends it.
        await using RawMqtt twin = await RawMqtt.Connect(broker, clientId);

        // It only reconnects because its connection ended; then it has a subscription again.
        await subscriber.Log.WaitFor(line => line.StartsWith("Subscribed (mid:", StringComparison.Ordinal), "a second SUBACK", connectedBefore);
        await MosquittoPub.Send(broker, topic, "after", qos: 1);
        Assert.AreEqual("after", (await subscriber.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    public async Task CONNECT_ClientIdInUseTwentyTimesAtOnce_OneConnectionIsLeft()
    {
        const int Connections = 20;
        BrokerUnderTest broker = await SharedBroker.Get();
        string clientId = Unique.Name("twin");
        string topic = Unique.Name("topic");
        RawMqtt[] twins = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => RawMqtt.Open(broker)));
        try
        {
            await Task.WhenAll(twins.Select(twin => twin.SendUntilClosed(
                [.. RawBytes.Connect(clientId), .. RawBytes.Subscribe(1, 0, topic)])));
            await Task.WhenAll(twins.Select(twin => Task.WhenAny(
                twin.Packets.WaitFor(packet => packet.Type == RawType.ConnAck, "CONNACK"), twin.WaitForClose())));

            // A newcomer takes over from whoever won, so all twenty must end.
            await using RawMqtt last = await RawMqtt.Connect(broker, clientId);
            await Task.WhenAll(twins.Select(twin => twin.WaitForClose()));
            await last.Send(RawBytes.PingReq);
            await last.Next(RawType.PingResp);
        }
        finally
        {
            await Task.WhenAll(twins.Select(twin => twin.DisposeAsync().AsTask()));
        }
    }

    // Most of it still lies in the kernel when the new CONNECT comes: the gateway reads by 4 KB.
    [TestMethod]
    public async Task CONNECT_OldConnectionHasJustSentMuchAndDisconnect_AllOfItCountsAndItsWillDoesNot()
    {
        const int Rounds = 30;
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("last");
        byte[] much = [.. Enumerable.Repeat(RawBytes.Publish(Unique.Name("nobody"), new string('x', 2000)), 100).SelectMany(static bytes => bytes)];
        await using RawMqtt watcher = await RawMqtt.Connect(broker, Unique.Name("watcher"));
        await watcher.Subscribe(topic, qos: 0);
        for (int i = 0; i < Rounds; i++)
        {
            string clientId = Unique.Name("twin");
            await using RawMqtt old = await RawMqtt.Connect(broker, clientId, will: new Will(topic, "the Will"));
            await using RawMqtt young = await RawMqtt.Open(broker);
            await old.Send(much, RawBytes.Publish(topic, $"{i}"), RawBytes.Disconnect);
            await young.Send(RawBytes.Connect(clientId));
            await young.Next(RawType.ConnAck);
            await old.WaitForClose();
        }

        await using RawMqtt marker = await RawMqtt.Connect(broker, Unique.Name("marker"));
        await marker.Send(RawBytes.Publish(topic, "end"));
        for (int i = 0; i < Rounds; i++)
            Assert.AreEqual($"{i}", (await watcher.Next(RawType.Publish)).Text);
        Assert.AreEqual("end", (await watcher.Next(RawType.Publish)).Text);
    }
}
