using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// The bound of a record was that of a packet and 128 bytes, and a larger one was an exception in the middle of a turn. But a record may be larger than any packet: the topic
/// of an alias is not in the packet, a rule makes a topic longer, and a Will was kept when packets might be larger.
/// </summary>
[TestClass]
internal sealed class LargestRecordTests
{
    private const int TextBytesMax = ushort.MaxValue;
    private const int PacketBytesMax = 4096;

    private static BrokerOnDisk Start(MemoryStorage? disk = null, int packetBytesMax = PacketBytesMax) =>
        BrokerOnDisk.StartOn(disk ?? new MemoryStorage(), l => l.PacketBytesMax = packetBytesMax);

    private static string Text(char letter, int bytes = TextBytesMax) => new(letter, bytes);

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_TopicOfAnAliasAndALargePayload_IsKept(QoS qoS)
    {
        await using BrokerOnDisk gateway = Start();
        TestClient away = await gateway.ConnectDurableAsync("s");
        _ = await away.SubscribeAsync("#", QoS.ExactlyOnce);
        await away.DropAsync();
        string topic = Text('t', 3000);
        string payload = Text('x', 4000);
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        _ = await publisher.PublishAsync(topic, "", properties: static p => p.Add(PropertyId.TopicAlias, 1u));
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("", payload, qoS, properties: static p => p.Add(PropertyId.TopicAlias, 1u)));
        TestClient back = await gateway.ConnectDurableAsync("s");
        ReceivedPublish received;
        do
            received = await back.ReceivePublishAndAckAsync();
        while (received.Payload.Length == 0);
        Assert.AreEqual(payload, received.Payload);
        Assert.AreEqual(topic, received.Topic);
    }

    [TestMethod]
    public async Task Rule_MakesTheTopicAsLongAsOneCanBe_IsKept()
    {
        await using BrokerOnDisk gateway = Start();
        gateway.Look(static broker =>
        {
            Publication publication = new()
            {
                Route = broker.Routes.Get(Text('t')),
                QoS = QoS.AtLeastOnce,
                Retain = true,
                Payload = new byte[PacketBytesMax - 8],
                Origin = Origin.Upstream,
                NowMs = broker.Turn.NowMs,
            };
            _ = broker.Publish(ref publication);
            return 0;
        });
        Assert.IsTrue(gateway.Look(static b => b.Retained.Find(Text('t'))!.IsRetainedOnDisk));
    }

    [TestMethod]
    public async Task Will_KeptWhenPacketsMightBeLarger_TheGatewayStartsAndPublishesIt()
    {
        BrokerOnDisk gateway = Start(packetBytesMax: 1024 * 1024);
        WillMessage will = new() { Topic = "w", Payload = Encoding.UTF8.GetBytes(Text('w', 60_000)), QoS = QoS.AtLeastOnce, Retain = true };
        _ = await gateway.ConnectAsync("board", will: will);
        _ = await (await gateway.ConnectAsync("committer")).PublishAsync("c", "x", QoS.AtLeastOnce, retain: true);
        gateway = Start(await gateway.CrashAsync(), packetBytesMax: 128);
        await using BrokerOnDisk restarted = Start(await gateway.CrashAsync(), packetBytesMax: 128);
        Assert.AreEqual(60_000, restarted.Look(static b => b.Retained.Find("w")?.Payload.Length));
    }

    [TestMethod]
    public async Task Will_LargerThanAPacket_IsKeptAndPublished()
    {
        await using BrokerOnDisk gateway = Start();
        WillMessage will = new() { Topic = "w", Payload = Encoding.UTF8.GetBytes(Text('w', 60_000)), QoS = QoS.AtLeastOnce, Retain = true };
        TestClient board = await gateway.ConnectAsync("board", will: will);
        await board.DropAsync();
        Assert.AreEqual(60_000, gateway.Look(static b => b.Retained.Find("w")?.Payload.Length));
    }

    [TestMethod]
    public async Task Publish_OfTheProgram_LargerThanAPacket_IsRefusedBeforeTheTurn()
    {
        await using BrokerOnDisk gateway = Start();
        gateway.Mqtt.Publish("t", new byte[PacketBytesMax - 11], QoS.AtLeastOnce, retain: true);
        Assert.ThrowsExactly<ArgumentException>(() => gateway.Mqtt.Publish("t", new byte[PacketBytesMax], QoS.AtLeastOnce, retain: true));
        Assert.AreEqual(PacketBytesMax - 11, gateway.Look(static b => b.Retained.Find("t")?.Payload.Length));
    }

    // Each thing that can be written, as large as it can be: names and topics of 65,535 bytes each, under the lowest limit for packets.
    [TestMethod]
    public async Task AllKindsOfRecords_AtTheirLargest_FitTheBound()
    {
        const int Packet = 128;
        await using BrokerOnDisk gateway = Start(packetBytesMax: Packet);
        gateway.Look(static broker => WriteAll(broker, broker.Kept()));
        _ = await (await gateway.ConnectAsync("committer")).PublishAsync("c", "x", QoS.AtLeastOnce, retain: true);
        HashSet<RecordKind> seen = [];
        Dictionary<RecordKind, int> tooLarge = [];
        _ = new JournalInspector(gateway.Disk).Inspect((in FoundRecord record) =>
        {
            RecordKind kind = (RecordKind)record.Bytes[0];
            _ = seen.Add(kind);
            // No setting can make a packet larger than MQTT allows: with one of those in place of what was tried here the record is still within the bound.
            int bytes = record.Bytes.Length + (kind == RecordKind.Message ? GatewayLimits.MqttPacketBytesMax - Packet : 0);
            if (bytes > RecordBound.BytesMax)
                tooLarge[kind] = bytes;
        });
        RecordKind[] ofSnapshots = [RecordKind.LedgerCount, RecordKind.OfEndedSession];
        Assert.AreEqual("", string.Join(", ", Enum.GetValues<RecordKind>().Except(seen).Except(ofSnapshots)), "kinds that were not tried");
        Assert.IsEmpty(tooLarge);
    }

    private static int WriteAll(BrokerState broker, JournalCustody custody)
    {
        string client = Text('c');
        string user = Text('u');
        (string topic, byte[] payload) = (Text('t'), new byte[64]); // with the properties a packet of 128 bytes
        ClientIdentity identity = new(client, user, ClientRole.Device);
        Subscriber subscriber = new NamedSubscriber(client);
        Subscription subscription = new(subscriber, TestClient.Filter(Text('f'))) { QoS = QoS.ExactlyOnce, Identifier = 268_435_455 };
        Message Make(QoS qoS) => new()
        {
            Topic = topic,
            TopicUtf8 = Encoding.UTF8.GetBytes(topic),
            Payload = payload,
            Properties = new byte[64],
            QoS = qoS,
            AcceptedMs = broker.Turn.NowMs,
            ExpiresMs = broker.Turn.NowMs + (1L << 50),
        };
        custody.SessionBegan(client, new UserIdentity(user, long.MaxValue), uint.MaxValue, isBridge: true).ForNobody();
        custody.Subscribed(subscription, long.MaxValue).ForNobody();
        custody.RetainedGiven(subscription, long.MaxValue).ForNobody();
        custody.RetainedAllGiven(subscription);
        custody.Unsubscribed(client, subscription.Filter).ForNobody();
        custody.InboundOpened(client, ushort.MaxValue, uint.MaxValue).ForNobody();
        custody.InboundClosed(client, ushort.MaxValue).ForNobody();
        custody.SessionLeft(client, uint.MaxValue);
        custody.SessionEnded(client).ForNobody();
        custody.DeviceKnown(client, new UserIdentity(user, long.MaxValue));
        custody.RoleIs(client, ClientRole.Operator);
        custody.DeviceReachable(client);
        custody.DeviceForgotten(client);
        custody.ClientForgotten(client).ForNobody();
        custody.WillIs(identity, new WillMessage { Topic = topic, Payload = new byte[TextBytesMax], QoS = QoS.ExactlyOnce, Properties = new WillProperties { PublishProperties = new byte[TextBytesMax] } }).ForNobody();
        custody.WillIs(identity, null).ForNobody();
        Message retained = Make(QoS.AtLeastOnce);
        custody.Retain(retained).ForNobody();
        custody.Unretain(retained, isReplaced: false).ForNobody();
        uint[] identifiers = [.. Enumerable.Repeat(268_435_455u, 1_000)];
        Message held = Make(QoS.ExactlyOnce);
        custody.Hold(LedgerClass.Session, client, new QueuedMessage(held, QoS.ExactlyOnce, true, identifiers), out long entry).ForNobody();
        Assert.IsTrue(Entry.IsOnDisk(entry));
        custody.ReceiptOwed(entry, new OwedReceipt(client, user, topic, ReceiptMarks.None));
        custody.Sent(entry, ushort.MaxValue, QoS.ExactlyOnce).ForNobody();
        custody.SetAside(entry, default);
        custody.TakenBack(entry);
        custody.Received(entry, held).ForNobody();
        custody.Settle(entry, null, Outcome.Delivered);
        // What is volatile is said with the clock.
        Message light = new() { Topic = "v", TopicUtf8 = "v"u8.ToArray(), Payload = [], QoS = QoS.AtLeastOnce, IsVolatile = true };
        custody.Hold(LedgerClass.Session, client, new QueuedMessage(light, QoS.AtLeastOnce, false, null), out _).ForNobody();
        custody.KeepTime(isLast: true);
        return 0;
    }

    private sealed class NamedSubscriber(string clientId) : Subscriber(clientId)
    {
        public override bool IsConnected => false;

        public override bool IsBacklogged => false;

        public override int PacketBytesMax => int.MaxValue;

        public override IReadOnlyCollection<Subscription> Subscriptions => [];
    }
}
