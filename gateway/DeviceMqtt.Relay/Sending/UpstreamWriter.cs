using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Sending;

/// <summary>Writes messages as one upstream understands them, within what it takes on this connection. Owned by the turn.</summary>
internal sealed class UpstreamWriter(UpstreamDialect dialect)
{
    private UplinkTerms _terms = null!; // from Begin on

    /// <summary>Says which retained messages the upstream may keep; all where it is not set.</summary>
    public IRetainRule? RetainRule { get; set; }

    public void Begin(UplinkTerms terms) => _terms = terms;

    /// <summary>
    /// At least once, whatever the publisher chose: the way to the upstream breaks more often than the one to the gateway.
    /// Exactly once only where a rule asks for it.
    /// </summary>
    public QoS QoSOf(Message message, RelayRoute route)
    {
        QoS most = route.QoSMax < _terms.QoSMax ? route.QoSMax : _terms.QoSMax;
        return most == QoS.ExactlyOnce && message.QoS != QoS.ExactlyOnce ? QoS.AtLeastOnce : most;
    }

    /// <returns>False when the upstream does not take so large a packet.</returns>
    public bool TryWrite(ConnectionOutput output, Message message, RelayRoute route, QoS qos, bool dup, ushort packetId, long nowMs, bool isAlone = false)
    {
        bool isV5 = _terms.Version == ProtocolVersion.V5;
        ReadOnlySpan<byte> more = isV5 ? dialect.Properties.Of(message, nowMs, isAlone) : default;
        ReadOnlySpan<byte> payload = route.Device is { } device ? RelayProperties.MarkLate(message, dialect.Times is { } times ? times.Place(device, message) : message.Payload, nowMs) : message.Payload;
        int length = PublishPacket.GetLength(_terms.Version, route.TopicUtf8.Length, more.Length, payload.Length, qos);
        if (length > _terms.PacketBytesMax)
            return false;
        bool retain = message.Retain && route.KeepsRetain && _terms.HasRetain && RetainRule?.MayRetain(message) != false;
        Span<byte> destination = output.GetSpan(length);
        output.Advance(PublishPacket.Encode(destination, _terms.Version, route.TopicUtf8, more, payload, qos, retain, dup, packetId));
        if (route.ComesBack && !isV5 && !dup)
            dialect.Echoes.Sent(route.TopicUtf8, payload, nowMs);
        return true;
    }

    /// <summary>PUBREL: leaves when the disk has what it promises.</summary>
    public void WritePubRel(ConnectionOutput output, Kept kept, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        output.WaitFor(kept);
        // 3.1.1 has no reason codes.
        if (_terms.Version == ProtocolVersion.V5 && reason != ReasonCode.Success)
        {
            AckPacket.Write(output, PacketType.PubRel, _terms.Version, packetId, reason);
            return;
        }

        Span<byte> destination = output.GetSpan(AckPacket.ShortBytes);
        output.Advance(AckPacket.Encode(destination, PacketType.PubRel, _terms.Version, packetId));
    }
}
