using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>UNSUBSCRIBE (5.0, 3.10).</summary>
public sealed class UnsubscribePacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>At least one, in the order of the packet.</summary>
    public IReadOnlyList<TopicFilter> Filters { get; init; } = [];

    /// <summary>5.0 only.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out UnsubscribePacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.Unsubscribe, 2, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (!reader.TryReadPacketId(out ushort packetId)
            || !reader.TryReadProperties(PropertyOwner.Unsubscribe, version, out ReadOnlySpan<byte> properties)
            || !TryReadFilters(ref reader, out List<TopicFilter>? filters))
        {
            reason = reader.Reason;
            return false;
        }

        packet = new UnsubscribePacket
        {
            PacketId = packetId,
            Filters = filters,
            UserProperties = properties.IsEmpty ? [] : new PropertyValues(properties).UserProperties,
        };
        return true;
    }

    /// <exception cref="ArgumentException">The PacketId is 0, or a field cannot be encoded.</exception>
    /// <exception cref="InvalidOperationException">There is no filter.</exception>
    public void Write(IBufferWriter<byte> writer, ProtocolVersion version)
    {
        WireFormat.ThrowIfPacketIdZero(PacketId);
        if (Filters.Count == 0)
            throw new InvalidOperationException("An UNSUBSCRIBE needs a Topic Filter.");
        PacketBuilder builder = PacketBuilder.Start();
        builder.Add(PacketId);
        if (version == ProtocolVersion.V5)
        {
            builder.Properties.Add(UserProperties);
            builder.AddProperties();
        }

        foreach (TopicFilter filter in Filters)
            builder.Add(filter.Value);
        builder.WriteTo(writer, PacketType.Unsubscribe, 2);
    }

    private static bool TryReadFilters(scoped ref BodyReader reader, [NotNullWhen(true)] out List<TopicFilter>? filters)
    {
        filters = null;
        if (reader.Remaining == 0)
            return reader.Fail(MalformedReason.NoTopicFilter); // [MQTT-3.10.3-2]
        var all = new List<TopicFilter>(1);
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadBinary(out ReadOnlySpan<byte> utf8))
                return false;
            if (!TopicFilter.TryParse(utf8, out TopicFilter filter, out MalformedReason wrong))
                return reader.Fail(wrong);
            all.Add(filter);
        }

        filters = all;
        return true;
    }
}
