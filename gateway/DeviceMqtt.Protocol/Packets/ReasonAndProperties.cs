namespace DeviceMqtt.Protocol;

/// <summary>
/// The end of DISCONNECT, AUTH and the acknowledgements in 5.0: a Reason Code and properties, each left out when it and all behind it say
/// nothing. Nothing in older versions.
/// </summary>
internal static class ReasonAndProperties
{
    public static bool TryRead(scoped ref BodyReader reader, PacketType type, ProtocolVersion version, out ReasonCode code, out ReadOnlySpan<byte> properties, bool anyError = false)
    {
        code = ReasonCode.Success;
        properties = default;
        if (version != ProtocolVersion.V5 || reader.Remaining == 0)
            return reader.TryEnd();
        if (!reader.TryReadByte(out byte value))
            return false;
        code = (ReasonCode)value;
        if (!ReasonCodeRules.IsAllowed(code, type) && !(anyError && code >= ReasonCode.UnspecifiedError))
            return reader.Fail(MalformedReason.ReasonCodeInvalid);
        return reader.Remaining == 0 || (reader.TryReadProperties((PropertyOwner)type, version, out properties) && reader.TryEnd());
    }

    public static void Add(PacketBuilder builder, ReasonCode code)
    {
        if (code == ReasonCode.Success && builder.Properties.Written.IsEmpty)
            return;
        builder.Add((byte)code);
        if (!builder.Properties.Written.IsEmpty)
            builder.AddProperties();
    }
}
