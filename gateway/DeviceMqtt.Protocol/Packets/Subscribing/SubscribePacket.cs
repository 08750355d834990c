using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>SUBSCRIBE (5.0, 3.8).</summary>
public sealed class SubscribePacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>At least one, in the order of the packet, which is the order of the codes in SUBACK.</summary>
    public IReadOnlyList<SubscriptionRequest> Requests { get; init; } = [];

    /// <summary>1 to 268,435,455; 0 when there is none.</summary>
    public uint SubscriptionIdentifier { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out SubscribePacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.Subscribe, 2, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (!reader.TryReadPacketId(out ushort packetId)
            || !reader.TryReadProperties(PropertyOwner.Subscribe, version, out ReadOnlySpan<byte> properties)
            || !TryReadRequests(ref reader, version, out List<SubscriptionRequest>? requests))
        {
            reason = reader.Reason;
            return false;
        }

        PropertyValues? values = properties.IsEmpty ? null : new PropertyValues(properties);
        packet = new SubscribePacket
        {
            PacketId = packetId,
            Requests = requests,
            SubscriptionIdentifier = values?.Number(PropertyId.SubscriptionIdentifier) ?? 0,
            UserProperties = values?.UserProperties ?? [],
        };
        return true;
    }

    /// <exception cref="ArgumentException">The PacketId is 0, or a field cannot be encoded.</exception>
    /// <exception cref="InvalidOperationException">There is no filter.</exception>
    public void Write(IBufferWriter<byte> writer, ProtocolVersion version)
    {
        WireFormat.ThrowIfPacketIdZero(PacketId);
        if (Requests.Count == 0)
            throw new InvalidOperationException("A SUBSCRIBE needs a Topic Filter.");
        PacketBuilder builder = PacketBuilder.Start();
        builder.Add(PacketId);
        if (version == ProtocolVersion.V5)
        {
            builder.Properties.AddUnless(PropertyId.SubscriptionIdentifier, SubscriptionIdentifier, 0);
            builder.Properties.Add(UserProperties);
            builder.AddProperties();
        }

        foreach (SubscriptionRequest request in Requests)
        {
            builder.Add(request.Filter.Value);
            builder.Add(request.GetOptions(version));
        }

        builder.WriteTo(writer, PacketType.Subscribe, 2);
    }

    private static bool TryReadRequests(scoped ref BodyReader reader, ProtocolVersion version, [NotNullWhen(true)] out List<SubscriptionRequest>? requests)
    {
        requests = null;
        if (reader.Remaining == 0)
            return reader.Fail(MalformedReason.NoTopicFilter); // [MQTT-3.8.3-2]
        var all = new List<SubscriptionRequest>(1);
        TopicFilter filter = default;
        ReadOnlySpan<byte> before = default;
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadBinary(out ReadOnlySpan<byte> utf8))
                return false;
            // A packet may have one filter tens of thousands of times: it is read once.
            if ((all.Count == 0 || !utf8.SequenceEqual(before)) && !TopicFilter.TryParse(utf8, out filter, out MalformedReason unsound))
                return reader.Fail(unsound);
            before = utf8;
            if (!reader.TryReadByte(out byte options))
                return false;
            MalformedReason wrong = SubscriptionRequest.CheckOptions(options, filter.IsShared, version);
            if (wrong != MalformedReason.None)
                return reader.Fail(wrong);
            all.Add(new SubscriptionRequest(filter, (QoS)(options & 3), (options & 4) != 0, (options & 8) != 0, (RetainHandling)(options >> 4 & 3)));
        }

        requests = all;
        return true;
    }
}
