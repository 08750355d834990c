using System.Collections.Concurrent;
using DeviceMqtt.Broker.Routing;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Messages of one topic that take more than a turn each, from several publishers: everybody has them in the order in which they were published, and at the end the state that is retained.</summary>
[TestClass]
internal sealed class FanOutOrderTests
{
    private const int Subscribers = 100;
    private readonly ConcurrentQueue<Jobs> _soon = new();

    private static async Task<List<TestClient>> SubscribeAsync(TestBroker gateway, QoS qos, bool isDurable = false)
    {
        List<TestClient> clients = [];
        for (int i = 0; i < Subscribers; i++)
        {
            clients.Add(isDurable ? await gateway.ConnectDurableAsync($"client {i}") : await gateway.ConnectAsync($"client {i}"));
            _ = await clients[i].SubscribeAsync("w", qos);
        }

        return clients;
    }

    // From now on messages stop after a slice, and go on when the test says so.
    private void Hold(TestBroker gateway)
    {
        gateway.Broker.Turn.Jobs.RunSoon = _soon.Enqueue;
        StopSoon(gateway);
    }

    private static void StopSoon(TestBroker gateway) => gateway.Look(static b => (b.FanOuts.PerLook, b.FanOuts.StopsAtEachLook) = (10, true));

    // What is read only now goes out by itself.
    private async Task GoOnAsync(TestBroker gateway)
    {
        _ = gateway.Look(static b => b.Turn.Jobs.RunSoon = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false));
        while (_soon.TryDequeue(out Jobs? jobs))
            jobs.Execute();
        await Patience.Until(() => gateway.Look(static b => (b.FanOuts.Count, b.FanOuts.Bytes)) == (0, 0L), "the end of what is under way");
    }

    private static Task UnderWayAsync(TestBroker gateway, int count) => Patience.Until(() => gateway.Look(static b => b.FanOuts.Count) == count, $"{count} messages under way");

    private static async Task ExpectAsync(TestClient client, params string[] payloads)
    {
        List<ReceivedPublish> received = [];
        foreach (string payload in payloads)
        {
            received.Add(await client.ReceivePublishAsync());
            Assert.AreEqual(payload, received[^1].Payload);
        }

        foreach (ReceivedPublish publish in received)
            await client.AcknowledgeAsync(publish.QoS, publish.PacketId);
        await client.ExpectNothingAsync();
    }

    // What is not acknowledged was left in its line, and what comes behind it and has to be on the disk was given to those who may come back for it at once.
    [TestMethod]
    public async Task ProgramsMessage_BehindOneOfQoS0_DurableSessionsHaveItLast()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtLeastOnce, isDurable: true);
        TestClient board = await gateway.ConnectAsync("board");
        Hold(gateway);
        await board.SendPublishAsync("w", "online", QoS.AtMostOnce, retain: true);
        await UnderWayAsync(gateway, 1);
        gateway.Mqtt.Publish("w", "offline"u8, QoS.AtLeastOnce, retain: true);
        await GoOnAsync(gateway);
        foreach (TestClient client in clients)
            await ExpectAsync(client, "online", "offline");
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce, false), DataRow(QoS.AtLeastOnce, false), DataRow(QoS.AtLeastOnce, true), DataRow(QoS.ExactlyOnce, true)]
    public async Task Retained_OfThreePublishers_EverybodyHasThemInTheirOrder(QoS qos, bool isDurable)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, qos, isDurable);
        TestClient first = await gateway.ConnectAsync("first");
        TestClient third = await gateway.ConnectAsync("third");
        TestClient board = await gateway.ConnectAsync("board", will: new WillMessage { Topic = "w", Payload = "4"u8.ToArray(), QoS = qos, Retain = true });
        Hold(gateway);
        await first.SendPublishAsync("w", "1", qos, retain: true);
        await UnderWayAsync(gateway, 1);
        gateway.Mqtt.Publish("w", "2"u8, qos, retain: true);
        await third.SendPublishAsync("w", "3", qos, retain: true);
        await UnderWayAsync(gateway, 3);
        await board.DropAsync();
        await UnderWayAsync(gateway, 4);
        await GoOnAsync(gateway);
        foreach (TestClient client in clients)
            await ExpectAsync(client, "1", "2", "3", "4");
        TestClient late = await gateway.ConnectAsync("late");
        await late.SubscribeAsync("w");
        await ExpectAsync(late, "4");
    }

    // It has the newest by its new subscription, and those before it by the old one.
    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce)]
    public async Task Retained_OneSubscribesOnceMoreMeanwhile_ItHasNoOlderStateAfterANewerOne(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, qos);
        Hold(gateway);
        gateway.Mqtt.Publish("w", "1"u8, qos, retain: true);
        gateway.Mqtt.Publish("w", "2"u8, qos, retain: true);
        await UnderWayAsync(gateway, 2);
        _ = await clients[^1].SubscribeAsync("+", qos);
        await GoOnAsync(gateway);
        await ExpectAsync(clients[^1], "1", "2", "2");
        await ExpectAsync(clients[0], "1", "2");
    }

    // Nothing more for who has unsubscribed, or is gone.
    [TestMethod]
    public async Task Program_SomeLeaveMeanwhile_TheOthersHaveIt()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtLeastOnce);
        Hold(gateway);
        gateway.Mqtt.Publish("w", "1"u8, QoS.AtLeastOnce);
        await UnderWayAsync(gateway, 1);
        _ = await clients[^1].UnsubscribeAsync("w");
        await clients[^2].DisconnectAsync();
        await clients[^2].WaitForEndAsync();
        await GoOnAsync(gateway);
        await clients[^1].ExpectNothingAsync();
        foreach (TestClient client in clients[..^2])
            await ExpectAsync(client, "1");
    }

    // It is not read before, and what it has sent behind comes behind.
    [TestMethod]
    public async Task Client_MessageIsUnderWay_ItIsAnsweredBehindAllAndIsNotSilent()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce);
        TestClient publisher = gateway.Open();
        _ = await publisher.ConnectAsync("publisher", keepAliveSeconds: 10);
        Hold(gateway);
        await publisher.SendPublishAsync("w", "1", QoS.AtLeastOnce);
        await UnderWayAsync(gateway, 1);
        await publisher.SendPublishAsync("w", "2", QoS.AtLeastOnce);
        gateway.Advance(30);
        Assert.IsNull(publisher.TryReceiveNow());
        await GoOnAsync(gateway);
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, 1);
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, 2);
        foreach (TestClient client in clients)
            await ExpectAsync(client, "1", "2");
    }

    // What cannot wait goes out at once where there is no room, behind what is under way.
    [TestMethod]
    public async Task Program_MoreThanMayBeUnderWay_TheRestGoesOutAtOnceAndIsCounted()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce);
        Hold(gateway);
        for (int i = 0; i < FanOuts.CountMax; i++)
            gateway.Mqtt.Publish("w", "x"u8);
        Assert.AreEqual((FanOuts.CountMax, 0L), (gateway.Look(static b => b.FanOuts.Count), gateway.Counters.WideAtOnce));
        Assert.IsFalse(gateway.Look(static b => b.FanOuts.HasRoomFor(null)));
        gateway.Mqtt.Publish("w", "last"u8);
        Assert.AreEqual((0, 1L), (gateway.Look(static b => b.FanOuts.Count), gateway.Counters.WideAtOnce));
        await GoOnAsync(gateway);
        foreach (TestClient client in clients)
            await ExpectAsync(client, [.. Enumerable.Repeat("x", FanOuts.CountMax), "last"]);
    }

    [TestMethod]
    public async Task Program_UnderWay_CountsAsMemoryUntilAllHaveIt()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce);
        long Used() => gateway.Look(static b => b.Owners[Broker.Budgets.Good.Memory].Used);
        long before = Used();
        Hold(gateway);
        gateway.Mqtt.Publish("w", new byte[10_000]);
        Assert.IsGreaterThan(before + 10_000, Used());
        await GoOnAsync(gateway);
        await ExpectAsync(clients[0], new string('\0', 10_000));
        await Patience.Until(() => Used() == before, "its memory back");
    }

    [TestMethod]
    public async Task Will_NoRoomForWhatWouldBeLeft_WaitsForIt()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce);
        TestClient board = await gateway.ConnectAsync("board", will: new WillMessage { Topic = "will", Payload = "gone"u8.ToArray() });
        _ = await clients[0].SubscribeAsync("will");
        Hold(gateway);
        for (int i = 0; i < FanOuts.CountMax; i++)
            gateway.Mqtt.Publish("w", "x"u8);
        await board.SendAsync([0xFF, 0]);
        await Patience.Until(() => gateway.Look(static b => b.Turn.Jobs.Count) == 2, "the end of the board beside what is under way");
        Assert.IsNotNull(gateway.Look(static b => b.Sessions.Find("board")));
        await GoOnAsync(gateway);
        await board.WaitForEndAsync();
        int gone = 0;
        for (int i = 0; i <= FanOuts.CountMax; i++)
            gone += (await clients[0].ReceivePublishAsync()).Payload == "gone" ? 1 : 0; // as soon as there is room
        Assert.AreEqual((1, 0L), (gone, gateway.Counters.WideAtOnce));
    }

    // It is not in the first turn of the message that it is noticed.
    [TestMethod]
    public async Task Client_SubscriberOfALaterTurnIsSlow_ThePublisherIsHeldBack()
    {
        await using TestBroker gateway = TestBroker.Start(static l => (l.QueueMessagesMax, l.InflightMax) = (10, 1));
        _ = await SubscribeAsync(gateway, QoS.AtMostOnce);
        TestClient slow = await gateway.ConnectAsync("slow");
        _ = await slow.SubscribeAsync("w", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        StopSoon(gateway);
        for (int i = 0; i < 6; i++)
            _ = await publisher.PublishAsync("w", $"{i}", QoS.AtLeastOnce);
        Assert.IsTrue(gateway.Look(static b => b.Sessions.Find("slow")!.HoldsBackPublishers));
        _ = await publisher.SendPublishAsync("w", "held", QoS.AtLeastOnce);
        await slow.SendAsync(PingPackets.PingReq.ToArray());
        while ((await slow.ReceiveAsync()).Type != PacketType.PingResp)
        {
        }

        Assert.AreEqual(6, gateway.Counters.MessagesReceived);
        gateway.Advance(1.1);
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, 7);
    }

    // What its first turn has kept: that it is retained, and at QoS 2 its Packet Identifier.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task Client_MessageIsUnderWay_ItIsAnsweredWhenWhatItsFirstTurnKeptIsOnTheDisk(QoS qos)
    {
        SlowCustody? custody = null;
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        Hold(gateway);
        custody!.IsFast = false;
        await publisher.SendPublishAsync("w", "1", qos, retain: true);
        await UnderWayAsync(gateway, 1);
        await GoOnAsync(gateway);
        foreach (TestClient client in clients)
            await ExpectAsync(client, "1");
        long packets = gateway.Counters.Clients.PacketsReceived;
        await publisher.SendAsync(PingPackets.PingReq.ToArray());
        await Patience.Until(() => gateway.Look(b => b.Counters.Clients.PacketsReceived) == packets + 1, "what it has sent behind");
        Assert.IsNull(publisher.TryReceiveNow());
        custody.Catch();
        _ = await publisher.ExpectAckAsync(qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, 1);
    }
}
