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
        custody.IsFull = false;
        await publisher.SendPublishAsync("t", "x", QoS.AtLeastOnce);
        custody.Catch();
        Assert.AreEqual(ReasonCode.Success, (await publisher.ReceiveAckAsync(PacketType.PubAck)).Reason);
    }
}
