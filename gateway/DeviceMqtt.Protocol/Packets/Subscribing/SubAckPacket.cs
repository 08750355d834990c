using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>SUBACK (5.0, 3.9): one code for each Topic Filter of the SUBSCRIBE, in its order.</summary>
public sealed class SubAckPacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>At least one. Before 5.0 every failure is sent as 0x80, the only one there is.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes { get; init; } = [];

    /// <summary>5.0 only.</summary>
    public string? ReasonString { get; init; }

    /// <summary>5.0 only.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out SubAckPacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.SubAck, 0, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (!reader.TryReadPacketId(out ushort packetId)
            || !reader.TryReadProperties(PropertyOwner.SubAck, version, out ReadOnlySpan<byte> properties)
            || !ReasonCodeList.TryRead(ref reader, PacketType.SubAck, version, out IReadOnlyList<ReasonCode>? codes))
        {
            reason = reader.Reason;
            return false;
        }

        PropertyValues? values = properties.IsEmpty ? null : new PropertyValues(properties);
        packet = new SubAckPacket
        {
            PacketId = packetId,
            ReasonCodes = codes,
            ReasonString = values?.Text(PropertyId.ReasonString),
            UserProperties = values?.UserProperties ?? [],
        };
        return true;
    }

    /// <exception cref="ArgumentException">The PacketId is 0, or a field cannot be encoded.</exception>
    /// <exception cref="InvalidOperationException">There is no code.</exception>
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
        }

        ReasonCodeList.Add(builder, ReasonCodes, version);
        builder.WriteTo(writer, PacketType.SubAck);
    }
}
