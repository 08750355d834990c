using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>The broker on a custody that is slow or full: no acknowledgement leaves before what it promises is kept.</summary>
[TestClass]
internal sealed class CustodyPortTests
{
    private static TestBroker Start(out SlowCustody custody)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits: null, ground => ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn));
        custody = made!;
        return broker;
    }

    // An absent client that everything waits for.
    private static async Task SubscribeAndLeaveAsync(TestBroker broker, SlowCustody custody, QoS qos)
    {
        TestClient subscriber = broker.Open();
        Task<ConnAckPacket> connecting = subscriber.ConnectAsync("absent", clean: false);
        await Patience.Until(() => custody.Calls.Contains("session absent"), "the Session in custody");
        Assert.IsFalse(connecting.IsCompleted, "CONNACK left before the Session was kept");
        custody.Catch();
        _ = await connecting;
        Task<ReasonCode> subscribing = subscriber.SubscribeAsync("t", qos);
        await Patience.Until(() => custody.Calls.Contains("subscribed absent t"), "the subscription in custody");
        Assert.IsFalse(subscribing.IsCompleted, "SUBACK left before the subscription was kept");
        custody.Catch();
        _ = await subscribing;
        await subscriber.DropAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_SomebodyAbsentWaits_AcknowledgedWhenTheCustodyHasIt(QoS qos)
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, qos);
        TestClient publisher = await broker.ConnectAsync("publisher");
        ushort packetId = await publisher.SendPublishAsync("t", "x", qos);
        Assert.Contains("hold absent t", custody.Calls);
        // What had left already would be read at once.
        Task<ReceivedAck> receiving = publisher.ReceiveAckAsync(qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec);
        Assert.IsFalse(receiving.IsCompleted, "acknowledged before it was kept");
        custody.Catch();
        Assert.AreEqual(packetId, (await receiving).PacketId);
    }

    [TestMethod]
    public async Task PUBLISH_NobodyWaits_AcknowledgedAtOnce()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient publisher = await broker.ConnectAsync("publisher");
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("t", "x", QoS.AtLeastOnce));
        Assert.IsEmpty(custody.Held);
    }

    [TestMethod]
    public async Task PUBLISH_QoS2_MessageAndIdentifierInOneFrame()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, QoS.ExactlyOnce);
        TestClient publisher = broker.Open();
        Task<ConnAckPacket> connecting = publisher.ConnectAsync("publisher", clean: false);
        await Patience.Until(() => custody.Calls.Contains("session publisher"), "the Session in custody");
        custody.Catch();
        _ = await connecting;
        ushort packetId = await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce);
        int begin = custody.Calls.LastIndexOf("{");
        CollectionAssert.AreEqual(new[] { "{", $"open publisher {packetId}", "hold absent t", "}" }, custody.Calls.Skip(begin).Take(4).ToArray());
        custody.Catch();
        _ = await publisher.ReceiveAckAsync(PacketType.PubRec);
    }

    [TestMethod]
    public async Task PUBLISH_CustodyIsFull_RefusedWithQuotaExceeded()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, QoS.AtLeastOnce);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        custody.IsFull = true;
        Assert.AreEqual(ReasonCode.QuotaExceeded, await publisher.PublishAsync("t", "x", QoS.AtLeastOnce));
        Assert.IsEmpty(custody.Held);
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.JournalFull));
        Assert.Contains("dropped JournalFull Client 'publisher' on 't'", broker.Log.Lines);
        custody.IsFull = false;
        await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce);
        custody.Catch();
        Assert.AreEqual(ReasonCode.Success, (await publisher.ReceiveAckAsync(PacketType.PubAck)).Reason);
    }

    [TestMethod]
    public async Task PUBLISH_QoS2AndCustodyIsFull_PUBRECRefusedAndItsPacketIdIsFree()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, QoS.ExactlyOnce);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        custody.IsFull = true;
        ushort id = await publisher.SendPublishAsync("t", "x", QoS.ExactlyOnce);
        Assert.AreEqual(ReasonCode.QuotaExceeded, await publisher.ExpectAckAsync(PacketType.PubRec, id));
        Assert.Contains("dropped JournalFull Client 'publisher' on 't'", broker.Log.Lines);
        custody.IsFull = false;
        _ = await publisher.SendPublishAsync("t", "y", QoS.ExactlyOnce, packetId: id);
        custody.Catch();
        Assert.AreEqual(ReasonCode.Success, await publisher.ExpectAckAsync(PacketType.PubRec, id));
        Assert.HasCount(1, custody.Held);
    }

    [TestMethod]
    public async Task PUBLISH_V311AndCustodyIsFull_NotAcknowledgedUntilThereIsRoom()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, QoS.AtLeastOnce);
        TestClient publisher = await broker.ConnectAsync("publisher");
        custody.IsFull = true;
        ushort id = await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce);
        broker.Advance(2);
        custody.Catch();
        Assert.IsNull(publisher.TryReceiveNow(), "acknowledged without room for it");
        Assert.IsEmpty(custody.Held);
        custody.IsFull = false;
        broker.Advance(2);
        await Patience.Until(() => custody.Held.Count == 1, "the message in custody");
        Assert.IsNull(publisher.TryReceiveNow(), "acknowledged before it was kept");
        custody.Catch();
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, id);
    }

    [TestMethod]
    public async Task SUBSCRIBE_CustodyIsFull_RefusedWithQuotaExceededAndNothingSubscribed()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient client = broker.Open(ProtocolVersion.V5);
        Task<ConnAckPacket> connecting = client.ConnectAsync("client", properties: new ConnectProperties { SessionExpirySeconds = 3600 });
        await Patience.Until(() => custody.Calls.Contains("session client"), "the Session in custody");
        custody.Catch();
        _ = await connecting;
        custody.IsFull = true;
        Assert.AreEqual(ReasonCode.QuotaExceeded, await client.SubscribeAsync("t", QoS.AtLeastOnce));
        Assert.DoesNotContain("subscribed client t", custody.Calls);
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("t", "x", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task CONNECT_CustodyIsFull_OnlyASessionThatStaysIsRefused()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        custody.IsFull = true;
        TestClient refused = broker.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await refused.ConnectAsync("stays", properties: new ConnectProperties { SessionExpirySeconds = 3600 });
        Assert.AreEqual((byte)ReasonCode.QuotaExceeded, connAck.Code);
        await refused.ExpectCloseAsync(CloseReason.QuotaExceeded);
        _ = await broker.ConnectAsync("goes", ProtocolVersion.V5);
    }

    [TestMethod]
    public async Task Custody_HasLostAMessage_ItIsCountedAndTheOthersArriveInOrder()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await SubscribeAndLeaveAsync(broker, custody, QoS.AtLeastOnce);
        TestClient publisher = await broker.ConnectAsync("publisher");
        foreach (string payload in new[] { "a", "b", "c" })
        {
            ushort id = await publisher.SendPublishAsync("t", payload, QoS.AtLeastOnce);
            custody.Catch();
            _ = await publisher.ExpectAckAsync(PacketType.PubAck, id);
        }

        custody.HasLost = message => message.Payload.AsSpan().SequenceEqual("b"u8);
        TestClient subscriber = broker.Open();
        await subscriber.SendConnectAsync("absent", clean: false);
        custody.Catch();
        Assert.IsTrue((await subscriber.ReceiveConnAckAsync()).SessionPresent);
        Assert.AreEqual("a", (await subscriber.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("c", (await subscriber.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.Damaged));
        Assert.Contains("settle 2 Damaged", custody.Calls);
        Assert.IsEmpty(custody.Held);
    }
}
