using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>The <c>from</c> of a command is the client that publishes it: a device answers to it, and knows a command again by it.</summary>
[TestClass]
internal sealed class ForgedSenderTests
{
    [TestMethod]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"other"}""")]
    [DataRow("""{"from":"other","cmd":"relay.set","id":"1"}""")]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"oth\u0065r","args":{"on":true}}""", DisplayName = "escaped")]
    [DataRow("""{"cmd":"relay.set","from":"other"}""", DisplayName = "without id: the error would go to the other")]
    public async Task Command_FromAnother_RefusedWithTheReasonAndCounted(string command)
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient device = await broker.ConnectAsync("device");
        TestClient sender = await broker.ConnectAsync("app", ProtocolVersion.V5);
        ushort id = await sender.SendPublishAsync("dm/p2p/device", command, QoS.AtLeastOnce);
        ReceivedAck ack = await sender.ReceiveAckAsync(PacketType.PubAck);
        Assert.AreEqual((id, ReasonCode.NotAuthorized), (ack.PacketId, ack.Reason));
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.SenderForged));
    }

    [TestMethod]
    public async Task Command_FromAnother_V311AcknowledgedAndNotDelivered()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient device = await broker.ConnectAsync("device");
        TestClient sender = await broker.ConnectAsync("app");
        await sender.PublishAsync("dm/p2p/device", """{"id":"1","cmd":"relay.set","from":"other"}""", QoS.AtLeastOnce);
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.SenderForged));
    }

    [TestMethod]
    public async Task Command_OfMoreBytesThanADeviceTakes_LookedAtAllTheSame()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient device = await broker.ConnectAsync("device");
        TestClient sender = await broker.ConnectAsync("app", ProtocolVersion.V5);
        string command = $$"""{"id":"1","cmd":"x","args":{"text":"{{new string('x', 20_000)}}"},"from":"other"}""";
        Assert.AreEqual(ReasonCode.NotAuthorized, await sender.PublishAsync("dm/p2p/device", command, QoS.AtLeastOnce));
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("""{"id":"1","cmd":"relay.set","from":"app"}""", DisplayName = "the truth")]
    [DataRow("""{"id":"1","cmd":"relay.set"}""", DisplayName = "nothing")]
    [DataRow("""{"id":"1","st":"ok","code":0}""", DisplayName = "an answer")]
    [DataRow("""{"from":"Bob","text":"hello"}""", DisplayName = "no command")]
    [DataRow("from other", DisplayName = "no JSON")]
    [DataRow("")]
    public async Task Message_OtherThanThat_Delivered(string payload)
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient device = await broker.ConnectAsync("device");
        await (await broker.ConnectAsync("app")).PublishAsync("dm/p2p/device", payload, QoS.AtLeastOnce);
        Assert.AreEqual(payload, (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ClientRole.Operator, true)] // mosquitto_sub listens, mosquitto_pub sends
    [DataRow(ClientRole.Device, false)]
    [DataRow(ClientRole.Monitor, false)]
    public async Task Command_FromAnotherConnectionOfItsUser_DeliveredWhereItIsAnOperator(ClientRole role, bool isDelivered)
    {
        await using TestBroker broker = TestBroker.Start(limits: null, ground => ground.Access = new EverybodyIs(role));
        TestClient device = await broker.ConnectAsync("device");
        _ = await broker.ConnectAsync("listener");
        const string Command = """{"id":"1","cmd":"relay.set","from":"listener"}""";
        await (await broker.ConnectAsync("app")).PublishAsync("dm/p2p/device", Command, QoS.AtLeastOnce);
        if (isDelivered)
            Assert.AreEqual(Command, (await device.ReceivePublishAndAckAsync()).Payload);
        else
            await device.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Command_OfAGatewayBelow_SpeaksForItsClients()
    {
        await using TestBroker broker = TestBroker.Start(limits: null, ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient device = await broker.ConnectAsync("device");
        const string Command = """{"id":"1","cmd":"relay.set","from":"app-behind-it"}""";
        await (await broker.ConnectAsync("gateway")).PublishAsync("dm/p2p/device", Command, QoS.AtLeastOnce);
        Assert.AreEqual(Command, (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Message_OnAnOrdinaryTopic_NotLookedAt()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient watcher = await broker.ConnectAsync("watcher");
        await watcher.SubscribeAsync("t");
        await (await broker.ConnectAsync("app")).PublishAsync("t", """{"id":"1","cmd":"x","from":"other"}""", QoS.AtLeastOnce);
        Assert.AreEqual("t", (await watcher.ReceivePublishAsync()).Topic);
    }
}
