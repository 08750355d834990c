using System.Globalization;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// A command that has waited in the Session upstream does not say for how long. One that was good for a minute, and had waited there for the eight hours that the link was down, was carried out when the
/// link was back.
/// </summary>
[TestClass]
public sealed class RelayStaleTests
{
    private const int Hours8 = 8 * 3600;
    private ushort _packetId;

    [TestMethod]
    [DataRow(",\"ttl\":60", 0u, Hours8, false)]
    [DataRow("", 0u, Hours8, false)]
    [DataRow(",\"ttl\":60", 0u, 50, true)]
    [DataRow(",\"ttl\":86400", 0u, Hours8, true)]
    [DataRow(",\"exp\":{now}", 0u, Hours8, true)] // says itself when it is over
    [DataRow(",\"ttl\":60", 60u, Hours8, true)] // the upstream has counted what is left
    public async Task Command_FromTheSessionUpstream_TakenForAsOldAsTheLinkWasDown(string more, uint messageExpiry, int seconds, bool arrives)
    {
        await using TestRelay relay = await StartAsync(isOf5: messageExpiry != 0);
        (TestClient board, UpstreamPeer peer) = await WithoutLinkAsync(relay, seconds);
        string told = more.Replace("{now}", (relay.Gateway.Time.GetUtcNow().ToUnixTimeSeconds() + 60).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

        await SendAsync(peer, 1, told, messageExpiry);

        if (arrives)
            Assert.AreEqual("1", IdOf(await board.ReceivePublishAndAckAsync()));
        else
            await ExpectExpiredAsync(peer, 1);
        await board.ExpectNothingAsync();
        Assert.AreEqual(arrives ? 0 : 1, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    // What waited comes before the answer to a PINGREQ that stands behind the acknowledgements: an upstream hands over as many at once as its window has.
    [TestMethod]
    public async Task Command_BehindTheAnswerToPingReq_IsFresh()
    {
        await using TestRelay relay = await StartAsync();
        (TestClient board, UpstreamPeer peer) = await WithoutLinkAsync(relay, Hours8);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        await SendAsync(peer, 1, ",\"ttl\":60"); // the window was full
        await peer.SendAsync([0xD0, 0]);
        await ExpectExpiredAsync(peer, 1);
        // That answer said nothing: there may be more.
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        await SendAsync(peer, 2, ",\"ttl\":60");
        await ExpectExpiredAsync(peer, 2);
        await peer.SendAsync([0xD0, 0]);
        await peer.AnswerPingAsync();

        await SendAsync(peer, 3, ",\"ttl\":60");

        Assert.AreEqual("3", IdOf(await board.ReceivePublishAndAckAsync()));
        await peer.ExpectAckAsync(PacketType.PubAck, _packetId);
        Assert.AreEqual(2, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    // At QoS 2 a message has its place in the window until PUBCOMP. An upstream whose window is full of such answers PINGREQ, which stands in front of that, and then hands over what has waited behind them: it was
    // taken for fresh.
    [TestMethod]
    public async Task Command_BehindAnAnswerThatAPubRelStandsInFrontOf_MayHaveWaited()
    {
        await using TestRelay relay = await StartAsync();
        (TestClient board, UpstreamPeer peer) = await WithoutLinkAsync(relay, Hours8);
        await SendAsync(peer, 1, ",\"ttl\":60", qos: QoS.ExactlyOnce);
        await ExpectExpiredAsync(peer, 1, PacketType.PubRec);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type);
        await peer.SendAckAsync(PacketType.PubRel, _packetId);
        await peer.SendAsync([0xD0, 0]);
        await peer.ExpectAckAsync(PacketType.PubComp, _packetId);

        await SendAsync(peer, 2, ",\"ttl\":60");

        Assert.AreEqual(PacketType.PingReq, (await peer.ReceiveAsync()).Type); // that answer said nothing
        await ExpectExpiredAsync(peer, 2);
        await board.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Command_OfANewSessionUpstream_IsFresh()
    {
        await using TestRelay relay = await StartAsync();
        (TestClient board, UpstreamPeer peer) = await WithoutLinkAsync(relay, Hours8, sessionPresent: false);

        await SendAsync(peer, 1, ",\"ttl\":60");

        Assert.AreEqual("1", IdOf(await board.ReceivePublishAndAckAsync()));
    }

    // It is sent again on the connection that follows, which came at once.
    [TestMethod]
    public async Task Command_ThatFoundTheJournalFull_HasWaitedSince()
    {
        SlowCustody custody = null!;
        await using TestRelay relay = await StartAsync(ports: ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        (TestClient board, UpstreamPeer peer) = await WithoutLinkAsync(relay, 0);
        custody.IsFullNow = static () => true;
        await SendAsync(peer, 1, ",\"ttl\":60");
        await Patience.Until(() => relay.Look(static s => s.Unacknowledged) == 1, "a message without room");
        relay.Gateway.Time.Advance(TimeSpan.FromHours(8));
        custody.IsFullNow = static () => false;
        relay.Gateway.Advance(1);
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await again.ReceivePresenceAsync();

        await again.SendPublishAsync("dm/p2p/dev1", """{"id":"1","cmd":"relay.set","from":"app","ttl":60}""", QoS.AtLeastOnce, _packetId, dup: true);

        await again.ReceivePublishAndAckAsync(); // the receipt
        await again.ExpectAckAsync(PacketType.PubAck, _packetId);
        await board.ExpectNothingAsync();
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    [DataRow(30, true), DataRow(70, false)]
    public async Task Command_AfterARestartOfTheGateway_HasWaitedSinceItStopped(int seconds, bool arrives)
    {
        FakeMachine machine = new();
        TestRelay first = await TestRelay.StartAsync(disk: new MemoryStorage(), machine: machine);
        UpstreamPeer before = await first.Upstream.AcceptMqttAsync();
        await before.ReceivePresenceAsync();
        _ = await first.Gateway.ConnectAsync("dev1");
        await before.GrantAsync(["+/p2p/dev1"]);
        await first.WhenIdleAsync();
        MemoryStorage left = await first.CrashAsync();
        machine.Time.Advance(TimeSpan.FromSeconds(seconds));

        await using TestRelay relay = await TestRelay.StartAsync(disk: left, machine: machine);
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        await peer.GrantAsync(["+/p2p/dev1"]);
        await SendAsync(peer, 1, ",\"ttl\":60");
        await peer.ExpectAckAsync(PacketType.PubAck, _packetId);

        if (arrives)
            Assert.AreEqual("1", IdOf(await board.ReceivePublishAndAckAsync()));
        await board.ExpectNothingAsync();
    }

    // A new data folder, or an upstream that was another before.
    [TestMethod]
    public async Task Command_InASessionOfWhichNothingIsKnown_NobodyKnowsHowOldItIs()
    {
        await using TestRelay relay = await StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);

        await SendAsync(peer, 1, ",\"ttl\":86400");

        await ExpectExpiredAsync(peer, 1);
        await board.ExpectNothingAsync();
    }

    private static Task<TestRelay> StartAsync(bool isOf5 = false, Action<Broker.Grounds.Ground>? ports = null) => TestRelay.StartAsync(
        o => (o.Protocol, o.Rules) = (isOf5 ? "5.0" : "3.1.1", [new RelayRule { Filter = "$gw/receipt/+", Topic = "dm/receipt/{1}" }, new RelayRule { Filter = "#" }]), ports: ports);

    // The link breaks, and is back.
    private static async Task<(TestClient Board, UpstreamPeer Peer)> WithoutLinkAsync(TestRelay relay, int seconds, bool sessionPresent = true)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await relay.WhenIdleAsync();
        await peer.DisposeAsync();
        UpstreamPeer again = await relay.Upstream.AcceptAsync();
        _ = await again.ReceiveConnectAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(seconds));
        await again.SendConnAckAsync(0, sessionPresent);
        await again.ReceivePresenceAsync();
        if (!sessionPresent)
            await again.GrantAsync(["+/p2p/dev1"]);
        return (board, again);
    }

    private async Task SendAsync(UpstreamPeer peer, int id, string more, uint messageExpiry = 0, QoS qos = QoS.AtLeastOnce)
    {
        PropertyWriter properties = new();
        if (messageExpiry != 0)
            properties.Add(PropertyId.MessageExpiryInterval, messageExpiry);
        await peer.SendPublishAsync("dm/p2p/dev1", $$"""{"id":"{{id}}","cmd":"relay.set","from":"app"{{more}}}""", qos, ++_packetId, properties: properties.Written.ToArray());
    }

    private async Task ExpectExpiredAsync(UpstreamPeer peer, int id, PacketType ack = PacketType.PubAck)
    {
        Assert.StartsWith($"{{\"st\":\"expired\",\"to\":\"dev1\",\"id\":\"{id}\"", (await peer.ReceivePublishAndAckAsync()).Payload, StringComparison.Ordinal);
        await peer.ExpectAckAsync(ack, _packetId);
    }

    private static string IdOf(ReceivedPublish publish) => System.Text.Json.JsonDocument.Parse(publish.Payload).RootElement.GetProperty("id").GetString()!;
}
