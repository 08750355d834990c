namespace DeviceMqtt.Protocol;

/// <summary>The properties of a packet, read and checked.</summary>
internal static class CheckedProperties
{
    /// <summary>The properties of 5.0, checked; nothing in older versions.</summary>
    public static bool TryReadProperties(scoped ref this BodyReader reader, PropertyOwner owner, ProtocolVersion version, out ReadOnlySpan<byte> properties)
    {
        properties = default;
        if (version != ProtocolVersion.V5)
            return true;
        if (!reader.TryReadPropertyBytes(out properties))
            return false;
        return PropertyRules.Check(properties, owner, out _, out MalformedReason reason) || reader.Fail(reason);
    }
}
