using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Js;

/// <summary>mqtt.js from npm, in both versions it speaks, over TCP and over WebSockets.</summary>
[TestClass]
public sealed class MqttJsTests
{
    private const string Tcp = "tcp";
    private const string WebSocket = "WebSocket";

    [TestMethod]
    [LongDataRow(Tcp, 4, 0), LongDataRow(Tcp, 4, 1), DataRow(Tcp, 4, 2), LongDataRow(WebSocket, 4, 0), LongDataRow(WebSocket, 4, 1), LongDataRow(WebSocket, 4, 2)]
    [LongDataRow(Tcp, 5, 0), LongDataRow(Tcp, 5, 1), DataRow(Tcp, 5, 2), DataRow(WebSocket, 5, 0), DataRow(WebSocket, 5, 1), DataRow(WebSocket, 5, 2)]
    public async Task PUBLISH_AtEveryQoS_ArrivesOnceAndUnchanged(string transport, int version, int qos)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("js");
        await using MqttJs client = await MqttJs.Connect(AddressOf(broker, transport), new MqttJsOptions { ProtocolVersion = version });
        Assert.AreEqual(qos, await client.Subscribe(topic, qos));
        byte[] payload = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        await client.Publish(topic, payload, qos);
        await client.Publish(topic, Encoding.UTF8.GetBytes("end"), qos);

        IReadOnlyList<ReceivedMessage> messages = await client.Messages.WaitForCount(2);
        Assert.AreSequenceEqual(payload, messages[0].Payload);
        Assert.AreEqual((topic, qos, "end"), (messages[0].Topic, messages[0].QoS, messages[1].Text));
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task PUBLISH_BetweenMqttJsAndMosquitto_ArrivesBothWays(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string toJs = Unique.Name("to-js");
        string toMosquitto = Unique.Name("to-mosquitto");
        await using MosquittoSub mosquitto = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 2 }, toMosquitto);
        await using MqttJs js = await MqttJs.Connect(AddressOf(broker, transport), new MqttJsOptions());
        await js.Subscribe(toJs, qos: 2);

        await js.Publish(toMosquitto, Encoding.UTF8.GetBytes("from js"), qos: 2);
        await MosquittoPub.Send(broker, toJs, "from mosquitto", qos: 2);

        Assert.AreEqual("from js", (await mosquitto.Messages.WaitForCount(1))[0].Text);
        Assert.AreEqual("from mosquitto", (await js.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task PUBLISH_OfManyFrames_ArrivesWhole(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("large");
        await using MqttJs client = await MqttJs.Connect(AddressOf(broker, transport), new MqttJsOptions());
        await client.Subscribe(topic, qos: 1);
        byte[] payload = new byte[700_000];
        new Random(42).NextBytes(payload);

        await client.Publish(topic, payload, qos: 1);

        Assert.AreSequenceEqual(payload, (await client.Messages.WaitForCount(1))[0].Payload);
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task PUBLISH_Retained_LaterSubscriptionGetsIt(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("retained");
        await using MqttJs client = await MqttJs.Connect(AddressOf(broker, transport), new MqttJsOptions());
        await client.Publish(topic, Encoding.UTF8.GetBytes("kept"), qos: 1, retain: true);

        await client.Subscribe(topic, qos: 1);

        ReceivedMessage message = (await client.Messages.WaitForCount(1))[0];
        Assert.AreEqual(("kept", true), (message.Text, message.Retain));
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task Connection_KilledProcess_WillIsPublished(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, new SubscriberOptions { QoS = 1 }, topic);
        await using MqttJs client = await MqttJs.Connect(
            AddressOf(broker, transport), new MqttJsOptions { Will = new Will(topic, "gone", QoS: 1) });

        await client.Kill();

        Assert.AreEqual("gone", (await watcher.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task DISCONNECT_FromMqttJs_WillIsDiscarded(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("will");
        await using MosquittoSub watcher = await MosquittoSub.Start(broker, topic);
        await using MqttJs client = await MqttJs.Connect(
            AddressOf(broker, transport), new MqttJsOptions { Will = new Will(topic, "gone", QoS: 1) });

        await client.End();
        await MosquittoPub.Send(broker, topic, "end", qos: 1);

        Assert.IsEmpty(await watcher.MessagesBefore("end"));
    }

    [TestMethod]
    [DataRow(Tcp, 4), LongDataRow(WebSocket, 4), LongDataRow(Tcp, 5), DataRow(WebSocket, 5)]
    public async Task CONNECT_PersistentSession_MessagesOfItsAbsenceArrive(string transport, int version)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("offline");
        MqttJsOptions options = new() { Clean = false, ProtocolVersion = version };
        await using (MqttJs first = await MqttJs.Connect(AddressOf(broker, transport), options))
        {
            Assert.IsFalse(first.SessionPresent);
            await first.Subscribe(topic, qos: 1);
            await first.Kill();
        }

        await MosquittoPub.SendLines(broker, topic, ["one", "two", "three"], qos: 1);
        await using MqttJs second = await MqttJs.Connect(AddressOf(broker, transport), options);

        Assert.IsTrue(second.SessionPresent);
        Assert.AreSequenceEqual(["one", "two", "three"], (await second.Messages.WaitForCount(3)).Select(message => message.Text).ToArray());
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task Connection_LostUnderMqttJs_ItReconnectsIntoItsSession(string transport)
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("reconnect");
        await using MqttJs client = await MqttJs.Connect(
            AddressOf(broker, transport), new MqttJsOptions { Clean = false, ReconnectPeriodMs = 20 });
        await client.Subscribe(topic, qos: 1);

        await client.Drop();
        await client.Events.WaitFor(name => name == "connect (session present)", "the second CONNACK, session present");
        await MosquittoPub.Send(broker, topic, "after", qos: 1);

        Assert.AreEqual("after", (await client.Messages.WaitForCount(1))[0].Text);
    }

    [TestMethod]
    [DataRow(Tcp), DataRow(WebSocket)]
    public async Task PUBLISH_P2PToMqttJs_ArrivesWithoutASubscription(string transport)
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        MqttJsOptions options = new();
        await using MqttJs client = await MqttJs.Connect(AddressOf(gateway, transport), options);

        await MosquittoPub.Send(gateway, $"dm/p2p/{options.ClientId}", "hello browser", qos: 1);

        ReceivedMessage message = (await client.Messages.WaitForCount(1))[0];
        Assert.AreEqual(($"dm/p2p/{options.ClientId}", "hello browser"), (message.Topic, message.Text));
    }

    private static Uri AddressOf(BrokerUnderTest broker, string transport) =>
        transport == Tcp ? new Uri($"mqtt://{BrokerUnderTest.Host}:{broker.Port}") : broker.WebSocketAddress;
}
