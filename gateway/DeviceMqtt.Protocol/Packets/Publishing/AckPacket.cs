using System.Buffers;
using System.Buffers.Binary;

namespace DeviceMqtt.Protocol;

/// <summary>
/// PUBACK, PUBREC, PUBREL and PUBCOMP (5.0, 3.4 to 3.7): a Packet Identifier and, in 5.0, a Reason Code with properties, which are both left
/// out for success.
/// </summary>
public static class AckPacket
{
    /// <summary>The length of an acknowledgement that only names its PacketId.</summary>
    public const int ShortBytes = 4;

    /// <summary>Decodes whichever of the four <paramref name="frame"/> is.</summary>
    public static bool TryDecode(in Frame frame, ProtocolVersion version, out AckView view, out MalformedReason reason) =>
        TryDecode(frame, version, anyError: false, out view, out reason);

    /// <summary>The same with any Reason Code of 0x80 and above taken for an error: brokers answer with some that these packets may not carry.</summary>
    public static bool TryDecodeLeniently(in Frame frame, ProtocolVersion version, out AckView view, out MalformedReason reason) =>
        TryDecode(frame, version, anyError: true, out view, out reason);

    private static bool TryDecode(in Frame frame, ProtocolVersion version, bool anyError, out AckView view, out MalformedReason reason)
    {
        view = default;
        PacketType type = frame.Type;
        if (type is < PacketType.PubAck or > PacketType.PubComp)
        {
            reason = MalformedReason.UnexpectedPacketType;
            return false;
        }

        if (!frame.Check(type, GetFlags(type), version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (!reader.TryReadPacketId(out ushort packetId) || !ReasonAndProperties.TryRead(ref reader, type, version, out ReasonCode code, out ReadOnlySpan<byte> properties, anyError))
        {
            reason = reader.Reason;
            return false;
        }

        view = new AckView { PacketId = packetId, Reason = code, Properties = properties };
        return true;
    }

    /// <summary>The length of the whole packet in bytes.</summary>
    public static int GetLength(ProtocolVersion version, ReasonCode reason = ReasonCode.Success, int propertyBytes = 0)
    {
        int remaining = GetRemainingLength(version, reason, propertyBytes);
        return 1 + VariableByteInteger.GetLength(remaining) + remaining;
    }

    /// <summary>Writes the packet to the start of <paramref name="destination"/> and returns its length: 4 bytes before 5.0 and for success.</summary>
    /// <param name="properties">Encoded, without their length; ignored before 5.0.</param>
    /// <exception cref="ArgumentException">The PacketId is 0, the type is none of the four, or the destination too small.</exception>
    public static int Encode(
        Span<byte> destination,
        PacketType type,
        ProtocolVersion version,
        ushort packetId,
        ReasonCode reason = ReasonCode.Success,
        ReadOnlySpan<byte> properties = default)
    {
        WireFormat.ThrowIfPacketIdZero(packetId);
        if (type is < PacketType.PubAck or > PacketType.PubComp)
            throw new ArgumentException("Only PUBACK, PUBREC, PUBREL and PUBCOMP have this form.", nameof(type));
        int remaining = GetRemainingLength(version, reason, properties.Length);
        if (remaining == sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)((int)type << 28 | GetFlags(type) << 24 | sizeof(ushort) << 16 | packetId));
            return ShortBytes;
        }

        destination[0] = (byte)((int)type << 4 | GetFlags(type));
        int offset = 1 + VariableByteInteger.Write(destination[1..], remaining);
        BinaryPrimitives.WriteUInt16BigEndian(destination[offset..], packetId);
        offset += sizeof(ushort);
        destination[offset++] = (byte)reason;
        if (properties.IsEmpty)
            return offset; // "If the Remaining Length is less than 4 there is no Property Length"
        offset += VariableByteInteger.Write(destination[offset..], properties.Length);
        properties.CopyTo(destination[offset..]);
        return offset + properties.Length;
    }

    /// <inheritdoc cref="Encode"/>
    public static void Write(
        IBufferWriter<byte> writer,
        PacketType type,
        ProtocolVersion version,
        ushort packetId,
        ReasonCode reason = ReasonCode.Success,
        ReadOnlySpan<byte> properties = default)
    {
        int length = GetLength(version, reason, properties.Length);
        writer.Advance(Encode(writer.GetSpan(length), type, version, packetId, reason, properties));
    }

    private static int GetRemainingLength(ProtocolVersion version, ReasonCode reason, int propertyBytes)
    {
        if (version != ProtocolVersion.V5 || (reason == ReasonCode.Success && propertyBytes == 0))
            return sizeof(ushort);
        return propertyBytes == 0
            ? sizeof(ushort) + 1
            : sizeof(ushort) + 1 + VariableByteInteger.GetLength(propertyBytes) + propertyBytes;
    }

    /// <summary>PUBREL alone has a bit set, as if it were sent with QoS 1. [MQTT-3.6.1-1]</summary>
    private static byte GetFlags(PacketType type) => type == PacketType.PubRel ? (byte)2 : (byte)0;
}
