using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// PUBLISH and PUBREL from the upstream: P2P messages for the devices here. Acknowledged only after they were routed.
/// Outlives the connections, because the Packet Identifiers of QoS 2 do. Owned by the turn.
/// </summary>
internal sealed class UpstreamPublishReceiver(Broker broker, string upstream)
{
    // At most the 65,535 Packet Identifiers there are.
    private readonly HashSet<ushort> _awaitPubRel = broker.UpstreamInbound[upstream] = [];
    private readonly string _owner = InboundOwner.OfUpstream(upstream);

    /// <summary>Messages taken from the upstream, since the start.</summary>
    public long Received { get; private set; }

    public void Attach(bool sessionPresent)
    {
        if (sessionPresent)
            return;
        foreach (ushort packetId in _awaitPubRel)
            broker.Custody.InboundClosed(_owner, packetId);
        _awaitPubRel.Clear();
    }

    /// <summary>PUBLISH.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceivePublish(in Frame frame, Connections.ConnectionOutput output)
    {
        if (!PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView view, out MalformedReason reason))
            return reason.ToText();
        broker.Custody.BeginPacket();
        // Message and Packet Identifier get to the disk together.
        using FrameScope frameOnDisk = view.QoS == QoS.ExactlyOnce ? broker.Custody.OneFrame() : default;
        bool isFirst = view.QoS != QoS.ExactlyOnce || _awaitPubRel.Add(view.PacketId); // [MQTT-4.3.3-2]
        if (isFirst && view.QoS == QoS.ExactlyOnce)
            broker.Custody.InboundOpened(_owner, view.PacketId);
        if (isFirst)
            Route(view);
        else
            broker.Custody.RequireAll();
        output.WaitFor(broker.Custody.Required);
        if (view.QoS == QoS.AtLeastOnce)
            SendAck(output, PacketType.PubAck, view.PacketId);
        else if (view.QoS == QoS.ExactlyOnce)
            SendAck(output, PacketType.PubRec, view.PacketId);
        return null;
    }

    /// <summary>PUBREL.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceivePubRel(in Frame frame, Connections.ConnectionOutput output)
    {
        if (!AckPacket.TryDecode(frame, ProtocolVersion.V311, out AckView ack, out MalformedReason reason))
            return reason.ToText();
        broker.Custody.BeginPacket();
        if (_awaitPubRel.Remove(ack.PacketId))
            broker.Custody.InboundClosed(_owner, ack.PacketId);
        else
            broker.Custody.RequireAll();
        output.WaitFor(broker.Custody.Required);
        SendAck(output, PacketType.PubComp, ack.PacketId);
        return null;
    }

    private void Route(in PublishView view)
    {
        Received++;
        // A Session upstream may hold subscriptions of other days. What is not for a device here is taken and dropped.
        if (!broker.Routes.TryGet(view.TopicName, out Route route, out _) || route.P2PTarget is null)
        {
            broker.Counters.Drop(DropReason.NotAskedFor);
            return;
        }

        Publication publication = new()
        {
            Route = route,
            QoS = view.QoS,
            Retain = view.Retain,
            Payload = view.Payload,
            Origin = Origin.Upstream,
            NowMs = broker.Turn.NowMs,
        };
        // One slow device must not hold back the commands for all others: its queue is bounded.
        _ = broker.Publish(ref publication);
    }

    private static void SendAck(Connections.ConnectionOutput output, PacketType type, ushort packetId)
    {
        Span<byte> destination = output.GetSpan(AckPacket.ShortBytes);
        output.Advance(AckPacket.Encode(destination, type, ProtocolVersion.V311, packetId));
    }
}
