using System.Buffers;
using System.Buffers.Binary;

namespace DeviceMqtt.Protocol;

/// <summary>
/// PUBLISH (5.0, 3.3), the hottest packet: decoded into views, encoded straight into the output.
/// <code>
/// +--------+-----------+-------+----------------+-----------+----------------------+---------+
/// | 3 DQQR | remaining | topic | packet id      | property  | properties           | payload |
/// |        | length    | 2 + n | 2, QoS 1 and 2 | length 1- | 5.0 only             |         |
/// +--------+-----------+-------+----------------+-----------+----------------------+---------+
/// </code>
/// </summary>
public static class PublishPacket
{
    /// <summary>Decodes and checks everything that can be seen in the packet alone.</summary>
    public static bool TryDecode(in Frame frame, ProtocolVersion version, out PublishView view, out MalformedReason reason)
    {
        if (!TryDecodeLayout(frame, version, out view, out reason))
            return false;
        return view.TopicName.IsEmpty || CheckTopicName(view.TopicName, out reason);
    }

    /// <summary>
    /// The same without looking at the characters of the Topic Name: for a caller that has seen these very bytes pass
    /// <see cref="CheckTopicName"/> before.
    /// </summary>
    public static bool TryDecodeLayout(in Frame frame, ProtocolVersion version, out PublishView view, out MalformedReason reason)
    {
        view = default;
        if (!CheckHeader(frame, version, out reason))
            return false;

        var qos = (QoS)(frame.FirstByte >> 1 & 3);
        ushort packetId = 0;
        var reader = new BodyReader(frame.Body);
        if (!reader.TryReadBinary(out ReadOnlySpan<byte> topicName) || (qos != QoS.AtMostOnce && !reader.TryReadPacketId(out packetId)))
        {
            reason = reader.Reason;
            return false;
        }

        PublishProperties properties = default;
        if (version == ProtocolVersion.V5 && !PublishProperties.TryRead(ref reader, out properties))
        {
            reason = reader.Reason;
            return false;
        }

        if (topicName.IsEmpty && properties.TopicAlias == 0)
        {
            reason = MalformedReason.TopicNameEmpty; // [MQTT-4.7.3-1]; 5.0, 3.3.2.1
            return false;
        }

        view = new PublishView
        {
            Dup = (frame.FirstByte & 8) != 0,
            QoS = qos,
            Retain = (frame.FirstByte & 1) != 0,
            PacketId = packetId,
            TopicName = topicName,
            Properties = properties.Encoded,
            PropertiesPresent = properties.Present,
            TopicAlias = properties.TopicAlias,
            MessageExpirySeconds = properties.MessageExpirySeconds,
            Payload = reader.Rest,
        };
        return true;
    }

    /// <summary>Checks the characters of a Topic Name: not empty, well-formed UTF-8, no U+0000, no wildcard.</summary>
    public static bool CheckTopicName(ReadOnlySpan<byte> topicUtf8, out MalformedReason reason) => TopicName.Check(topicUtf8, out reason);

    /// <summary>The length of the whole packet in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The packet would be larger than the protocol can say.</exception>
    public static int GetLength(ProtocolVersion version, int topicBytes, int propertyBytes, int payloadBytes, QoS qos)
    {
        int remaining = GetRemainingLength(version, topicBytes, propertyBytes, payloadBytes, qos);
        return 1 + VariableByteInteger.GetLength(remaining) + remaining;
    }

    /// <summary>Writes the packet to the start of <paramref name="destination"/> and returns its length.</summary>
    /// <param name="topic">UTF-8, sound: it is not checked again.</param>
    /// <param name="properties">Encoded, without their length; ignored before 5.0.</param>
    /// <param name="packetId">1 to 65,535 with QoS 1 and 2; ignored with QoS 0.</param>
    /// <exception cref="ArgumentException">The destination is too small, the packet too large, or the PacketId 0 with QoS 1 or 2.</exception>
    public static int Encode(
        Span<byte> destination,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> properties,
        ReadOnlySpan<byte> payload,
        QoS qos,
        bool retain,
        bool dup,
        ushort packetId)
    {
        WireFormat.ThrowIfTooLong(topic.Length);
        int remaining = GetRemainingLength(version, topic.Length, properties.Length, payload.Length, qos);
        destination[0] = (byte)((int)PacketType.Publish << 4 | (dup ? 8 : 0) | (int)qos << 1 | (retain ? 1 : 0));
        int offset = 1 + VariableByteInteger.Write(destination[1..], remaining);
        BinaryPrimitives.WriteUInt16BigEndian(destination[offset..], (ushort)topic.Length);
        offset += sizeof(ushort);
        topic.CopyTo(destination[offset..]);
        offset += topic.Length;
        if (qos != QoS.AtMostOnce)
        {
            WireFormat.ThrowIfPacketIdZero(packetId);
            BinaryPrimitives.WriteUInt16BigEndian(destination[offset..], packetId);
            offset += sizeof(ushort);
        }

        if (version == ProtocolVersion.V5)
        {
            offset += VariableByteInteger.Write(destination[offset..], properties.Length);
            properties.CopyTo(destination[offset..]);
            offset += properties.Length;
        }

        payload.CopyTo(destination[offset..]);
        return offset + payload.Length;
    }

    /// <inheritdoc cref="Encode"/>
    public static void Write(
        IBufferWriter<byte> writer,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> properties,
        ReadOnlySpan<byte> payload,
        QoS qos,
        bool retain,
        bool dup,
        ushort packetId)
    {
        int length = GetLength(version, topic.Length, properties.Length, payload.Length, qos);
        writer.Advance(Encode(writer.GetSpan(length), version, topic, properties, payload, qos, retain, dup, packetId));
    }

    private static int GetRemainingLength(ProtocolVersion version, int topicBytes, int propertyBytes, int payloadBytes, QoS qos)
    {
        long remaining = sizeof(ushort) + (long)topicBytes + payloadBytes;
        if (qos != QoS.AtMostOnce)
            remaining += sizeof(ushort);
        if (version == ProtocolVersion.V5)
            remaining += VariableByteInteger.GetLength(propertyBytes) + (long)propertyBytes;
        if (remaining > VariableByteInteger.Max)
            throw new ArgumentOutOfRangeException(nameof(payloadBytes), payloadBytes, "The packet would be larger than 268,435,460 bytes.");
        return (int)remaining;
    }

    private static bool CheckHeader(in Frame frame, ProtocolVersion version, out MalformedReason reason)
    {
        byte first = frame.FirstByte;
        reason = MalformedReason.None;
        if (first >> 4 != (int)PacketType.Publish)
            reason = MalformedReason.UnexpectedPacketType;
        else if ((first & 0x06) == 0x06)
            reason = MalformedReason.QoS3; // [MQTT-3.3.1-4]
        else if ((first & 0x0E) == 0x08)
            reason = MalformedReason.DupWithQoS0; // [MQTT-3.3.1-2]
        else if (version == ProtocolVersion.V5 && !frame.HasMinimalLength)
            reason = MalformedReason.RemainingLengthNotMinimal;
        return reason == MalformedReason.None;
    }
}
