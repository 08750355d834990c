using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// A message from upstream that the journal has no room for, although it has room for others. It was left without an acknowledgement, as if the journal was full: so the link
/// was made anew each second, the message came each time, and nothing behind it ever arrived.
/// </summary>
[TestClass]
public sealed class RelayLargeTests
{
    private const int Mebibyte = 1024 * 1024;

    // Of 32 MiB one segment is written, two are spares, and one is the reserve.
    private const int LargerThanTheJournal = 25 * Mebibyte;
    private const int LargerThanWhatIsLeft = 9 * Mebibyte;

    private static Task<TestRelay> StartAsync(string protocol, MemoryStorage? disk = null) => TestRelay.StartAsync(
        o => (o.Protocol, o.Rules) = (protocol, [new RelayRule { Direction = RelayDirection.In, Filter = "down/#" }]),
        l => (l.JournalBytesMax, l.JournalFreeBytesMin, l.PacketBytesMax, l.RetainedBytesMax, l.QueueBytesTotalMax) = (32 * Mebibyte, 0, 64 * Mebibyte, 32 * Mebibyte, 64 * Mebibyte),
        disk: disk ?? new MemoryStorage());

    private static async Task<ReceivedAck> ReceiveAckAsync(UpstreamPeer peer, PacketType type) => ReceivedAck.From((await peer.NextAnswerAsync())!, type, peer.Version);

    private static async Task ExpectAckAsync(UpstreamPeer peer, PacketType type, ushort packetId) => Assert.AreEqual(packetId, (await ReceiveAckAsync(peer, type)).PacketId);

    // A PUBREL of nothing is answered behind all that was sent before.
    private static async Task ExpectNoAnswerAsync(UpstreamPeer peer)
    {
        await peer.SendAckAsync(PacketType.PubRel, 9);
        await ExpectAckAsync(peer, PacketType.PubComp, 9);
    }

    private static async Task ComeAndGoAsync(TestRelay relay)
    {
        TestClient absent = await relay.Gateway.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("down/#", QoS.ExactlyOnce);
        await absent.DropAsync();
    }

    private static Task SendLargeAsync(UpstreamPeer peer, int bytes, QoS qos, bool dup = false) => peer.SendPublishAsync("down/large", new string('x', bytes), qos, 1, dup: dup);

    private static async Task ExpectRefusedAsync(UpstreamPeer peer, string protocol, QoS qos)
    {
        ReceivedAck ack = await ReceiveAckAsync(peer, qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec);
        Assert.AreEqual(((ushort)1, protocol == "5.0" ? ReasonCode.ImplementationSpecificError : ReasonCode.Success), (ack.PacketId, ack.Reason));
    }

    // At 3.1.1 the upstream does not know, and goes on with the flow.
    private static async Task CompleteAsync(UpstreamPeer peer, string protocol, QoS qos)
    {
        if (qos != QoS.ExactlyOnce || protocol == "5.0")
            return;
        await peer.SendAckAsync(PacketType.PubRel, 1);
        await ExpectAckAsync(peer, PacketType.PubComp, 1);
    }

    private static async Task ExpectInOrderAsync(TestRelay relay, params string[] payloads)
    {
        TestClient back = await relay.Gateway.ConnectDurableAsync("absent");
        foreach (string payload in payloads)
            Assert.AreEqual(payload, (await back.ReceivePublishAndAckAsync()).Payload);
        await back.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("3.1.1", QoS.AtLeastOnce), DataRow("3.1.1", QoS.ExactlyOnce)]
    [DataRow("5.0", QoS.AtLeastOnce), DataRow("5.0", QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanTheJournalCanEverHold_RefusedAndCountedAndTheNextArrives(string protocol, QoS qos)
    {
        await using TestRelay relay = await StartAsync(protocol);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await ComeAndGoAsync(relay);
        TestClient here = await relay.Gateway.ConnectAsync("here");
        _ = await here.SubscribeAsync("down/#", QoS.AtMostOnce);

        await SendLargeAsync(peer, LargerThanTheJournal, qos);
        await peer.SendPublishAsync("down/large", "next", qos, 2);

        await ExpectRefusedAsync(peer, protocol, qos);
        await ExpectAckAsync(peer, qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, 2);
        await CompleteAsync(peer, protocol, qos);
        Assert.AreEqual("next", (await here.ReceivePublishAsync()).Payload, "what is refused goes to nobody");
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.LargerThanJournal));
        await ExpectInOrderAsync(relay, "next");
    }

