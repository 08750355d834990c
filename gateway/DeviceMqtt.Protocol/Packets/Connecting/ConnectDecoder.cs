using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>Reads a CONNECT of any version.</summary>
internal static class ConnectDecoder
{
    public static bool TryDecode(in Frame frame, [NotNullWhen(true)] out ConnectPacket? packet, out MalformedReason reason)
    {
        packet = null;
        var reader = new BodyReader(frame.Body);
        if (frame.Type != PacketType.Connect)
        {
            reason = MalformedReason.UnexpectedPacketType;
            return false;
        }

        if (!TryReadVersion(ref reader, out byte level))
        {
            reason = reader.Reason;
            return false;
        }

        var version = (ProtocolVersion)(level & ~ConnectPacket.BridgeBit);
        if (!frame.Check(PacketType.Connect, 0, version, out reason))
            return false;
        BodyReader atFlags = reader;
        if (TryReadRest(ref reader, version, isBridge: (level & ConnectPacket.BridgeBit) != 0, out packet))
            return true;
        reason = reader.Reason;
        if (version != ProtocolVersion.V5 && NanoFrameworkWill.Recognise(atFlags, version))
            reason = MalformedReason.NanoFrameworkWillDefect;
        return false;
    }

    /// <summary>Reads name and level; the level is there also when it is not one of ours.</summary>
    public static bool TryReadVersion(scoped ref BodyReader reader, out byte level)
    {
        level = 0;
        if (!reader.TryReadBinary(out ReadOnlySpan<byte> name))
            return false;
        bool isOld = name.SequenceEqual("MQIsdp"u8);
        if (!isOld && !name.SequenceEqual("MQTT"u8))
            return reader.Fail(MalformedReason.ProtocolNameUnknown); // [MQTT-3.1.2-1]
        if (!reader.TryReadByte(out level))
            return false;
        int withoutBridgeBit = level & ~ConnectPacket.BridgeBit;
        bool isKnown = isOld
            ? withoutBridgeBit == (byte)ProtocolVersion.V31
            : withoutBridgeBit == (byte)ProtocolVersion.V311 || level == (byte)ProtocolVersion.V5;
        return isKnown || reader.Fail(MalformedReason.ProtocolLevelUnsupported); // [MQTT-3.1.2-2]
    }

    private static bool TryReadRest(scoped ref BodyReader reader, ProtocolVersion version, bool isBridge, [NotNullWhen(true)] out ConnectPacket? packet)
    {
        packet = null;
        if (!reader.TryReadByte(out byte bits))
            return false;
        var flags = new ConnectFlags(bits);
        MalformedReason wrong = flags.Check(version);
        if (wrong != MalformedReason.None)
            return reader.Fail(wrong);
        if (!reader.TryReadUInt16(out ushort keepAliveSeconds)
            || !reader.TryReadProperties(PropertyOwner.Connect, version, out ReadOnlySpan<byte> properties)
            || !reader.TryReadUtf8(out ReadOnlySpan<byte> clientId))
        {
            return false;
        }

        WillMessage? will = null;
        if (flags.HasWill && !TryReadWill(ref reader, version, flags, out will))
            return false;
        ReadOnlySpan<byte> userName = default, password = default;
        bool hasUserName = flags.HasUserName && IsThere(reader, version);
        if (hasUserName && !reader.TryReadUtf8(out userName))
            return false;
        bool hasPassword = flags.HasPassword && IsThere(reader, version);
        if (hasPassword && !reader.TryReadBinary(out password))
            return false;
        if (!reader.TryEnd())
            return false;

        packet = new ConnectPacket
        {
            Version = version,
            IsBridge = isBridge,
            ClientId = Encoding.UTF8.GetString(clientId),
            CleanStart = flags.CleanStart,
            KeepAliveSeconds = keepAliveSeconds,
            UserName = hasUserName ? Encoding.UTF8.GetString(userName) : null,
            Password = hasPassword ? password.ToArray() : null,
            Will = will,
            Properties = ConnectProperties.Decode(properties),
        };
        return true;
    }

    private static bool TryReadWill(scoped ref BodyReader reader, ProtocolVersion version, ConnectFlags flags, [NotNullWhen(true)] out WillMessage? will)
    {
        will = null;
        if (!reader.TryReadProperties(PropertyOwner.Will, version, out ReadOnlySpan<byte> properties)
            || !reader.TryReadBinary(out ReadOnlySpan<byte> topic))
        {
            return false;
        }

        if (!TopicName.TryParse(topic, out TopicName name, out MalformedReason wrong))
            return reader.Fail(wrong);
        if (!reader.TryReadBinary(out ReadOnlySpan<byte> payload))
            return false;
        will = new WillMessage
        {
            Topic = name.Value,
            Payload = payload.ToArray(),
            QoS = flags.WillQoS,
            Retain = flags.WillRetain,
            Properties = WillProperties.Decode(properties),
        };
        return true;
    }

    /// <summary>
    /// In 3.1 "the Remaining Length field from the fixed header takes precedence over the User Name flag": user name and password may be
    /// missing at the end although their flags are set.
    /// </summary>
    private static bool IsThere(in BodyReader reader, ProtocolVersion version) => version != ProtocolVersion.V31 || reader.Remaining > 0;
}
