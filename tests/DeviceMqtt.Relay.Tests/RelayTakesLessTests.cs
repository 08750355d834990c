using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Upstreams that take less than MQTT has, or less than on the connection before.</summary>
[TestClass]
public sealed class RelayTakesLessTests
{
    private const string Five = "5.0";

    [TestMethod]
    public async Task SUBSCRIBE_MaximumPacketSize_AsManyPacketsAsThatTakes()
    {
        string[] filters = [.. Enumerable.Range(0, 10).Select(static i => $"a/topic/of/some/length/{i}")];
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Protocol, o.Rules) = (Five, [.. filters.Select(In)]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { MaximumPacketSize = 100 });
        await peer.ReceivePresenceAsync();
        List<string> asked = [];
        while (asked.Count < filters.Length)
        {
            ReceivedPacket packet = await peer.ReceiveAsync();
            Assert.IsLessThanOrEqualTo(100, packet.Bytes.Length);
            SubscribePacket subscribe = peer.AsSubscribe(packet);
            asked.AddRange(subscribe.Requests.Select(static r => r.Filter.Value));
            await peer.SendSubAckAsync(subscribe);
        }

        CollectionAssert.AreEquivalent(filters, asked);
    }

    [TestMethod]
    public async Task SUBSCRIBE_NoWildcards_WhatNeedsThemIsNotAskedForAndThatIsSaid()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.Protocol, o.Rules) = (Five, [In("a/#"), In("b")]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { WildcardSubscriptionAvailable = false });
        await peer.ReceivePresenceAsync();
        await peer.GrantAsync(["b"]);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.CannotBeAsked), "a/#", StringComparison.Ordinal);
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public async Task UNSUBSCRIBE_LinkBreaksBeforeUNSUBACK_GoesOnceMore()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = Five);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        relay.Do(static s => s.ClientKnown("dev1"));
        await peer.GrantAsync(["+/p2p/dev1"]);
        relay.Do(static s => s.ClientForgotten("dev1"));
        Assert.AreEqual("+/p2p/dev1", (await peer.ReceiveUnsubscribeAsync()).Filters.Single().Value);
        await peer.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await second.ReceivePresenceAsync();
        Assert.AreEqual("+/p2p/dev1", (await second.ReceiveUnsubscribeAsync()).Filters.Single().Value);
    }

    [TestMethod]
    [DataRow(1, true, 1), DataRow(1, false, 1), DataRow(0, false, 0), DataRow(0, true, 0)]
    public async Task PUBLISH_InFlightAtAQoSThatIsNotTakenAnyMore_GoesWithinIt(int qosMax, bool sessionPresent, int expected)
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => (o.Protocol, o.Rules) = (Five, [new RelayRule { Filter = "#", MaxQoS = 2 }]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t", "a");
        await relay.PublishAsync("t", "b");
        _ = await peer.ReceivePublishAsync();
        _ = await peer.ReceivePublishAsync();
        await peer.DisposeAsync();

        UpstreamPeer second = await relay.Upstream.AcceptMqttAsync(sessionPresent, new ConnAckProperties { MaximumQoS = (QoS)qosMax });
        List<string> came = [];
        while (came.Count < 3)
        {
            ReceivedPublish publish = await second.ReceivePublishAsync();
            Assert.IsLessThanOrEqualTo(expected, (int)publish.QoS, publish.Payload);
            came.Add(publish.Payload);
            if (publish.QoS == QoS.AtLeastOnce)
                await second.SendAckAsync(PacketType.PubAck, publish.PacketId);
        }

        CollectionAssert.AreEqual(new[] { "a", "b", "true" }, came);
        await relay.WhenIdleAsync();
        Assert.AreEqual(0, relay.Look(static s => s.Buffer.Count));
    }

    [TestMethod]
    public async Task Will_HadToGoWithoutRetainOnce_HasItAgainWhereTheUpstreamTakesIt()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = Five);
        UpstreamPeer refused = await relay.Upstream.AcceptAsync();
        Assert.IsTrue((await refused.ReceiveConnectAsync()).Will!.Retain);
        await refused.SendConnAckAsync((byte)ReasonCode.RetainNotSupported);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        Assert.IsFalse((await peer.ReceiveConnectAsync()).Will!.Retain);
        await peer.SendConnAckAsync(0, properties: new ConnAckProperties { RetainAvailable = false });
        Assert.IsFalse((await peer.ReceivePublishAndAckAsync()).Retain);
        await peer.DisposeAsync();

        UpstreamPeer other = await relay.Upstream.AcceptAsync();
        Assert.IsFalse((await other.ReceiveConnectAsync()).Will!.Retain);
        await other.SendConnAckAsync(0);
        Assert.AreEqual(PacketType.Disconnect, (await other.ReceiveAsync()).Type); // its Will is not published
        UpstreamPeer last = await relay.Upstream.AcceptAsync();
        Assert.IsTrue((await last.ReceiveConnectAsync()).Will!.Retain);
        await last.SendConnAckAsync(0);
        await last.ReceivePresenceAsync();
    }

    // It refuses RETAIN, and says that it takes it.
    [TestMethod]
    public async Task Will_RefusedForRetainByOneThatSaysItTakesIt_NothingIsRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = Five);
        UpstreamPeer refused = await relay.Upstream.AcceptAsync();
        _ = await refused.ReceiveConnectAsync();
        await refused.SendConnAckAsync((byte)ReasonCode.RetainNotSupported);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        Assert.IsFalse((await peer.ReceivePublishAndAckAsync()).Retain);
    }

    [TestMethod]
    [DataRow(600, 30, 30), DataRow(10, 30, 10), DataRow(null, 30, 30), DataRow(0, 30, 0)]
    public void PINGREQ_ServerKeepAlive_NeverLaterThanOurOwn(int? server, int own, int expected) =>
        Assert.AreEqual(expected, new UplinkTerms(UpstreamAddress.Parse("mqtt://a"), ProtocolVersion.V5, SessionPresent: false) { KeepAliveSeconds = server }.PingSeconds(own));

    [TestMethod]
    public async Task CONNACK_SessionIsKeptForAWhileOnly_SaidOnce()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.Protocol = Five);
        for (int i = 0; i < 2; i++)
        {
            UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(properties: new ConnAckProperties { SessionExpirySeconds = 3600 });
            await peer.ReceivePresenceAsync();
            Assert.AreEqual(3600u, relay.Look(static s => s.SessionSeconds));
            _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
            if (i == 0)
                StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.SessionExpires), "3600 s", StringComparison.Ordinal);
            await peer.DisposeAsync();
            _ = await relay.Lines.ExpectAsync(RelayLines.Disconnected);
        }
    }

    // Written is not sent: with a link that breaks then it was gone, and counted as delivered.
    [TestMethod]
    public async Task QoS0_NetworkHasNotTakenIt_IsNotDeliveredAndGoesOnceMore()
    {
        await using TestBroker gateway = TestBroker.Start();
        RelaySession session = Backlogs.SessionOf(gateway);
        gateway.Broker.ConnectUpstream(session);
        TestClient board = await gateway.ConnectAsync("");
        UplinkTerms terms = new(UpstreamAddress.Parse("mqtt://a"), ProtocolVersion.V5, SessionPresent: false) { QoSMax = QoS.AtMostOnce };
        _ = await board.PublishAsync("t", "1", QoS.AtLeastOnce);
        (ConnectionOutput stuck, Pipe taken) = Backlogs.OutputOf(gateway, new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false)));
        using (gateway.Broker.Turn.Enter())
            session.Attach(stuck, terms);
        Assert.IsTrue(Has(taken, "\u0000\u0001t"u8), "it is written");
        Assert.AreEqual(1, gateway.Look(_ => session.Buffer.Count), "the network has taken nothing yet");

        (ConnectionOutput open, Pipe pipe) = Backlogs.OutputOf(gateway);
        using (gateway.Broker.Turn.Enter())
        {
            session.Detach(new UplinkEnd(UplinkEndReason.ConnectionLost, ""), heardMs: 0);
            session.Attach(open, terms);
        }

        Assert.AreEqual(0, gateway.Look(_ => session.Buffer.Count));
        Assert.IsTrue(Has(pipe, "\u0000\u0001t"u8));
    }

    [TestMethod]
    [DataRow("+/p2p/dev1"), DataRow("gw/p2p/+"), DataRow("a/p2p/b")]
    public void Rule_InOfP2PTopicsAlone_Refused(string filter) => StringAssert.Contains(
        new RelayOptions { Addresses = ["mqtt://a"], ClientId = "gw", P2PSubscription = "gateway", Rules = [In(filter)] }.Check(), "which has P2P topics alone", StringComparison.Ordinal);

    [TestMethod]
    [DataRow("#"), DataRow("dm/#"), DataRow("+/+/dev1"), DataRow("a/p2p/#"), DataRow("a/p2p")]
    public void Rule_InWithP2PTopicsInIt_Taken(string filter) => Assert.IsNull(new RelayOptions { Addresses = ["mqtt://a"], ClientId = "gw", Rules = [In(filter)] }.Check());

    private static RelayRule In(string filter) => new() { Direction = RelayDirection.In, Filter = filter };

    // Looked at, and not taken.
    private static bool Has(Pipe pipe, ReadOnlySpan<byte> bytes)
    {
        if (!pipe.Reader.TryRead(out ReadResult read))
            return false;
        bool has = read.Buffer.ToArray().AsSpan().IndexOf(bytes) >= 0;
        pipe.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        return has;
    }
}