    [TestMethod]
    [DataRow("3.1.1", QoS.AtLeastOnce), DataRow("3.1.1", QoS.ExactlyOnce)]
    [DataRow("5.0", QoS.AtLeastOnce), DataRow("5.0", QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanTheRoomThatIsLeft_WaitsForAMinuteThenRefusedAndTheNextArrives(string protocol, QoS qos)
    {
        PacketType answer = qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
        await using TestRelay relay = await StartAsync(protocol);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await ComeAndGoAsync(relay);
        Retain(relay);

        await SendLargeAsync(peer, LargerThanWhatIsLeft, qos);
        await peer.SendPublishAsync("down/large", "next", qos, 2);
        await ExpectNoAnswerAsync(peer);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.NoRoomForUpstream);
        // It is not asked for before there is room, or the time is over.
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.AreEqual(PacketType.PingReq, (await peer.NextAnswerAsync())!.Type); // the link was looked at, and is not made anew
        await peer.SendAsync([0xD0, 0]);
        await ExpectNoAnswerAsync(peer);
        relay.Lines.ExpectNoMore();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.IsNull(await peer.NextAnswerAsync()); // without DISCONNECT
        Assert.Contains("NoRoomHere", await relay.Lines.ExpectAsync(RelayLines.Disconnected), StringComparison.Ordinal);

        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await SendLargeAsync(again, LargerThanWhatIsLeft, qos, dup: true);
        await again.SendPublishAsync("down/large", "next", qos, 2, dup: true);
        await ExpectRefusedAsync(again, protocol, qos);
        await ExpectAckAsync(again, answer, 2);
        await CompleteAsync(again, protocol, qos);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.LargerThanJournal));
        await ExpectInOrderAsync(relay, "next");
    }

    // The journal has room for others all the time, so nothing else asks the disk how much it has.
    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanTheRoomOnTheDisk_AcceptedWhenOthersHaveMadeSome(QoS qos)
    {
        MemoryStorage disk = new() { Capacity = 18 * Mebibyte };
        await using TestRelay relay = await StartAsync("3.1.1", disk);
        BrokerOnDisk gateway = (BrokerOnDisk)relay.Gateway;
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await ComeAndGoAsync(relay);

        await SendLargeAsync(peer, LargerThanWhatIsLeft, qos);
        await ExpectNoAnswerAsync(peer);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.NoRoomForUpstream);
        disk.Capacity = 64 * Mebibyte;
        gateway.Advance(1);
        Assert.IsNull(await peer.NextAnswerAsync()); // without DISCONNECT
        Assert.Contains("NoRoomHere", await relay.Lines.ExpectAsync(RelayLines.Disconnected), StringComparison.Ordinal);

        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await SendLargeAsync(again, LargerThanWhatIsLeft, qos, dup: true);
        await ExpectAckAsync(again, qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, 1);
        Assert.AreEqual(0, gateway.Counters.Dropped(DropReason.LargerThanJournal));
        await ExpectInOrderAsync(relay, new string('x', LargerThanWhatIsLeft));
    }

    // What is retained stays, whatever is delivered. Each has a segment of its own.
    private static void Retain(TestRelay relay, int bytes = (4 * Mebibyte) - 65_536) => relay.Gateway.Look(broker =>
    {
        for (int i = 0; i < 4; i++)
        {
            Publication publication = new()
            {
                Route = broker.Routes.Get($"retained/{i}"),
                QoS = QoS.AtLeastOnce,
                Retain = true,
                Payload = new byte[bytes],
                Origin = Origin.Gateway,
                NowMs = broker.Turn.NowMs,
            };
            _ = broker.Publish(ref publication);
            Assert.AreEqual(bytes > 0, broker.Retained.Find($"retained/{i}")?.IsRetainedOnDisk ?? false);
        }

        return 0;
    });
}
