using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>UNSUBACK (5.0, 3.11): in 5.0 one code for each Topic Filter of the UNSUBSCRIBE; before, only the PacketId.</summary>
public sealed class UnsubAckPacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>At least one in 5.0; not sent, and empty when decoded, before.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes { get; init; } = [];

    /// <summary>5.0 only.</summary>
    public string? ReasonString { get; init; }

    /// <summary>5.0 only.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out UnsubAckPacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.UnsubAck, 0, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        IReadOnlyList<ReasonCode>? codes = [];
        if (!reader.TryReadPacketId(out ushort packetId)
            || !reader.TryReadProperties(PropertyOwner.UnsubAck, version, out ReadOnlySpan<byte> properties)
            || !(version == ProtocolVersion.V5 ? ReasonCodeList.TryRead(ref reader, PacketType.UnsubAck, version, out codes) : reader.TryEnd()))
        {
            reason = reader.Reason;
            return false;
        }

        PropertyValues? values = properties.IsEmpty ? null : new PropertyValues(properties);
        packet = new UnsubAckPacket
        {
            PacketId = packetId,
            ReasonCodes = codes,
            ReasonString = values?.Text(PropertyId.ReasonString),
            UserProperties = values?.UserProperties ?? [],
        };
        return true;
    }

    /// <exception cref="ArgumentException">The PacketId is 0, or a field cannot be encoded.</exception>
    /// <exception cref="InvalidOperationException">There is no code in 5.0.</exception>
    public void Write(IBufferWriter<byte> writer, ProtocolVersion version)
    {
        WireFormat.ThrowIfPacketIdZero(PacketId);
        PacketBuilder builder = PacketBuilder.Start();
        builder.Add(PacketId);
        if (version == ProtocolVersion.V5)
        {
            builder.Properties.AddIfPresent(PropertyId.ReasonString, ReasonString);
            builder.Properties.Add(UserProperties);
            builder.AddProperties();
            ReasonCodeList.Add(builder, ReasonCodes, version);
        }

        builder.WriteTo(writer, PacketType.UnsubAck);
    }
}
