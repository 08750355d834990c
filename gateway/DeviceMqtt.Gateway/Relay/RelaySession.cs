using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// The state towards one upstream that outlives its network connections: what waits and what is in flight, the
/// subscriptions there, the QoS 2 identifiers. It does no I/O and never waits. Owned by the turn.
/// </summary>
internal sealed class RelaySession : IUpstreamTap
{
    // Its backlog on disk is known by this name.
    private const string UpstreamName = "upstream";
    private readonly Broker _broker;
    private readonly RelayTopics _topics;
    private readonly UplinkPresence _presence;
    private readonly RelaySender _sender;
    private readonly P2PSubscriptions _subscriptions;
    private readonly UpstreamPublishReceiver _publishes;
    private readonly bool _bufferQoS0;

    public RelaySession(Broker broker, RelayOptions options, RelayTopics topics, UplinkPresence presence, ILogger log)
    {
        _broker = broker;
        _topics = topics;
        _presence = presence;
        _bufferQoS0 = options.BufferQoS0;
        Buffer = new RelayBuffer(broker.Limits, broker.Custody, UpstreamName);
        broker.Backlogs.Add(UpstreamName, Buffer);
        _sender = new RelaySender(Buffer, topics, presence, broker.Turn, broker.Limits.RelayInflightMax);
        _subscriptions = new P2PSubscriptions(_sender, broker.Limits.KnownDevicesMax, log);
        _publishes = new UpstreamPublishReceiver(broker, UpstreamName);
    }

    public RelayBuffer Buffer { get; }

    /// <summary>Messages that the upstream has acknowledged, since the start.</summary>
    public long Acknowledged => _sender.Acknowledged;

    /// <summary>Messages taken from the upstream, since the start.</summary>
    public long Received => _publishes.Received;

    /// <summary>Monotonic milliseconds since when nothing was acknowledged although something is in flight; null when nothing is.</summary>
    public long? StandingStillSinceMs => _sender.StandingStillSinceMs;

    public bool Wants(string topic) => _topics.Wants(topic);

    public void Offer(Message message)
    {
        if (message.QoS == QoS.AtMostOnce && !_bufferQoS0)
        {
            if (!_sender.TrySendQoS0(message))
                _broker.Counters.Drop(DropReason.UpstreamAway);
            return;
        }

        Buffer.Add(message);
        _sender.Pump(_broker.Turn.NowMs);
    }

    public void ClientKnown(string clientId) => _subscriptions.Add(clientId);

    /// <summary>The upstream has accepted a connection.</summary>
    public void Attach(ConnectionOutput output, bool sessionPresent)
    {
        _publishes.Attach(sessionPresent);
        _sender.Attach(output);
        _subscriptions.Attach(output, sessionPresent);
    }

    /// <summary>The connection is gone.</summary>
    public void Detach()
    {
        _subscriptions.Detach();
        _sender.Detach();
    }

    /// <summary>Tells the upstream that the gateway leaves.</summary>
    public void SayGoodbye() => _sender.SendAhead(_presence.Offline);

    /// <summary>Completes when nothing waits or is in flight, or the connection is gone.</summary>
    public Task WhenIdle() => _sender.WhenIdle();

    /// <summary>One packet of the upstream.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? Receive(in Frame frame, ConnectionOutput output) => frame.Type switch
    {
        PacketType.Publish => _publishes.ReceivePublish(frame, output),
        PacketType.PubAck => ReceivePubAck(frame),
        PacketType.PubRel => _publishes.ReceivePubRel(frame, output),
        PacketType.SubAck => _subscriptions.ReceiveSubAck(frame),
        PacketType.UnsubAck => _subscriptions.ReceiveUnsubAck(frame),
        PacketType.PingResp => PingPackets.TryDecode(frame, ProtocolVersion.V311, out MalformedReason reason) ? null : reason.ToText(),
        _ => "is not for a server to send here",
    };

    private string? ReceivePubAck(in Frame frame)
    {
        if (!AckPacket.TryDecode(frame, ProtocolVersion.V311, out AckView ack, out MalformedReason reason))
            return reason.ToText();
        return _sender.ReceivePubAck(ack.PacketId) ? null : $"for Packet Identifier {ack.PacketId}, which is of no PUBLISH";
    }
}
