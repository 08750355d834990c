using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>A 3.x client on a full custody cannot be told: its messages wait, and all that gives room or shows life is read all the same.</summary>
[TestClass]
internal sealed class FullCustodyTests
{
    private static TestBroker Start(out SlowCustody custody, Action<GatewayLimits>? limits = null)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits, ground => ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        custody = made!;
        return broker;
    }

    // A board that was away, with one message in custody, and comes back when there is no room for more.
    private static async Task<TestClient> ReturnAsync(TestBroker broker, SlowCustody custody, QoS qos = QoS.AtLeastOnce)
    {
        TestClient board = await broker.ConnectDurableAsync("board");
        _ = await board.SubscribeAsync("t", qos);
        await board.DropAsync();
        TestClient other = await broker.ConnectAsync("other");
        _ = await other.PublishAsync("t", "kept", qos);
        custody.IsFull = true;
        return await broker.ConnectDurableAsync("board");
    }

    [TestMethod]
    public async Task PUBLISH_BeforeItsAcknowledgements_TheyAreReadAndItFollows()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await ReturnAsync(broker, custody);
        ReceivedPublish kept = await board.ReceivePublishAsync();
        ushort packetId = await board.SendPublishAsync("t", "own", QoS.AtLeastOnce);
        await board.ExpectNothingAsync(); // PINGREQ is answered
        await board.SendAckAsync(PacketType.PubAck, kept.PacketId);
        Assert.Contains("settle 1 delivered", custody.Calls);

        custody.IsFull = false;
        broker.Advance(2);
        HashSet<PacketType> received = [(await board.ReceiveAsync()).Type, (await board.ReceiveAsync()).Type];
        CollectionAssert.AreEquivalent(new[] { PacketType.PubAck, PacketType.Publish }, received.ToArray(), $"of {packetId}");
    }

    [TestMethod]
    public async Task PUBREC_BehindPUBLISH_ReadAndAnswered()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await ReturnAsync(broker, custody, QoS.ExactlyOnce);
        ReceivedPublish kept = await board.ReceivePublishAsync();
        _ = await board.SendPublishAsync("t", "own", QoS.ExactlyOnce);
        await board.SendAckAsync(PacketType.PubRec, kept.PacketId);
        await board.ExpectAckAsync(PacketType.PubRel, kept.PacketId);
        await board.SendAckAsync(PacketType.PubComp, kept.PacketId);
        Assert.Contains("settle 1 delivered", custody.Calls);
    }

    [TestMethod]
    public async Task Mailbox_CommandTakenBackWithoutAnyRoom_RefusedAndWaits()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        await (await broker.ConnectAsync("dev")).DropAsync();
        TestClient app = await broker.ConnectAsync("app");
        _ = await app.PublishAsync("dm/p2p/dev", """{"id":"1","cmd":"ping","from":"app","ttl":100}""", QoS.AtLeastOnce);

        foreach (bool hasRoom in (bool[])[false, true])
        {
            custody.HasNoReserve = !hasRoom;
            (bool isFound, bool isNoRoom, int left) = broker.Look(b =>
            {
                Mailbox mailbox = b.Mailboxes.Find("dev")!;
                bool found = mailbox.TryTakeBack(Assert.ContainsSingle(mailbox.NotHandedOver()), out Kept kept);
                return (found, kept.IsNoRoom, mailbox.Count);
            });
            Assert.AreEqual((true, !hasRoom, hasRoom ? 0 : 1), (isFound, isNoRoom, left));
            Assert.AreEqual(hasRoom ? 1 : 0, broker.Counters.Dropped(DropReason.DroppedByOperator));
        }
    }

    [TestMethod]
    public async Task PUBLISH_SeveralFindNoRoom_FollowInOrder()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient absent = await broker.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t/#", QoS.ExactlyOnce);
        await absent.DropAsync();
        TestClient board = await broker.ConnectAsync("board");
        custody.IsFull = true;
        await board.SendPublishAsync("t/1", "x", QoS.AtLeastOnce, packetId: 1);
        await board.SendPublishAsync("t/2", "x", QoS.ExactlyOnce, packetId: 2);
        await board.SendPublishAsync("t/3", "x");
        await board.SendPublishAsync("t/4", "x", QoS.AtLeastOnce, packetId: 4);
        await board.ExpectNothingAsync();
        Assert.DoesNotContain("open board 2", custody.Calls);
        custody.IsFull = false;
        _ = await broker.ConnectAsync("anybody"); // no second goes by: the turn that finds room is enough
        await board.ExpectAckAsync(PacketType.PubAck, 1);
        await board.ExpectAckAsync(PacketType.PubRec, 2);
        await board.ExpectAckAsync(PacketType.PubAck, 4);
        CollectionAssert.AreEqual(new[] { "hold absent t/1", "hold absent t/2", "hold absent t/4" }, custody.Calls.Where(c => c.StartsWith("hold", StringComparison.Ordinal)).ToArray());
        await board.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task DISCONNECT_BehindPUBLISH_Read()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient board = await ReturnAsync(broker, custody);
        _ = await board.ReceivePublishAsync();
        _ = await board.SendPublishAsync("t", "own", QoS.AtLeastOnce);
        _ = await board.SendPublishAsync("t", "of no promise");
        await board.DisconnectAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, board.CloseReason);
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.JournalFull));
        Assert.Contains("dropped JournalFull Client 'board' on 't'", broker.Log.Lines);
    }

    [TestMethod]
    public async Task JournalFullBytesMax_Exceeded_AcknowledgementsAreReadAndThenItIsClosed()
    {
        await using TestBroker broker = Start(out SlowCustody custody, l => l.JournalFullBytesMax = 200);
        TestClient board = await ReturnAsync(broker, custody);
        ReceivedPublish kept = await board.ReceivePublishAsync();
        string payload = new('x', 90);
        for (int i = 0; i < 5; i++)
            _ = await board.SendPublishAsync("t", payload, QoS.AtLeastOnce);
        await board.SendAckAsync(PacketType.PubAck, kept.PacketId);
        await board.ExpectNothingAsync();
        Assert.Contains("settle 1 delivered", custody.Calls);
        broker.Advance(2);
        await board.ExpectCloseAsync(CloseReason.QuotaExceeded);

        // Others are not the poorer for it.
        TestClient again = await broker.ConnectAsync("again");
        _ = await again.SendPublishAsync("t", payload, QoS.AtLeastOnce);
        await again.ExpectNothingAsync();
        custody.IsFull = false;
        broker.Advance(2);
        _ = await again.ReceiveAckAsync(PacketType.PubAck);
    }

    // A gateway below makes its link anew and sends again what was refused: what was under way behind it would be in front.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task PUBLISH_OfAGatewayBelow_BehindOneOfItsTopicThatFoundNoRoom_RefusedToo(bool isAlone)
    {
        await using TestBroker broker = StartAboveGateways(out SlowCustody custody);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient below = await ConnectGatewayAsync(broker);
        custody.IsFull = true;
        Assert.AreEqual(ReasonCode.QuotaExceeded, await below.PublishAsync("t", "1", QoS.AtLeastOnce, properties: p => p.Add(isAlone ? AloneMark.Property : new UserProperty("x", "y"))));
        custody.IsFull = false;
        Assert.AreEqual(isAlone ? ReasonCode.Success : ReasonCode.QuotaExceeded, await below.PublishAsync("t", "2", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.Success, await below.PublishAsync("other", "3", QoS.AtLeastOnce));
        await below.DropAsync();
        below = await ConnectGatewayAsync(broker);
        Assert.AreEqual(ReasonCode.Success, await below.PublishAsync("t", "4", QoS.AtLeastOnce, properties: static p => p.Add(AloneMark.Property)));
        foreach (string payload in (string[])(isAlone ? ["2", "3", "4"] : ["3", "4"]))
        {
            ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
            Assert.AreEqual(payload, publish.Payload);
            Assert.IsEmpty(publish.Properties, "the mark is for this gateway alone");
        }
    }

    // At QoS 0 subscribers get the very bytes of the packet, unless something of it is for this gateway alone.
    [TestMethod]
    public async Task PUBLISH_OfAGatewayBelow_AloneAtQoS0_SubscribersDoNotGetTheMark()
    {
        await using TestBroker broker = StartAboveGateways(out _);
        TestClient subscriber = await broker.ConnectAsync("subscriber", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("#");
        TestClient below = await ConnectGatewayAsync(broker);
        _ = await below.SendPublishAsync("t", "1", QoS.AtMostOnce, properties: static p => p.Add(AloneMark.Property));
        Assert.IsEmpty((await subscriber.ReceivePublishAsync()).Properties);
    }

    [TestMethod]
    public async Task PUBLISH_OfAGatewayBelow_RefusedOnManyLongTopics_TheyCountAndAreGivenBack()
    {
        await using TestBroker broker = StartAboveGateways(out SlowCustody custody);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber", ProtocolVersion.V5);
        _ = await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        long before = broker.Look(static b => b.Owners[Good.Memory].Used);
        TestClient below = await ConnectGatewayAsync(broker);
        custody.IsFull = true;
        const int topicCharacters = 60_000;
        for (int i = 0; i < 5; i++)
            _ = await below.PublishAsync(new string((char)('a' + i), topicCharacters), "x", QoS.AtLeastOnce);
        Assert.IsGreaterThan(before + (5 * 2 * topicCharacters), broker.Look(static b => b.Owners[Good.Memory].Used));
        await below.DropAsync();
        custody.IsFull = false;
        Assert.IsLessThan(before + topicCharacters, broker.Look(static b => b.Owners[Good.Memory].Used));
    }

    // Others decide for themselves what they do with what was refused.
    [TestMethod]
    public async Task PUBLISH_OfAClientOf5_BehindOneThatFoundNoRoom_Accepted()
    {
        await using TestBroker broker = Start(out SlowCustody custody);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _ = await subscriber.SubscribeAsync("#", QoS.AtLeastOnce);
        TestClient client = await broker.ConnectAsync("client", ProtocolVersion.V5);
        custody.IsFull = true;
        Assert.AreEqual(ReasonCode.QuotaExceeded, await client.PublishAsync("t", "1", QoS.AtLeastOnce));
        custody.IsFull = false;
        Assert.AreEqual(ReasonCode.Success, await client.PublishAsync("t", "2", QoS.AtLeastOnce));
    }

    private static TestBroker StartAboveGateways(out SlowCustody custody)
    {
        SlowCustody? made = null;
        TestBroker broker = TestBroker.Start(limits: null, ground =>
        {
            ground.Custody = made = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true };
            ground.Access = new EverybodyIs(ClientRole.Bridge);
        });
        custody = made!;
        return broker;
    }

    private static Task<TestClient> ConnectGatewayAsync(TestBroker broker) =>
        broker.ConnectAsync("below", ProtocolVersion.V5, properties: new ConnectProperties { UserProperties = [BridgeMark.Property] });
}
