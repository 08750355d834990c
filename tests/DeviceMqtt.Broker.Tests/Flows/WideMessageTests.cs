using System.Buffers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A large message for many: one turn writes a slice of it, and others have theirs in between. Counted are bytes that one turn writes.</summary>
[TestClass]
internal sealed class WideMessageTests
{
    private const int Subscribers = 12;
    private const int MessageBytes = 400_000;
    private const int PacketBytesMost = MessageBytes + 100;
    private static readonly string Large = new('x', MessageBytes);

    [TestMethod]
    [DataRow(QoS.AtMostOnce, QoS.AtMostOnce, "wide")]
    [DataRow(QoS.AtLeastOnce, QoS.AtLeastOnce, "wide")]
    [DataRow(QoS.AtLeastOnce, QoS.AtMostOnce, "wide")]
    [DataRow(QoS.ExactlyOnce, QoS.AtMostOnce, "wide")]
    [DataRow(QoS.AtMostOnce, QoS.AtMostOnce, "$share/{0}/wide")]
    [DataRow(QoS.ExactlyOnce, QoS.AtMostOnce, "$share/{0}/wide")]
    public async Task Publish_LargeForMany_NoTurnWritesMoreThanItsSlice(QoS published, QoS subscribed, string filter)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, subscribed, filter);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.Clients.BytesSent);
        ReasonCode code = await publisher.PublishAsync("wide", Large, published);
        foreach (TestClient client in clients)
            Assert.AreEqual(MessageBytes, (await client.ReceivePublishAndAckAsync()).Payload.Length);
        Assert.AreEqual(ReasonCode.Success, code);
        Assert.IsLessThanOrEqualTo(Broker.Turns.Turn.WrittenBytesMax + PacketBytesMost, most());
        Assert.AreEqual(1, gateway.Counters.MessagesReceived);
        Assert.AreEqual(Subscribers, gateway.Counters.MessagesSent);
    }

    // A Will, what the program says itself, what is retained, and what goes to Sessions that outlive their connections.
    [TestMethod]
    [DataRow("will", QoS.AtMostOnce, false), DataRow("will", QoS.AtLeastOnce, false), DataRow("will", QoS.AtLeastOnce, true)]
    [DataRow("program", QoS.AtMostOnce, false), DataRow("program", QoS.ExactlyOnce, false), DataRow("program", QoS.ExactlyOnce, true)]
    [DataRow("retained", QoS.AtMostOnce, false), DataRow("retained", QoS.AtLeastOnce, true), DataRow("retained", QoS.ExactlyOnce, false), DataRow("retained", QoS.ExactlyOnce, true)]
    public async Task Message_LargeForMany_NoTurnWritesMoreThanItsSlice(string entrance, QoS qos, bool isDurable)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, qos, "wide", isDurable);
        TestClient publisher = await gateway.ConnectAsync("publisher", will: entrance == "will" ? new WillMessage { Topic = "wide", Payload = System.Text.Encoding.UTF8.GetBytes(Large[..60_000]), QoS = qos } : null);
        Func<long> most = gateway.MostInOneTurn(() => gateway.Counters.Clients.BytesSent);
        int bytes = MessageBytes;
        if (entrance == "will")
        {
            bytes = 60_000;
            for (int i = 0; i < Subscribers; i++) // twelve would fit a turn
                clients.AddRange(await SubscribeAsync(gateway, qos, "wide", isDurable, from: clients.Count));
            await publisher.DropAsync();
        }
        else if (entrance == "program")
        {
            gateway.Mqtt.Publish("wide", System.Text.Encoding.UTF8.GetBytes(Large), qos);
        }
        else
        {
            Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("wide", Large, qos, retain: true));
        }

        foreach (TestClient client in clients)
            Assert.AreEqual(bytes, (await client.ReceivePublishAndAckAsync()).Payload.Length);
        Assert.IsLessThanOrEqualTo(Broker.Turns.Turn.WrittenBytesMax + PacketBytesMost, most());
        Assert.AreEqual(clients.Count, gateway.Counters.MessagesSent);
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task Publish_SeveralLargeForMany_EachHasThemInTheirOrder(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, qos, "wide");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 4; i++)
            _ = await publisher.SendPublishAsync("wide", $"{i}{(i % 2 == 0 ? Large : "")}", qos);
        foreach (TestClient client in clients)
            for (int i = 0; i < 4; i++)
                Assert.AreEqual('0' + i, (await client.ReceivePublishAndAckAsync()).Payload[0]);
        if (qos != QoS.AtMostOnce)
            for (int i = 1; i <= 4; i++)
                _ = await publisher.ExpectAckAsync(PacketType.PubAck, (ushort)i);
    }

    // It has said all that it wanted to, and is gone.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Publish_LargeForManyAndThePublisherIsGone_AllHaveIt(bool isReset)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.SendAsync(static writer =>
        {
            writer.Write(PingPackets.PingReq);
            PublishPacket.Write(writer, ProtocolVersion.V311, "wide"u8, [], System.Text.Encoding.UTF8.GetBytes(Large), QoS.AtMostOnce, retain: false, dup: false, packetId: 0);
        });
        await (isReset ? publisher.ResetAsync() : publisher.DropAsync());
        foreach (TestClient client in clients)
            Assert.AreEqual(MessageBytes, (await client.ReceivePublishAsync()).Payload.Length);
    }

    [TestMethod]
    public async Task Publish_LargeForManyAndTheGatewayClosesThePublisher_AllHaveIt()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        OnceAtTheEndOfATurn(gateway, () => gateway.Broker.Sessions.Find("publisher")!.Connection!.Close(CloseReason.EndedByOperator));
        _ = await publisher.SendPublishAsync("wide", Large);
        foreach (TestClient client in clients)
            Assert.AreEqual(MessageBytes, (await client.ReceivePublishAsync()).Payload.Length);
        await publisher.WaitForEndAsync();
    }

    // [MQTT-3.10.4-3]: nothing more for who has unsubscribed.
    [TestMethod]
    public async Task Publish_LargeForManyAndTheLastUnsubscribes_ItGetsNothing()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        OnceAtTheEndOfATurn(gateway, () =>
        {
            foreach (Session session in Sessions(gateway))
                gateway.Broker.Subscriptions.Remove(session, TestClient.Filter("wide"), out _).ForNobody();
        });
        _ = await publisher.SendPublishAsync("wide", Large);
        await publisher.ExpectNothingAsync();
        int have = 0;
        foreach (TestClient client in clients)
        {
            await client.SendAsync(PingPackets.PingReq.ToArray());
            have += (await client.ReceiveAsync()).Type == PacketType.Publish ? 1 : 0;
        }

        Assert.IsTrue(have is > 0 and <= 4, $"{have} have it");
    }

    // One of the group is to have it: not nobody, because the one whose turn it was is gone. A message of QoS 2 that was to be on the disk for that one goes at QoS 0.
    [TestMethod]
    [DataRow(QoS.AtMostOnce, QoS.AtLeastOnce, false, QoS.AtMostOnce), DataRow(QoS.AtLeastOnce, QoS.AtLeastOnce, false, QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce, QoS.AtMostOnce, false, QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce, QoS.AtMostOnce, true, QoS.AtMostOnce)]
    public async Task Publish_LargeForManyAndTheChosenOfAGroupUnsubscribes_AnotherOfTheGroupHasIt(QoS published, QoS ofChosen, bool isDurable, QoS received)
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient chosen = await gateway.ConnectAsync("chosen");
        await chosen.SubscribeAsync("$share/g/wide", ofChosen);
        TestClient other = isDurable ? await gateway.ConnectDurableAsync("other") : await gateway.ConnectAsync("other");
        await other.SubscribeAsync("$share/g/wide", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        OnceAtTheEndOfATurn(gateway, () => gateway.Broker.Subscriptions.Remove(gateway.Broker.Sessions.Find("chosen")!, TestClient.Filter("$share/g/wide"), out _).ForNobody());

        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("wide", Large, published));

        await publisher.ExpectNothingAsync();
        await chosen.ExpectNothingAsync();
        await other.SendAsync(PingPackets.PingReq.ToArray());
        ReceivedPacket packet = await other.ReceiveAsync();
        Assert.AreEqual(PacketType.Publish, packet.Type, "nobody of the group has it");
        Assert.AreEqual(received, ReceivedPublish.From(packet, other.Version).QoS);
        foreach (TestClient client in clients)
            Assert.AreEqual(MessageBytes, (await client.ReceivePublishAsync()).Payload.Length);
    }

    // The group was gone from the tree in between, and another one of its name is there.
    [TestMethod]
    public async Task Publish_LargeForManyAndTheOnlyOneOfAGroupGoesAndAnotherComes_ThatOneHasIt()
    {
        await using TestBroker gateway = TestBroker.Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient chosen = await gateway.ConnectAsync("chosen");
        await chosen.SubscribeAsync("$share/g/wide", QoS.AtMostOnce);
        TestClient other = await gateway.ConnectAsync("other");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TopicFilter filter = TestClient.Filter("$share/g/wide");
        OnceAtTheEndOfATurn(gateway, () =>
        {
            gateway.Broker.Subscriptions.Remove(gateway.Broker.Sessions.Find("chosen")!, filter, out _).ForNobody();
            Session session = gateway.Broker.Sessions.Find("other")!;
            Assert.IsTrue(gateway.Broker.Subscriptions.TryAdd(session, new Subscription(session, filter) { QoS = QoS.AtMostOnce }, owedUpTo: null, out _));
        });
        _ = await publisher.SendPublishAsync("wide", Large);
        await publisher.ExpectNothingAsync();
        await chosen.ExpectNothingAsync();
        await other.SendAsync(PingPackets.PingReq.ToArray());
        Assert.AreEqual(PacketType.Publish, (await other.ReceiveAsync()).Type, "nobody of the group has it");
        foreach (TestClient client in clients)
            Assert.AreEqual(MessageBytes, (await client.ReceivePublishAsync()).Payload.Length);
    }

    [TestMethod]
    public async Task Publish_LargeForManyAndNobodyOfAGroupIsLeft_IsCounted()
    {
        await using TestBroker gateway = TestBroker.Start();
        _ = await SubscribeAsync(gateway, QoS.AtMostOnce, "wide");
        TestClient chosen = await gateway.ConnectAsync("chosen");
        await chosen.SubscribeAsync("$share/g/wide", QoS.AtMostOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        OnceAtTheEndOfATurn(gateway, () => gateway.Broker.Subscriptions.Remove(gateway.Broker.Sessions.Find("chosen")!, TestClient.Filter("$share/g/wide"), out _).ForNobody());
        _ = await publisher.SendPublishAsync("wide", Large);
        await publisher.ExpectNothingAsync();
        await chosen.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.SessionEnded));
    }

    // Acknowledged when the last of them has it: on the disk it is one message.
    [TestMethod]
    public async Task Publish_LargeForManyDurable_IsAcknowledgedWhenAllAreWrittenDown()
    {
        SlowCustody? custody = null;
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        for (int i = 0; i < Subscribers; i++)
        {
            TestClient client = await gateway.ConnectDurableAsync($"client {i}");
            _ = await client.SubscribeAsync("wide", QoS.AtLeastOnce);
        }

        TestClient publisher = await gateway.ConnectAsync("publisher");
        custody!.IsFast = false;
        _ = await publisher.SendPublishAsync("wide", Large, QoS.AtLeastOnce);
        await Patience.Until(() => gateway.Look(_ => custody.Held.Count) == Subscribers, "all of them in custody");
        Assert.IsNull(publisher.TryReceiveNow());
        custody.Catch();
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, 1);
        Assert.HasCount(1, custody.Messages);
    }

    private static IEnumerable<Session> Sessions(TestBroker gateway) =>
        Enumerable.Range(0, Subscribers).Select(i => gateway.Broker.Sessions.Find($"client {i}")!);

    private static async Task<List<TestClient>> SubscribeAsync(TestBroker gateway, QoS qos, string filter, bool isDurable = false, int from = 0)
    {
        List<TestClient> clients = [];
        for (int i = from; i < from + Subscribers; i++)
        {
            TestClient client = isDurable ? await gateway.ConnectDurableAsync($"client {i}") : await gateway.ConnectAsync($"client {i}");
            _ = await client.SubscribeAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, filter, i), qos);
            clients.Add(client);
        }

        return clients;
    }

    private static void OnceAtTheEndOfATurn(TestBroker gateway, Action act)
    {
        Action? atEnd = gateway.Broker.Turn.AtEnd;
        gateway.Broker.Turn.AtEnd = () =>
        {
            if (gateway.Counters.Clients.BytesSent > MessageBytes)
                Interlocked.Exchange(ref act, static () => { })();
            atEnd?.Invoke();
        };
    }
}
