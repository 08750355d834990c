using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>DISCONNECT (5.0, 3.14). Before 5.0 only a client sends it, and it has no content.</summary>
public sealed class DisconnectPacket
{
    /// <summary>The DISCONNECT without content, normal disconnection, in every version.</summary>
    public static ReadOnlySpan<byte> Normal => [0xE0, 0x00];

    public ReasonCode ReasonCode { get; init; }

    /// <summary>Seconds; null leaves the interval of CONNECT. Only from a client.</summary>
    public uint? SessionExpirySeconds { get; init; }

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public string? ServerReference { get; init; }

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out DisconnectPacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.Disconnect, 0, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (!ReasonAndProperties.TryRead(ref reader, PacketType.Disconnect, version, out ReasonCode code, out ReadOnlySpan<byte> properties))
        {
            reason = reader.Reason;
            return false;
        }

        PropertyValues? values = properties.IsEmpty ? null : new PropertyValues(properties);
        packet = new DisconnectPacket
        {
            ReasonCode = code,
            SessionExpirySeconds = values?.Number(PropertyId.SessionExpiryInterval),
            ReasonString = values?.Text(PropertyId.ReasonString),
            UserProperties = values?.UserProperties ?? [],
            ServerReference = values?.Text(PropertyId.ServerReference),
        };
        return true;
    }

    /// <exception cref="ArgumentException">A property cannot be encoded.</exception>
    public void Write(IBufferWriter<byte> writer, ProtocolVersion version)
    {
        PacketBuilder builder = PacketBuilder.Start();
        if (version == ProtocolVersion.V5)
        {
            builder.Properties.AddIfPresent(PropertyId.SessionExpiryInterval, SessionExpirySeconds);
            builder.Properties.AddIfPresent(PropertyId.ReasonString, ReasonString);
            builder.Properties.Add(UserProperties);
            builder.Properties.AddIfPresent(PropertyId.ServerReference, ServerReference);
            ReasonAndProperties.Add(builder, ReasonCode);
        }

        builder.WriteTo(writer, PacketType.Disconnect);
    }
}
