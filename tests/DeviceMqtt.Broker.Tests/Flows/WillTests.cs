using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>The Will Message: sections 3.1.2.5 and 3.1.3.2.</summary>
[TestClass]
internal sealed class WillTests
{
    private static WillMessage Will(QoS qos = QoS.AtLeastOnce, bool retain = false, uint delaySeconds = 0, byte[]? properties = null, string topic = "presence/board") => new()
    {
        Topic = topic,
        Payload = "false"u8.ToArray(),
        QoS = qos,
        Retain = retain,
        Properties = new WillProperties { DelaySeconds = delaySeconds, PublishProperties = properties ?? [] },
    };

    private static async Task<TestClient> WatchAsync(TestBroker gateway, ProtocolVersion version = ProtocolVersion.V311)
    {
        TestClient watcher = await gateway.ConnectAsync("watcher", version);
        await watcher.SubscribeAsync("presence/+", QoS.ExactlyOnce);
        return watcher;
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V31)]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Will_ConnectionDropped_Published(ProtocolVersion version) // [MQTT-3.1.2-8]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectAsync("board", version, will: Will());
        await board.DropAsync();
        ReceivedPublish will = await watcher.ReceivePublishAndAckAsync();
        Assert.AreEqual(("presence/board", "false", QoS.AtLeastOnce, false), (will.Topic, will.Payload, will.QoS, will.Retain));
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Will_ConnectionReset_Published()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectAsync("board", will: Will());
        await board.ResetAsync();
        Assert.AreEqual("false", (await watcher.ReceivePublishAsync()).Payload);
        Assert.AreEqual(CloseReason.ClientGone, board.CloseReason);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Will_Disconnect_NotPublished(ProtocolVersion version) // [MQTT-3.1.2-10]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectDurableAsync("board", version, will: Will());
        await board.DisconnectAsync();
        gateway.Advance(24 * 3600);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(ReasonCode.DisconnectWithWillMessage)]
    [DataRow(ReasonCode.UnspecifiedError)]
    [DataRow(ReasonCode.QuotaExceeded)]
    public async Task Will_DisconnectWithAnotherReasonThanNormal_Published(ReasonCode reason) // 5.0 sections 3.1.2.5 and 3.14.4: only 0x00 discards it
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectAsync("board", ProtocolVersion.V5, will: Will());
        await board.DisconnectAsync(reason);
        Assert.AreEqual("false", (await watcher.ReceivePublishAsync()).Payload);
        Assert.AreEqual(CloseReason.ClientDisconnectedWithWill, board.CloseReason);
    }

    [TestMethod]
    public async Task Will_ProtocolBroken_Published() // section 3.1.2.5: the server closes because of a protocol error
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectAsync("board", will: Will());
        await board.SendAsync([0x00, 0x00]);
        await board.WaitForEndAsync();
        Assert.AreEqual("false", (await watcher.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Will_Retained_Kept() // [MQTT-3.1.2-17]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient board = await gateway.ConnectAsync("board", will: Will(retain: true));
        await board.PublishAsync("presence/board", "true", QoS.AtLeastOnce, retain: true);
        await board.DropAsync();
        TestClient watcher = await WatchAsync(gateway);
        ReceivedPublish will = await watcher.ReceivePublishAsync();
        Assert.AreEqual(("false", true), (will.Payload, will.Retain));
    }

    [TestMethod]
    public async Task Will_Delay_PublishedWhenItIsOver() // 5.0 section 3.1.3.2.2
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 30));
        await board.DropAsync();
        gateway.Advance(29);
        await watcher.ExpectNothingAsync();
        gateway.Advance(1);
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        gateway.Advance(7200);
        await watcher.ExpectNothingAsync(); // once only, also when the Session ends
    }

    [TestMethod]
    public async Task Will_DelayAndClientBackInTime_NotPublished() // [MQTT-3.1.3-9]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 30));
        await board.DropAsync();
        gateway.Advance(29);
        TestClient again = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
        await again.DropAsync(); // the new connection has no Will
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Will_DelayLongerThanTheSession_PublishedAtItsEnd() // whichever happens first
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = gateway.Open(ProtocolVersion.V5);
        await board.ConnectAsync("board", will: Will(delaySeconds: 600), properties: new ConnectProperties { SessionExpirySeconds = 10 });
        await board.DropAsync();
        gateway.Advance(9);
        await watcher.ExpectNothingAsync();
        gateway.Advance(1);
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        gateway.Advance(600);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Will_DelayButNoSession_PublishedAtOnce()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 600));
        await board.DropAsync();
        Assert.AreEqual("false", (await watcher.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Will_DisconnectThatEndsTheSession_NotPublished()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 5));
        await board.DisconnectAsync(sessionExpirySeconds: 0);
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Will_Properties_Forwarded() // 5.0 section 3.1.3.2
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway, ProtocolVersion.V5);
        PropertyWriter properties = new();
        properties.Add(PropertyId.ContentType, "application/json");
        properties.Add(PropertyId.MessageExpiryInterval, 90u);
        properties.Add(new UserProperty("why", "gone"));
        TestClient board = await gateway.ConnectAsync("board", ProtocolVersion.V5, will: Will(properties: properties.Written.ToArray()));
        await board.DropAsync();
        ReceivedPublish will = await watcher.ReceivePublishAsync();
        Assert.AreEqual(90u, will.MessageExpirySeconds);
        CollectionAssert.AreEqual(new[] { "application/json", "", "why=gone" }, will.Properties.ConvertAll(p => p.Text));
    }

    [TestMethod]
    public async Task Will_OnATopicOfTheGateway_DroppedAndCounted()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("$SYS/#");
        TestClient board = await gateway.ConnectAsync("board", will: Will(topic: "$SYS/broker/uptime"));
        await board.DropAsync();
        await watcher.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.ReservedTopic));
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task Will_TopicWithTooManyLevels_ConnectionRefused(ProtocolVersion version) // a retained one would bring the topic tree to its knees
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient board = gateway.Open(version);
        ConnAckPacket connAck = await board.ConnectAsync("board", will: Will(topic: new string('/', 60_000), retain: true));
        Assert.AreEqual(version == ProtocolVersion.V5 ? (byte)ReasonCode.TopicNameInvalid : (byte)ConnectReturnCode.NotAuthorized, connAck.Code);
        await board.ExpectCloseAsync(CloseReason.TopicNameInvalid);
    }

    [TestMethod]
    public async Task Will_RefusedConnection_NotPublished() // [MQTT-3.1.2-7]: stored with an accepted connection only
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient board = gateway.Open();
        Assert.AreNotEqual(0, (await board.ConnectAsync("p2p", will: Will())).Code);
        await board.WaitForEndAsync();
        await watcher.ExpectNothingAsync();
    }
}
