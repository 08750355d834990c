using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

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
    public static bool TryDecode(in Frame frame, ProtocolVersion version, out PublishView view, out MalformedReason reason) =>
        TryDecode(frame, version, checkTopicName: true, out view, out reason);

    /// <summary>
    /// The same without looking at the characters of the Topic Name: for a caller that has seen these very bytes pass
    /// <see cref="CheckTopicName"/> before.
    /// </summary>
    public static bool TryDecodeLayout(in Frame frame, ProtocolVersion version, out PublishView view, out MalformedReason reason) =>
        TryDecode(frame, version, checkTopicName: false, out view, out reason);

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
        ushort packetId) =>
        Encode(destination, version, topic, ownProperties: default, properties, payload, qos, retain, dup, packetId);

    /// <summary>Writes the packet with properties that lie in two places, so that large ones need not be put together before.</summary>
    /// <param name="ownProperties">Encoded, without their length: what is this receiver's alone.</param>
    /// <inheritdoc cref="Encode(Span{byte}, ProtocolVersion, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, QoS, bool, bool, ushort)"/>
    public static int Encode(
        Span<byte> destination,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> ownProperties,
        ReadOnlySpan<byte> properties,
        ReadOnlySpan<byte> payload,
        QoS qos,
        bool retain,
        bool dup,
        ushort packetId)
    {
        int remaining = GetRemainingLength(version, topic.Length, ownProperties.Length + properties.Length, payload.Length, qos);
        return Encode(destination, remaining, version, topic, ownProperties, properties, payload, qos, retain, dup, packetId);
    }

    /// <inheritdoc cref="Encode(Span{byte}, ProtocolVersion, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, QoS, bool, bool, ushort)"/>
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
        int remaining = GetRemainingLength(version, topic.Length, properties.Length, payload.Length, qos);
        Span<byte> destination = writer.GetSpan(1 + VariableByteInteger.BytesMax + remaining);
        writer.Advance(Encode(destination, remaining, version, topic, ownProperties: default, properties, payload, qos, retain, dup, packetId));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // measured: inlined, its speed depends on its caller (7 to 15 ns); so it is 7 ns everywhere
    private static bool TryDecode(in Frame frame, ProtocolVersion version, bool checkTopicName, out PublishView view, out MalformedReason reason)
    {
        view = default;
        byte first = frame.FirstByte;
        reason = CheckHeader(first);
        if (reason == MalformedReason.None && version == ProtocolVersion.V5 && !frame.HasMinimalLength)
            reason = MalformedReason.RemainingLengthNotMinimal;
        if (reason != MalformedReason.None)
            return false;

        // Spans in local variables, not a BodyReader: its offset would go through memory for every field.
        ReadOnlySpan<byte> body = frame.Body;
        reason = MalformedReason.BodyTooShort;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(body, out ushort topicBytes) || body.Length - sizeof(ushort) < topicBytes)
            return false;
        ReadOnlySpan<byte> topicName = body.Slice(sizeof(ushort), topicBytes);
        ReadOnlySpan<byte> rest = body[(sizeof(ushort) + topicBytes)..];

        var qos = (QoS)(first >> 1 & 3);
        if (qos != QoS.AtMostOnce)
        {
            if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out ushort packetId))
                return false;
            reason = MalformedReason.PacketIdZero; // [MQTT-2.2.1-3]
            if (packetId == 0)
                return false;
            view.PacketId = packetId;
            rest = rest[sizeof(ushort)..];
        }

        if (version == ProtocolVersion.V5)
        {
            int propertyBytes = PublishProperties.Read(rest, ref view, out reason);
            if (reason != MalformedReason.None)
                return false;
            rest = rest[propertyBytes..];
        }

        reason = MalformedReason.TopicNameEmpty; // [MQTT-4.7.3-1]; 5.0, 3.3.2.1
        if (topicName.IsEmpty && view.TopicAlias == 0)
            return false;
        reason = MalformedReason.None;
        if (checkTopicName && !topicName.IsEmpty && !CheckTopicName(topicName, out reason))
            return false;
        view.Dup = (first & 8) != 0;
        view.QoS = qos;
        view.Retain = (first & 1) != 0;
        view.TopicName = topicName;
        view.Payload = rest;
        return true;
    }

    private static int Encode(
        Span<byte> destination,
        int remaining,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> ownProperties,
        ReadOnlySpan<byte> properties,
        ReadOnlySpan<byte> payload,
        QoS qos,
        bool retain,
        bool dup,
        ushort packetId)
    {
        WireFormat.ThrowIfTooLong(topic.Length);
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
            offset += VariableByteInteger.Write(destination[offset..], ownProperties.Length + properties.Length);
            ownProperties.CopyTo(destination[offset..]);
            offset += ownProperties.Length;
            properties.CopyTo(destination[offset..]);
            offset += properties.Length;
        }

        payload.CopyTo(destination[offset..]);
        return offset + payload.Length;
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

    private static MalformedReason CheckHeader(byte first)
    {
        if (first >> 4 != (int)PacketType.Publish)
            return MalformedReason.UnexpectedPacketType;
        if ((first & 0x06) == 0x06)
            return MalformedReason.QoS3; // [MQTT-3.3.1-4]
        return (first & 0x0E) == 0x08 ? MalformedReason.DupWithQoS0 : MalformedReason.None; // [MQTT-3.3.1-2]
    }
}
