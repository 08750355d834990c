using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>CONNACK (5.0, 3.2), the server's answer to CONNECT.</summary>
public sealed class ConnAckPacket
{
    public bool SessionPresent { get; init; }

    /// <summary>A <see cref="ConnectReturnCode"/> before 5.0, a <see cref="ReasonCode"/> in 5.0. 0 accepts in both.</summary>
    public byte Code { get; init; }

    /// <summary>Null before 5.0.</summary>
    public ConnAckProperties? Properties { get; init; }

    public static bool TryDecode(in Frame frame, ProtocolVersion version, [NotNullWhen(true)] out ConnAckPacket? packet, out MalformedReason reason)
    {
        packet = null;
        if (!frame.Check(PacketType.ConnAck, 0, version, out reason))
            return false;
        var reader = new BodyReader(frame.Body);
        if (reader.TryReadByte(out byte flags)
            && reader.TryReadByte(out byte code)
            && reader.TryReadProperties(PropertyOwner.ConnAck, version, out ReadOnlySpan<byte> properties)
            && reader.TryEnd()
            && Check(ref reader, version, flags, code))
        {
            packet = new ConnAckPacket
            {
                SessionPresent = flags == 1 && version != ProtocolVersion.V31,
                Code = code,
                Properties = version == ProtocolVersion.V5 ? ConnAckProperties.Decode(properties) : null,
            };
            return true;
        }

        reason = reader.Reason;
        return false;
    }

    /// <exception cref="ArgumentException">A property cannot be encoded.</exception>
    public void Write(IBufferWriter<byte> writer, ProtocolVersion version)
    {
        PacketBuilder builder = PacketBuilder.Start();
        builder.Add((byte)(SessionPresent && version != ProtocolVersion.V31 ? 1 : 0));
        builder.Add(Code);
        if (version == ProtocolVersion.V5)
        {
            Properties?.Encode(builder.Properties);
            builder.AddProperties();
        }

        builder.WriteTo(writer, PacketType.ConnAck);
    }

    private static bool Check(scoped ref BodyReader reader, ProtocolVersion version, byte flags, byte code)
    {
        bool isCode = version == ProtocolVersion.V5 ? ReasonCodeRules.IsAllowed((ReasonCode)code, PacketType.ConnAck) : code <= (byte)ConnectReturnCode.NotAuthorized;
        if (!isCode)
            return reader.Fail(MalformedReason.ReasonCodeInvalid); // 5.0 [MQTT-3.2.2-8]; 3.1.1, 3.2.2.3: reserved
        if (version == ProtocolVersion.V31)
            return true; // the first byte is not used
        if (flags > 1)
            return reader.Fail(MalformedReason.ConnAckFlagsReserved); // [MQTT-3.2.2-1]
        return flags == 0 || code == 0 || reader.Fail(MalformedReason.SessionPresentWithError); // [MQTT-3.2.2-6]
    }
}
