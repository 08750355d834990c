using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What real brokers do and the specification does not say: it must not stop the relay.</summary>
[TestClass]
public sealed class UpstreamQuirksTests
{
    private const uint P2PIdentifier = 1;
    private const uint RuleIdentifier = 2;

    [TestMethod]
    public async Task PUBACK_WithAReasonItMayNotCarry_RefusesThatMessageAndTheRestGoesOn() // mosquitto: message_size_limit
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        UpstreamPeer peer = await ConnectedAsync(relay);
        await relay.PublishAsync("dm/b/tele/t", "too large", "next");

        ReceivedPublish tooLarge = await peer.ReceivePublishAsync();
        await peer.SendAckAsync(PacketType.PubAck, tooLarge.PacketId, ReasonCode.PacketTooLarge);

        Assert.AreEqual("next", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        Assert.AreEqual(1, relay.Look(s => s.Buffer.SetAsides.Count));
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargerThanPacketBytesMaxOver311_AcknowledgedAndCountedAndTheNextArrives(QoS qos)
    {
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.PacketBytesMax = 10_000);
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient device = await relay.Gateway.ConnectAsync("dev");
        await peer.GrantAsync(["+/p2p/dev"]);

        await peer.SendPublishAsync("dm/p2p/dev", new string('x', 300_000), qos, packetId: 7);
        await peer.SendPublishAsync("dm/p2p/dev", "small", QoS.AtMostOnce, packetId: 0);

        Assert.AreEqual("small", (await device.ReceivePublishAsync()).Payload);
        if (qos == QoS.AtLeastOnce)
            await peer.ExpectAckAsync(PacketType.PubAck, 7);
        if (qos == QoS.ExactlyOnce)
        {
            await peer.ExpectAckAsync(PacketType.PubRec, 7);
            await peer.SendAckAsync(PacketType.PubRel, 7);
            await peer.ExpectAckAsync(PacketType.PubComp, 7);
        }

        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.LargerThanGatewayAccepts));
    }

    [TestMethod]
    public async Task Command_ThatARuleAsksForToo_ArrivesOnce()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Protocol, o.Rules) = ("5.0", [new RelayRule { Direction = RelayDirection.In, Filter = "dm/#" }]));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        Assert.AreEqual(RuleIdentifier, (await peer.SkipToSubscribeAsync()).SubscriptionIdentifier);
        TestClient device = await relay.Gateway.ConnectAsync("dev", ProtocolVersion.V5);
        SubscribePacket subscribe = await peer.SkipToSubscribeAsync();
        Assert.AreEqual(P2PIdentifier, subscribe.SubscriptionIdentifier);
        Assert.AreEqual(RetainHandling.DoNotSend, subscribe.Requests[0].RetainHandling, "what was retained there is no command");

        await peer.SendPublishAsync("dm/p2p/dev", "once", QoS.AtMostOnce, 0, properties: [0x0B, (byte)RuleIdentifier]);
        await peer.SendPublishAsync("dm/p2p/dev", "once", QoS.AtMostOnce, 0, properties: [0x0B, (byte)P2PIdentifier]);
        await peer.SendPublishAsync("dm/p2p/dev", "both in one", QoS.AtMostOnce, 0, properties: [0x0B, (byte)RuleIdentifier, (byte)PropertyId.PayloadFormatIndicator, 1, 0x0B, (byte)P2PIdentifier]);

        Assert.AreEqual("once", (await device.ReceivePublishAsync()).Payload);
        ReceivedPublish both = await device.ReceivePublishAsync();
        Assert.AreEqual("both in one", both.Payload);
        Assert.AreEqual(PropertyId.PayloadFormatIndicator, both.Properties.Single().Id, "the identifiers are the gateway's own");
        await device.ExpectNothingAsync();
    }

    // 3.1.1 has no Retain Handling: it comes anew with each SUBSCRIBE, at each start of the gateway.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Command_RetainedUpstream_IsNotExecutedWhenALinkOf311Subscribes(bool asBridge)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        if (!asBridge)
        {
            UpstreamPeer refusing = await relay.Upstream.AcceptAsync(); // the bridge
            _ = await refusing.ReceiveConnectAsync();
            await refusing.SendAsync(Packet.Of("20 02 00 01"));
        }

        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient device = await relay.Gateway.ConnectAsync("dev");
        await peer.GrantAsync(["+/p2p/dev"]);

        await peer.SendPublishAsync("dm/p2p/dev", "of last year", QoS.AtMostOnce, 0, retain: true);
        await peer.SendPublishAsync("dm/p2p/dev", "now", QoS.AtMostOnce, 0);

        Assert.AreEqual("now", (await device.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ReasonCode.RetainNotSupported, false, QoS.AtLeastOnce), DataRow(ReasonCode.QoSNotSupported, true, QoS.AtMostOnce)]
    public async Task CONNACK_RefusesTheWill_TriedAgainAtOnceWithOneThatFits(ReasonCode refusal, bool retain, QoS qos)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        UpstreamPeer refusing = await relay.Upstream.AcceptAsync();
        _ = await refusing.ReceiveConnectAsync();
        await refusing.SendConnAckAsync((byte)refusal, properties: new ConnAckProperties());

        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        WillMessage will = (await peer.ReceiveConnectAsync()).Will!;

        Assert.AreEqual((retain, qos), (will.Retain, will.QoS));
        relay.Lines.ExpectNoMore(RelayLines.Disconnected);
    }

    [TestMethod]
    public async Task Connections_EndAtOnceAgainAndAgain_TheLogDoesNotGoOn()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        for (int i = 0; i < 8; i++)
            await (await ConnectedAsync(relay)).DisposeAsync();

        for (int i = 0; i < 3; i++)
        {
            _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
            if (i == 2)
                StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.EndsAtOnce), "3 connections in a row have ended within 5 s", StringComparison.Ordinal);
            _ = await relay.Lines.ExpectAsync(RelayLines.Disconnected);
        }

        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    public async Task Presence_ReceivedAt_IsNow()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();

        ReceivedPublish presence = await peer.ReceivePublishAndAckAsync();

        string receivedAt = presence.Properties.Single(static p => p.Text.StartsWith("received-at=", StringComparison.Ordinal)).Text;
        StringAssert.Contains(receivedAt, relay.Gateway.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static async Task<UpstreamPeer> ConnectedAsync(TestRelay relay)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        return peer;
    }
}
