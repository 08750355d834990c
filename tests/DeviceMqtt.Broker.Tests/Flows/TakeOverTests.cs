using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A second connection with the same Client Identifier: [MQTT-3.1.4-2] of 3.1.1, [MQTT-3.1.4-3] of 5.0.</summary>
[TestClass]
internal sealed class TakeOverTests
{
    private static WillMessage Will(uint delaySeconds = 0) => new()
    {
        Topic = "presence/board",
        Payload = "false"u8.ToArray(),
        QoS = QoS.AtLeastOnce,
        Properties = new WillProperties { DelaySeconds = delaySeconds },
    };

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task CONNECT_Received_SameClientId_OlderConnectionClosed(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("board", version);
        TestClient young = await gateway.ConnectAsync("board", version);
        await old.ExpectCloseAsync(CloseReason.SessionTakenOver, version == ProtocolVersion.V5 ? ReasonCode.SessionTakenOver : null);
        await young.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Look(b => b.Sessions.Count));
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.SessionTakenOver));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task CONNECT_Received_SameClientId_OldWillBeforeNewConnAck(bool clean)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("board", clean: clean, will: Will());

        // The one who watches is the new connection itself: what reaches it first is the order things happened in.
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient young = gateway.Open();
        await young.ConnectAsync("board", clean);
        Assert.AreEqual("presence/board", (await watcher.ReceivePublishAndAckAsync()).Topic);
        await young.PublishAsync("presence/board", "true");
        Assert.AreEqual("true", (await watcher.ReceivePublishAsync()).Payload, "the Will of the old connection came after what the new one says");
        await old.WaitForEndAsync();
    }

    // The old connection has said DISCONNECT, and its end is still to be settled when the new CONNECT is handled: the Will is
    // dropped all the same, and nobody is shown offline who is there.
    [TestMethod]
    public async Task CONNECT_Received_OlderConnectionSaidDisconnectAlready_ItsWillIsNotPublished() // [MQTT-3.1.2-10]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("presence/+", QoS.AtLeastOnce);
        TestClient old = await gateway.ConnectAsync("board", will: Will());
        using (gateway.Broker.Turn.Enter())
        {
            gateway.Broker.Sessions.Find("board")!.Connection!.Close(CloseReason.ClientDisconnected);
            gateway.ReceiveInTurn(new ConnectPacket { ClientId = "board" });
        }

        await old.WaitForEndAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, old.CloseReason);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_Received_SameClientId_EndOfTheOldTouchesNothingOfTheNew()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("board");
        await old.SubscribeAsync("old");
        TestClient young = await gateway.ConnectAsync("board", will: Will());
        await young.SubscribeAsync("new");
        await old.WaitForEndAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("old", "for nobody");
        await publisher.PublishAsync("new", "for the new connection");
        Assert.AreEqual("for the new connection", (await young.ReceivePublishAsync()).Payload);
        Assert.IsTrue(gateway.Look(b => b.Sessions.Find("board")!.IsConnected));
        Assert.IsNotNull(gateway.Look(b => b.Sessions.Find("board")!.Will));
    }

    [TestMethod]
    public async Task CONNECT_Received_SameClientIdAndSession_InflightSentAgain()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectDurableAsync("board");
        await old.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("t", "1", QoS.AtLeastOnce);
        ushort packetId = (await old.ReceivePublishAsync()).PacketId;

        TestClient young = await gateway.ConnectDurableAsync("board");
        ReceivedPublish again = await young.ReceivePublishAndAckAsync();
        Assert.AreEqual(packetId, again.PacketId);
        Assert.IsTrue(again.Dup);
        await young.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_Received_SameSessionBeforeWillDelay_WillNotSent() // [MQTT-3.1.3-9] of 5.0
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#");
        await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 30));
        TestClient young = await gateway.ConnectDurableAsync("board", ProtocolVersion.V5);
        gateway.Advance(60);
        await watcher.ExpectNothingAsync();
        await young.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_Received_CleanStartBeforeWillDelay_WillSentAsTheSessionEnds()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#");
        await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, will: Will(delaySeconds: 30));
        await gateway.ConnectDurableAsync("board", ProtocolVersion.V5, clean: true);
        Assert.AreEqual("presence/board", (await watcher.ReceivePublishAsync()).Topic);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_Received_ManyTimesInARow_OnlyTheLastLives()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = [];
        for (int i = 0; i < 20; i++)
        {
            gateway.Advance(11); // slower than a fight
            clients.Add(await gateway.ConnectDurableAsync("board", i % 2 == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5));
        }

        foreach (TestClient old in clients[..^1])
            await old.ExpectCloseAsync(CloseReason.SessionTakenOver, old.Version == ProtocolVersion.V5 ? ReasonCode.SessionTakenOver : null);
        await clients[^1].ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Look(_ => gateway.Table.Count));
    }
}
