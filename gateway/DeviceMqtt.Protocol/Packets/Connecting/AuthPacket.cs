using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>AUTH (5.0, 3.15), the steps of enhanced authentication; not in older versions.</summary>
public sealed class AuthPacket
{
    /// <summary>Success, ContinueAuthentication or Reauthenticate.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Null only in the shortest form, an AUTH without content.</summary>
    public string? AuthenticationMethod { get; init; }

    public byte[]? AuthenticationData { get; init; }

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out AuthPacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.Auth, 0, version, out reason))
            return false;
        if (version != ProtocolVersion.V5)
        {
            reason = MalformedReason.PacketNotInVersion;
            return false;
        }

        var reader = new BodyReader(frame.Body);
        if (!ReasonAndProperties.TryRead(ref reader, PacketType.Auth, version, out ReasonCode code, out ReadOnlySpan<byte> properties))
        {
            reason = reader.Reason;
            return false;
        }

        var values = new PropertyValues(properties);
        packet = new AuthPacket
        {
            ReasonCode = code,
            AuthenticationMethod = values.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = values.Binary(PropertyId.AuthenticationData),
            ReasonString = values.Text(PropertyId.ReasonString),
            UserProperties = values.UserProperties,
        };
        if (packet.AuthenticationMethod is null && !frame.Body.IsEmpty)
            reason = MalformedReason.AuthenticationMethodMissing; // 3.15.2.2.2
        return reason == MalformedReason.None;
    }

    /// <exception cref="ArgumentException">A property cannot be encoded.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        PacketBuilder builder = PacketBuilder.Start();
        builder.Properties.AddIfPresent(PropertyId.AuthenticationMethod, AuthenticationMethod);
        builder.Properties.AddIfPresent(PropertyId.AuthenticationData, AuthenticationData);
        builder.Properties.AddIfPresent(PropertyId.ReasonString, ReasonString);
        builder.Properties.Add(UserProperties);
        ReasonAndProperties.Add(builder, ReasonCode);
        builder.WriteTo(writer, PacketType.Auth);
    }
}
