using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>A message for which there will never be room, whatever is read from the disk: it is refused for good, and goes to nobody.</summary>
[TestClass]
internal sealed class LargeMessageTests
{
    private const int LargestEver = 5_000;

    private static readonly string Large = new('x', LargestEver);

    private static async Task<(TestBroker Broker, SlowCustody Custody, TestClient Here)> StartAsync()
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(null, ground => ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true, LargestEver = LargestEver });
        TestClient absent = await broker.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t", QoS.ExactlyOnce);
        await absent.DropAsync();
        TestClient here = await broker.ConnectAsync("here");
        _ = await here.SubscribeAsync("t");
        return (broker, made!, here);
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanCanEverBeKept_5_0_RefusedWithAWordAndTheNextIsTaken(QoS qos)
    {
        (TestBroker broker, SlowCustody custody, TestClient here) = await StartAsync();
        await using TestBroker owned = broker;
        TestClient board = await broker.ConnectAsync("board", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.ImplementationSpecificError, await board.PublishAsync("t", Large, qos));
        Assert.AreEqual(ReasonCode.Success, await board.PublishAsync("t", "next", qos));
        Assert.AreEqual("next", (await here.ReceivePublishAsync()).Payload);
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.LargerThanJournal));
        Assert.HasCount(1, custody.Held);
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanCanEverBeKept_3_1_1_ClosedAsForAPacketThatIsTooLarge(QoS qos)
    {
        (TestBroker broker, SlowCustody custody, TestClient here) = await StartAsync();
        await using TestBroker owned = broker;
        TestClient board = await broker.ConnectAsync("board");
        _ = await board.SendPublishAsync("t", Large, qos);
        await board.WaitForEndAsync();
        Assert.AreEqual(CloseReason.PacketTooLarge, board.CloseReason);
        await here.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.LargerThanJournal));
        Assert.IsEmpty(custody.Held);
    }

    [TestMethod]
    public async Task PUBLISH_LargerThanCanEverBeKept_NobodyDurableWaits_Delivered()
    {
        (TestBroker broker, SlowCustody custody, TestClient here) = await StartAsync();
        await using TestBroker owned = broker;
        _ = await here.SubscribeAsync("other");
        TestClient board = await broker.ConnectAsync("board");
        _ = await board.PublishAsync("other", Large, QoS.AtLeastOnce);
        Assert.AreEqual(Large, (await here.ReceivePublishAsync()).Payload);
        Assert.IsLessThan(LargestEver, custody.LargestAskedFor, "a journal would make room for it");
    }

    // It would go to those who are here each time that it comes again.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanTheRoomOfNow_3_1_1_WaitsAndGoesToNobodyThenToAll(QoS qos)
    {
        (TestBroker broker, SlowCustody custody, TestClient here) = await StartAsync();
        await using TestBroker owned = broker;
        custody.RoomForOne = 1_000;
        TestClient board = await broker.ConnectAsync("board");
        await board.SendPublishAsync("t", Large[..2_000], qos, packetId: 1);
        await board.SendPublishAsync("t", "next", qos, packetId: 2);
        await board.ExpectNothingAsync();
        await here.ExpectNothingAsync();
        custody.RoomForOne = 3_000;
        broker.Advance(2);
        PacketType answer = qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
        await board.ExpectAckAsync(answer, 1);
        await board.ExpectAckAsync(answer, 2);
        Assert.AreEqual(Large[..2_000], (await here.ReceivePublishAsync()).Payload);
        Assert.AreEqual("next", (await here.ReceivePublishAsync()).Payload);
        Assert.HasCount(2, custody.Held);
    }
}
