using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Relay.Mapping;
using DeviceMqtt.Relay.Presence;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Wire;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>
/// PUBLISH and PUBREL from the upstream: P2P messages for the devices here, and what the rules ask for. Acknowledged only after they were routed.
/// Outlives the connections, because the Packet Identifiers of QoS 2 do. Owned by the turn.
/// </summary>
internal sealed class UpstreamPublishReceiver(BrokerState broker, string upstream, UpstreamDialect dialect, DeviceWills wills, ILogger log)
{
    // At most the 65,535 Packet Identifiers there are; with a hash of what came under each.
    private readonly Dictionary<ushort, uint?> _awaitPubRel = broker.Upstreams.Inbound[upstream] = [];
    private readonly LargeMessage _large = new(broker);
    private Kept _closed = Kept.NotNeeded; // by any connection: the one that did may have broken before the disk had it
    private ProtocolVersion _version = ProtocolVersion.V311;

    /// <summary>How long what comes may have waited there.</summary>
    public WaitedThere Waited { get; } = new(broker.Running, broker.Turn);

    /// <summary>Messages that came from the upstream, since the start; one that found the journal full counts again when it comes again.</summary>
    public long Received { get; private set; }

    /// <summary>Messages of this connection that found the journal full, with all behind them: not acknowledged, so that the upstream has them still.</summary>
    public long Unacknowledged { get; private set; }

    /// <summary>There is room again for what was not acknowledged. An upstream sends it again on a new connection only [MQTT-4.4.0-1].</summary>
    public bool AsksAgain => Unacknowledged > 0 && !broker.Custody.IsFull && _large.IsToComeAgain;

    /// <summary>The upstream has accepted a connection.</summary>
    /// <returns>
    /// What has to be on the disk before it is asked for anything: where it has lost its Session, its Packet Identifiers begin anew, and a start that took them for open would take
    /// its next messages for older ones. Also what a connection before has closed, which broke before the disk had it.
    /// </returns>
    public Kept Attach(UplinkTerms terms)
    {
        Unacknowledged = 0;
        _version = terms.Version;
        // Whoever is no bridge gets all back that it has subscribed to (3.1.1 section 3.3.5).
        dialect.Echoes.IsOn = terms.Version != ProtocolVersion.V5 && !terms.AsBridge;
        if (terms.SessionPresent || terms.IsSameNode)
            return _closed;
        foreach (ushort packetId in _awaitPubRel.Keys)
            _closed = _closed.And(WhereThereIsRoom(broker.Custody.UpstreamInboundClosed(upstream, packetId)));
        _awaitPubRel.Clear();
        return _closed;
    }

    // Without room the identifier is open after a restart: what comes under it with DUP is compared with what was there before.
    private static Kept WhereThereIsRoom(Kept closed) => closed.IsNoRoom ? Kept.NotNeeded : closed;

    /// <summary>PUBLISH.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceivePublish(in Frame frame, ConnectionOutput output)
    {
        if (!PublishPacket.TryDecode(frame, _version, out PublishView view, out MalformedReason reason))
            return reason.ToText();
        broker.Turn.Gate.BeginPacket();
        if (view.QoS != QoS.AtMostOnce)
            Waited.Came();
        // Message and Packet Identifier get to the disk together.
        using FrameOfPacket frameOnDisk = view.QoS == QoS.ExactlyOnce ? new(broker.Custody) : default;
        bool isFirst = view.QoS != QoS.ExactlyOnce || !IsRepeated(view);
        Fate fate = isFirst ? Take(view) : Fate.Taken;
        if (fate == Fate.NoRoom)
        {
            Leave();
            return null;
        }

        if (!isFirst)
            broker.Turn.Gate.Join(broker.Custody.KeptSoFar());
        broker.Receipts.TellEnds();
        if (view.QoS == QoS.AtMostOnce)
            return null;
        _large.Forget();
        SendAck(output, broker.Turn.Gate.Outcome, view.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, view.PacketId, fate == Fate.Refused ? ReasonCode.ImplementationSpecificError : ReasonCode.Success);
        return null;
    }

