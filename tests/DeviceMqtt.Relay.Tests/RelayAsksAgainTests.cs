using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// What an upstream refuses once is tried again on the same connection, after a longer pause each time. A link may hold for months: once a board that came while the gateway above had a full
/// journal got no commands from there until the link broke.
/// </summary>
[TestClass]
public sealed class RelayAsksAgainTests
{
    private const string Filter = "+/p2p/dev1";
    private static readonly int[] PausesInMinutes = [1, 2, 4, 8, 16, 32, 60, 60];

    [TestMethod]
    [DataRow("5.0", ReasonCode.QuotaExceeded), DataRow("3.1.1", ReasonCode.UnspecifiedError)]
    public async Task SUBSCRIBE_Refused_AskedAgainOnTheSameConnectionAfterALongerPauseEachTime(string protocol, ReasonCode refusal)
    {
        await using TestRelay relay = await StartAsync(protocol);
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync([Filter], refusal);
        foreach (int minutes in PausesInMinutes)
        {
            await PassAsync(relay, peer, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(5));
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));
            await peer.GrantAsync([Filter], refusal);
        }

        await HeardAsync(peer);
        Assert.AreEqual(1, relay.Look(static s => s.SubscriptionsRefused));
        relay.Gateway.Time.Advance(TimeSpan.FromHours(1));
        await peer.GrantAsync([Filter]);
        await PassAsync(relay, peer, TimeSpan.FromHours(2));

        Assert.AreEqual(0, relay.Look(static s => s.SubscriptionsRefused));
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        _ = await relay.Lines.ExpectAsync(RelayLines.SubscriptionRefused);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.SubscriptionGranted), Filter, StringComparison.Ordinal);
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public async Task SUBSCRIBE_ManyRefused_FewAtATimeAndAllOnceOneIsGranted()
    {
        const int Devices = 40;
        await using TestRelay relay = await StartAsync("5.0");
        foreach (int n in Enumerable.Range(0, Devices))
            _ = await relay.Gateway.ConnectAsync($"dev{n}");
        UpstreamPeer peer = await ConnectedAsync(relay);
        for (int refused = 0; refused < Devices;)
        {
            SubscribePacket packet = await peer.ReceiveSubscribeAsync();
            refused += packet.Requests.Count;
            await peer.SendSubAckAsync(packet, ReasonCode.QuotaExceeded);
        }

        await HeardAsync(peer);
        relay.Gateway.Time.Advance(TimeSpan.FromMinutes(1));
        SubscribePacket few = await peer.ReceiveSubscribeAsync();
        Assert.IsLessThan(Devices / 2, few.Requests.Count);
        await HeardAsync(peer); // and no other meanwhile
        await peer.SendSubAckAsync(few, ReasonCode.QuotaExceeded);
        await HeardAsync(peer);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));

        HashSet<string> granted = [];
        while (granted.Count < Devices)
        {
            SubscribePacket packet = await peer.ReceiveSubscribeAsync();
            granted.UnionWith(packet.Requests.Select(static r => r.Filter.Value));
            await peer.SendSubAckAsync(packet);
            await HeardAsync(peer);
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.AreEqual(0, relay.Look(static s => s.SubscriptionsRefused));
    }

    [TestMethod]
    public async Task SUBSCRIBE_RefusedForADeviceThatIsForgottenThen_NotAskedAgain()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync([Filter], ReasonCode.QuotaExceeded);
        await HeardAsync(peer);
        Forget(relay, "dev1");
        UnsubscribePacket packet = await ReceiveUnsubscribeAsync(peer);
        await AnswerAsync(peer, packet, ReasonCode.NoSubscriptionExisted);
        await PassAsync(relay, peer, TimeSpan.FromHours(2));
        Assert.AreEqual(0, relay.Look(static s => s.SubscriptionsRefused));
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_Refused_AskedAgainUntilItIsDone()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync([Filter]);
        await HeardAsync(peer);
        Forget(relay, "dev1");
        await AnswerAsync(peer, await ReceiveUnsubscribeAsync(peer), ReasonCode.UnspecifiedError);
        await PassAsync(relay, peer, TimeSpan.FromSeconds(55));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));

        UnsubscribePacket again = await ReceiveUnsubscribeAsync(peer);
        CollectionAssert.AreEqual(new[] { Filter }, again.Filters.Select(static f => f.Value).ToArray());
        await AnswerAsync(peer, again, ReasonCode.NoSubscriptionExisted);
        await PassAsync(relay, peer, TimeSpan.FromHours(2));
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_RefusedAndTheDeviceIsBack_NotAskedAgain()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync([Filter]);
        await HeardAsync(peer);
        Forget(relay, "dev1");
        await AnswerAsync(peer, await ReceiveUnsubscribeAsync(peer), ReasonCode.UnspecifiedError);
        await HeardAsync(peer);
        Know(relay, "dev1");
        await peer.GrantAsync([Filter]);
        await PassAsync(relay, peer, TimeSpan.FromHours(2));
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_RefusedAndTheLinkBreaks_AskedOnTheNextConnection()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync([Filter]);
        await HeardAsync(peer);
        Forget(relay, "dev1");
        await AnswerAsync(peer, await ReceiveUnsubscribeAsync(peer), ReasonCode.UnspecifiedError);
        await HeardAsync(peer);
        await peer.DisposeAsync();

        UpstreamPeer second = await relay.AcceptLaterAsync();
        await second.ReceivePresenceAsync();
        CollectionAssert.AreEqual(new[] { Filter }, (await ReceiveUnsubscribeAsync(second)).Filters.Select(static f => f.Value).ToArray());
    }

    // It was false there, by the Will of the connection before, for as long as the link held.
    [TestMethod]
    public async Task Presence_Refused_ToldAgain()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.SendAckAsync(PacketType.PubAck, (await peer.ReceivePublishAsync()).PacketId, ReasonCode.NotAuthorized);
        foreach (int minutes in PausesInMinutes)
        {
            await PassAsync(relay, peer, TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(5));
            relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));
            ReceivedPublish again = await peer.ReceivePublishAsync();
            Assert.AreEqual(("presence/gw", "true", true), (again.Topic, again.Payload, again.Retain));
            await peer.SendAckAsync(PacketType.PubAck, again.PacketId, minutes == 60 ? ReasonCode.Success : ReasonCode.NotAuthorized);
            if (minutes == 60)
                break;
        }

        await PassAsync(relay, peer, TimeSpan.FromHours(2));
    }

    [TestMethod]
    public async Task DeviceState_Refused_ToldAgainOnTheSameConnection()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await relay.Gateway.ConnectAsync("dev1", will: new WillMessage { Topic = "presence/dev1", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        await peer.GrantAsync([Filter]);
        UpstreamPeer will = await relay.Upstream.AcceptAsync();
        _ = await will.ReceiveConnectAsync();
        _ = await board.PublishAsync("presence/dev1", "true", QoS.AtLeastOnce, retain: true);
        Assert.IsFalse((await peer.ReceivePublishAndAckAsync()).Retain);
        await will.SendConnAckAsync(0);
        ReceivedPublish state = await peer.ReceivePublishAsync();
        Assert.IsTrue(state.Retain);
        await peer.SendAckAsync(PacketType.PubAck, state.PacketId, ReasonCode.NotAuthorized);
        await PassAsync(relay, peer, TimeSpan.FromSeconds(55));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));

        ReceivedPublish again = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("presence/dev1", "true", true), (again.Topic, again.Payload, again.Retain));
        await PassAsync(relay, peer, TimeSpan.FromHours(2));
    }

    // PINGREQ does not come in between.
    private static Task<TestRelay> StartAsync(string protocol) =>
        TestRelay.StartAsync(o => (o.Protocol, o.KeepAliveSeconds, o.Rules) = (protocol, 60_000, [new RelayRule { Filter = "presence/#" }]), time: static fake => fake, hasLateWills: false);

    private static async Task<UpstreamPeer> ConnectedAsync(TestRelay relay)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        return peer;
    }

    /// <summary>All that the peer has sent so far was handled, and nothing has come for it.</summary>
    private static async Task HeardAsync(UpstreamPeer peer)
    {
        await peer.SendPublishAsync("nobody/asked", "x", QoS.AtLeastOnce, 1);
        await peer.ExpectAckAsync(PacketType.PubAck, 1);
    }

    /// <summary>Time goes by, and nothing comes.</summary>
    private static async Task PassAsync(TestRelay relay, UpstreamPeer peer, TimeSpan time)
    {
        await HeardAsync(peer);
        relay.Gateway.Time.Advance(time);
        await HeardAsync(peer);
    }

    private static void Know(TestRelay relay, string clientId) => relay.Look(s =>
    {
        s.ClientKnown(clientId);
        return true;
    });

    private static void Forget(TestRelay relay, string clientId) => relay.Look(s =>
    {
        s.ClientForgotten(clientId);
        return true;
    });

    private static async Task<UnsubscribePacket> ReceiveUnsubscribeAsync(UpstreamPeer peer) => (await peer.ReceiveAsync())
        .As(PacketType.Unsubscribe, (in Frame f, out UnsubscribePacket? p, out MalformedReason r) => UnsubscribePacket.TryDecode(f, ProtocolVersion.V5, out p, out r));

    // UNSUBACK of 5.0: no properties, a code for each filter.
    private static Task AnswerAsync(UpstreamPeer peer, UnsubscribePacket packet, ReasonCode code) =>
        peer.SendAsync([0xB0, (byte)(3 + packet.Filters.Count), (byte)(packet.PacketId >> 8), (byte)packet.PacketId, 0, .. packet.Filters.Select(_ => (byte)code)]);
}
