namespace DeviceMqtt.EndToEnd.Tests.Standard;

[TestClass]
public sealed class TopicFilterTests
{
    [TestMethod]
    [DataRow("+", "a", "a/b")]
    [DataRow("a/+", "a/b", "a/b/c")]
    [DataRow("a/+/c", "a/b/c", "a/b/d")]
    [DataRow("a/+", "a/", "a")]
    [DataRow("+/+", "/b", "a")]
    [DataRow("a/#", "a", "b")]
    [DataRow("a/#", "a/b/c/d", "ab/c")]
    [DataRow("a/+/#", "a/b", "a")]
    [DataRow("a/b", "a/b", "A/b")]
    public async Task SUBSCRIBE_WithWildcards_MatchesByLevels(string filter, string matching, string other)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string parent = Unique.Name("wild");
        string marker = Unique.Name("marker");
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, $"{parent}/{filter}", marker);

        await MosquittoPub.Send(broker, $"{parent}/{other}", "other", qos: 1);
        await MosquittoPub.Send(broker, $"{parent}/{matching}", "matching", qos: 1);
        await MosquittoPub.Send(broker, marker, "end", qos: 1);

        ReceivedMessage message = Assert.ContainsSingle(await subscriber.MessagesBefore("end"));
        Assert.AreEqual($"{parent}/{matching}", message.Topic);
    }

    [TestMethod]
    [DataRow("#"), DataRow("+/state")]
    public async Task SUBSCRIBE_WithWildcardFirst_DoesNotMatchTopicsThatBeginWithDollar(string filter)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string name = Unique.Name("dollar");
        await using MosquittoSub everything = await MosquittoSub.Start(broker, filter);
        await using MosquittoSub explicitly = await MosquittoSub.Start(broker, $"${name}/state");

        await MosquittoPub.Send(broker, $"${name}/state", "hidden", qos: 1);
        Assert.AreEqual("hidden", (await explicitly.Messages.WaitForCount(1))[0].Text);
        await MosquittoPub.Send(broker, $"{name}/state", "end", qos: 1);

        Assert.DoesNotContain("hidden", (await everything.MessagesBefore("end")).Select(message => message.Text), "[MQTT-4.7.2-1]");
    }

    [TestMethod]
    public async Task SUBSCRIBE_SeveralFiltersInOnePacket_EachIsGrantedAndWorks()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string[] topics = [.. Enumerable.Range(0, 10).Select(_ => Unique.Name("many"))];
        await using RawMqtt client = await RawMqtt.Connect(broker, Unique.Name("client"));

        await client.Send(RawBytes.Subscribe(5, qos: 1, topics));
        Assert.AreSequenceEqual(Enumerable.Repeat((byte)1, topics.Length), (await client.Next(RawType.SubAck)).Body[2..]);

        foreach (string topic in topics)
        {
            await MosquittoPub.Send(broker, topic, topic);
            Assert.AreEqual(topic, (await client.Next(RawType.Publish)).Text);
        }
    }

    [TestMethod]
    [DataRow("a/#/b"), DataRow("a#"), DataRow("a+/b"), DataRow("")]
    public async Task SUBSCRIBE_FilterAgainstTheRules_ConnectionClosed(string filter)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.Connect(broker, Unique.Name("client"));

        await client.Send(RawBytes.Subscribe(1, qos: 0, filter));

        await client.WaitForClose();
    }
}