    /// <summary>A PUBLISH that is larger than this gateway takes: acknowledged, or it would come again on every connection.</summary>
    public void PassOver(in OversizedPublish publish, ConnectionOutput output)
    {
        Drop(publish.Topic, (int)publish.Bytes, DropReason.LargerThanGatewayAccepts);
        if (publish.QoS != QoS.AtMostOnce)
            SendAck(output, Kept.NotNeeded, publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
    }

    /// <summary>PUBREL.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceivePubRel(in Frame frame, ConnectionOutput output)
    {
        if (!AckPacket.TryDecode(frame, _version, out AckView ack, out MalformedReason reason))
            return reason.ToText();
        Waited.Came();
        broker.Turn.Gate.BeginPacket();
        Kept kept = _awaitPubRel.ContainsKey(ack.PacketId) ? broker.Custody.UpstreamInboundClosed(upstream, ack.PacketId) : broker.Custody.KeptSoFar();
        if (kept.IsNoRoom)
        {
            Leave();
            return null;
        }

        _ = _awaitPubRel.Remove(ack.PacketId);
        SendAck(output, kept, PacketType.PubComp, ack.PacketId);
        return null;
    }

    private enum Fate
    {
        Taken,

        // There may be room later: it is not acknowledged.
        NoRoom,

        // There never will be: counted, and acknowledged with an error where the version has one.
        Refused,
    }

    // Behind one that was not taken none is, or it would overtake it. Nothing is promised of QoS 0.
    private Fate Take(in PublishView view)
    {
        if (view.QoS != QoS.AtMostOnce && Unacknowledged > 0)
            return Fate.NoRoom;
        Fate fate = Route(view);
        if (view.QoS == QoS.AtMostOnce)
            return Fate.Taken;
        if (view.QoS != QoS.ExactlyOnce || fate == Fate.NoRoom)
            return fate;
        if (fate == Fate.Taken || _version != ProtocolVersion.V5)
            return TryOpen(view) ? fate : Fate.NoRoom;
        if (_awaitPubRel.Remove(view.PacketId))
            broker.Turn.Gate.Join(WhereThereIsRoom(broker.Custody.UpstreamInboundClosed(upstream, view.PacketId))); // an error ends the flow [MQTT-4.3.3-9]: its next message is another
        return fate;
    }

    // Without room for its identifier it is not acknowledged, although it was routed: it comes twice then, and is not lost.
    private bool TryOpen(in PublishView view)
    {
        uint content = ContentOf(view);
        Kept opened = broker.Custody.UpstreamInboundOpened(upstream, view.PacketId, content);
        if (opened.IsNoRoom)
            return false;
        broker.Turn.Gate.Join(opened);
        _awaitPubRel[view.PacketId] = content;
        return true;
    }

    // [MQTT-4.3.3-2]. What comes again has DUP [MQTT-3.3.1-1]. Without it, it is another message under the identifier: the upstream has begun
    // a new Session, and the CONNACK that said so was lost with its connection, or with the process before this one. So it is with DUP where the content is another:
    // it was sent before on a connection that did not bring it here.
    private bool IsRepeated(in PublishView view) =>
        view.Dup && _awaitPubRel.TryGetValue(view.PacketId, out uint? before) && (before is not { } content || content == ContentOf(view));

    private static uint ContentOf(in PublishView view) => ContentHash.Of(view.TopicName, view.Payload);

    // Not answered 0x97 at 5.0: with that the upstream would be done with the message, and nobody had it.
    private void Leave()
    {
        Waited.Left();
        if (Unacknowledged++ == 0)
            log.NoRoomForUpstream(upstream);
    }

    private Fate Route(in PublishView view)
    {
        if (_version != ProtocolVersion.V5 && view.TopicName.SequenceEqual(dialect.Presence.Route.TopicUtf8))
        {
            // Retained ones are of earlier days.
            dialect.Echoes.IsOn |= !view.Retain;
            return Fate.Taken;
        }

        Received++;
        if (!TryName(view, out ReadOnlySpan<byte> topicName))
        {
            Drop(Encoding.UTF8.GetString(view.TopicName), view.Payload.Length, DropReason.NotAskedFor);
            return Fate.Taken;
        }

        bool isP2P = broker.Routes.TryGet(topicName, out Route route, out _) && route.P2PTarget is not null;
        QoS qos = view.QoS;
        bool retain = view.Retain;
        // A Session upstream may hold subscriptions of other days. What no rule asks for is taken and dropped; so is the copy of a
        // command that comes for a rule. So is one with RETAIN over 3.1.1, where each SUBSCRIBE brings it anew: a command is no state.
        bool isWanted = isP2P
            ? ForwardedProperties.IsForSubscription(view, UpstreamSubscriptions.P2PIdentifier) && !(view.Retain && _version != ProtocolVersion.V5)
            : TryFindRule(view, ref qos, ref retain, out route);
        if (!isWanted)
        {
            Drop(Encoding.UTF8.GetString(view.TopicName), view.Payload.Length, DropReason.NotAskedFor);
            return Fate.Taken;
        }

        // A command that has gone to a gateway below which has us for its upstream, too, waits here for its device.
        bool isBack = isP2P && _version == ProtocolVersion.V5 && broker.Upstreams.Tap is { } upstreams && upstreams.WasHere(view.Properties, publisher: "");
        // What is said of a device that is here: its Will, published there while the link was down.
        bool isOurs = !isBack && (wills.IsOfClientHere(route.Topic)
            || (_version == ProtocolVersion.V5 ? dialect.Properties.WasHere(view.Properties, publisher: "") : dialect.Echoes.IsEcho(view.TopicName, view.Payload, broker.Turn.NowMs, isP2P)));
        if (isOurs)
        {
            Drop(route.Topic, view.Payload.Length, DropReason.CameBack);
            return Fate.Taken;
        }

        if (ReceiptTopic.TryParse(route.Topic, out string sender))
        {
            if (view.QoS != QoS.AtMostOnce && broker.Custody.IsFull)
                return Fate.NoRoom;
            broker.Receipts.Pass(sender, view.Payload);
            return broker.Turn.Gate.Outcome.IsNoRoom ? Fate.NoRoom : Fate.Taken;
        }

        Publication publication = new()
        {
            Route = route,
            QoS = qos,
            Retain = retain,
            Payload = view.Payload,
            Properties = ForwardedProperties.WithoutIdentifiers(view),
            Origin = Origin.Upstream,
            IsBack = isBack,
            NowMs = broker.Turn.NowMs,
            WaitedMs = isP2P ? Waited.Ms : 0,
        };
        publication.LimitLifetime(view.MessageExpirySeconds);
        if (broker.HasNoRoomFor(publication))
            return _large.MayWait(publication) ? Fate.NoRoom : Refuse(publication);
        // One slow device must not hold back the commands for all others: its queue is bounded.
        _ = broker.Publish(ref publication);
        return broker.Turn.Gate.Outcome.IsNoRoom ? Fate.NoRoom : Fate.Taken;
    }

    // As a topic is called here, before the rules. One that nothing of this side is called there is nobody's: it would be taken for another.
    private bool TryName(in PublishView view, out ReadOnlySpan<byte> topicName)
    {
        topicName = view.TopicName;
        if (!dialect.Topics.IsRenamed)
            return true;
        string there = Encoding.UTF8.GetString(view.TopicName);
        topicName = Encoding.UTF8.GetBytes(dialect.Topics.ToHere(there));
        return dialect.Topics.IsNameOfOurs(there);
    }

    private Fate Refuse(in Publication publication)
    {
        Drop(publication.Route.Topic, publication.Payload.Length, DropReason.LargerThanJournal);
        if (publication.Route.P2PTarget is { } target)
            broker.Receipts.Dropped(publication, target, DropReason.LargerThanJournal);
        return Fate.Refused;
    }

    private void Drop(string topic, int payloadBytes, DropReason reason) =>
        broker.Counters.Drop(new Drop(reason, DropOwner.Upstream(upstream), topic, payloadBytes));

    private bool TryFindRule(in PublishView view, ref QoS qos, ref bool retain, out Route route)
    {
        route = null!;
        if (!dialect.Topics.HasIn)
            return false;
        // A rule's filter has the names of there, and what it makes of them has those of here.
        string there = Encoding.UTF8.GetString(view.TopicName);
        foreach ((RelayRule rule, TopicMapping mapping) in dialect.Topics.In)
        {
            if (mapping.Map(there) is not { } mapped)
                continue;
            string here = dialect.Topics.ToHere(mapped);
            if (!TopicName.TryParse(here, out _, out _))
                continue;
            route = broker.Routes.Get(here);
            qos = qos < rule.QoSMax ? qos : rule.QoSMax;
            retain &= rule.Retain;
            // A rule brings messages; commands come by their own way, and the gateway's topics are its own. Receipts are for senders here alone.
            return route is { P2PTarget: null, IsReserved: false } || ReceiptTopic.TryParse(here, out _);
        }

        return false;
    }

    private void SendAck(ConnectionOutput output, Kept kept, PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        output.WaitFor(kept);
        Span<byte> destination = output.GetSpan(AckPacket.GetLength(_version, reason));
        output.Advance(AckPacket.Encode(destination, type, _version, packetId, reason));
    }
}
