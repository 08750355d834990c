using System.Buffers.Binary;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>Writes PUBLISH packets to a connection: from a publication that passes through, or a message that was held.</summary>
internal static class PublishSender
{
    private const byte RetainBit = 0x01;

    /// <summary>A publication that goes straight through: the packet encoded once for all, patched for this client.</summary>
    public static DeliveryResult Send(
        ClientLink connection, in Publication publication, PublishEncodings encodings, QoS qos, bool retain, uint[]? identifiers, ushort packetId)
    {
        bool saysTimeLeft = connection.IsGateway && publication.Route.P2PTarget is not null;
        if (connection.OutboundAliases is not null || ((identifiers is not null || saysTimeLeft) && connection.Version == ProtocolVersion.V5))
        {
            ReadOnlySpan<byte> properties = saysTimeLeft ? ForwardedProperties.WithTimeLeft(publication.Properties, publication.ExpiresMs, publication.NowMs) : publication.Properties;
            return Write(connection, publication.Route.Topic, publication.Route.TopicUtf8, properties, publication.Payload,
                qos, retain, dup: false, identifiers, packetId, publication.Route.P2PTarget is not null);
        }

        ReadOnlySpan<byte> packet = encodings.Get(publication, connection.Version, qos);
        if (packet.Length > connection.PublishBytesMax)
            return DeliveryResult.TooLarge;
        // A message at QoS 1 or 2 was asked for before it took its Packet Identifier.
        if (qos == QoS.AtMostOnce && !connection.Output.HasRoomFor(packet.Length))
            return DeliveryResult.Slow;
        Span<byte> destination = connection.Output.GetSpan(packet.Length);
        packet.CopyTo(destination);
        if (retain)
            destination[0] |= RetainBit;
        if (qos != QoS.AtMostOnce)
            BinaryPrimitives.WriteUInt16BigEndian(destination[PacketIdOffset(packet, publication.Route.TopicUtf8.Length)..], packetId);
        Sent(connection.Output, packet.Length, publication.Route.P2PTarget is not null);
        return DeliveryResult.Sent;
    }

    /// <summary>
    /// A message that waited. Its 5.0 expiry interval is lowered by the time it did [MQTT-3.3.2-6]. A gateway below is told what is left of a command whatever it says itself: it would
    /// count the time from the arrival there.
    /// </summary>
    public static DeliveryResult SendHeld(
        ClientLink connection, Message message, QoS qos, bool retain, bool dup, uint[]? identifiers, ushort packetId, long nowMs)
    {
        ReadOnlySpan<byte> properties = connection.Version != ProtocolVersion.V5 ? default
            : connection.IsGateway && message.IsP2P ? ForwardedProperties.WithTimeLeft(message.Properties, message.ExpiresMs, nowMs) : ForwardedProperties.Aged(message, nowMs);
        return Write(connection, message.Topic, message.TopicUtf8, properties, message.Payload, qos, retain, dup, identifiers, packetId, message.IsP2P);
    }

    private static DeliveryResult Write(
        ClientLink connection, string topic, ReadOnlySpan<byte> topicUtf8, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload,
        QoS qos, bool retain, bool dup, uint[]? identifiers, ushort packetId, bool isP2P)
    {
        ushort alias = 0;
        bool isNew = false;
        ReadOnlySpan<byte> own = default;
        if (connection.Version == ProtocolVersion.V5)
        {
            // QoS 2 goes with its name: clients that keep the packet until PUBREL do not all keep what its alias stood for.
            alias = qos == QoS.ExactlyOnce ? (ushort)0 : connection.OutboundAliases?.Find(topic, out isNew) ?? 0;
            // Those of the publisher, which may be a megabyte, are not copied to stand behind them.
            if (alias != 0 || identifiers is not null)
                own = ForwardedProperties.OfSubscriber(connection.PropertyScratch, alias, identifiers);
        }

        ReadOnlySpan<byte> name = alias != 0 && !isNew ? default : topicUtf8;
        int length = PublishPacket.GetLength(connection.Version, name.Length, own.Length + properties.Length, payload.Length, qos);
        if (length > connection.PublishBytesMax && alias != 0)
        {
            // The alias is our own wish: a message that fits without it is not too large [MQTT-3.1.2-25].
            alias = 0;
            name = topicUtf8;
            own = identifiers is null ? default : ForwardedProperties.OfSubscriber(connection.PropertyScratch, alias, identifiers);
            length = PublishPacket.GetLength(connection.Version, name.Length, own.Length + properties.Length, payload.Length, qos);
        }

        if (length > connection.PublishBytesMax)
            return DeliveryResult.TooLarge;
        if (qos == QoS.AtMostOnce && !connection.Output.HasRoomFor(length))
            return DeliveryResult.Slow;
        Span<byte> destination = connection.Output.GetSpan(length);
        _ = PublishPacket.Encode(destination, connection.Version, name, own, properties, payload, qos, retain, dup, packetId);
        Sent(connection.Output, length, isP2P);
        connection.ReleaseScratch();
        if (alias != 0 && isNew)
            connection.OutboundAliases!.Define(topic, alias);
        return DeliveryResult.Sent;
    }

    // A command goes first.
    private static void Sent(ConnectionOutput output, int bytes, bool isP2P)
    {
        if (isP2P)
            output.Advance(bytes);
        else
            output.AdvancePatiently(bytes);
    }

    // Fixed header, then the topic with its two length bytes, then the Packet Identifier (3.1.1 section 3.3.2).
    private static int PacketIdOffset(ReadOnlySpan<byte> packet, int topicBytes)
    {
        int fixedHeader = 2;
        while ((packet[fixedHeader - 1] & 0x80) != 0)
            fixedHeader++;
        return fixedHeader + 2 + topicBytes;
    }
}
