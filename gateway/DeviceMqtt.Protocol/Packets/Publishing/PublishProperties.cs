namespace DeviceMqtt.Protocol;

/// <summary>Reads the properties of a PUBLISH of 5.0 (3.3.2.3), with the two values that every receiver needs.</summary>
internal static class PublishProperties
{
    /// <summary>Reads and checks in one walk. Returns how many bytes the properties are, their length included.</summary>
    public static int Read(ReadOnlySpan<byte> rest, ref PublishView view, out MalformedReason reason)
    {
        reason = MalformedReason.None;
        if (rest.StartsWith((byte)0))
            return 1; // the length alone: most messages have no properties
        var body = new BodyReader(rest);
        if (!body.TryReadPropertyBytes(out ReadOnlySpan<byte> encoded))
            reason = body.Reason;
        else if (Check(encoded, ref view, out reason))
            view.Properties = encoded;
        return rest.Length - body.Remaining;
    }

    private static bool Check(ReadOnlySpan<byte> encoded, ref PublishView view, out MalformedReason reason)
    {
        PropertySet present = default;
        var reader = new PropertyReader(encoded);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out _))
        {
            if (!PropertyRules.CheckNext(id, number, bytes, PropertyOwner.Publish, ref present, out reason))
                return false;
            if (id == PropertyId.TopicAlias)
                view.TopicAlias = (ushort)number;
            else if (id == PropertyId.MessageExpiryInterval)
                view.MessageExpirySeconds = number;
        }

        view.PropertiesPresent = present;
        reason = reader.Reason;
        return reason == MalformedReason.None;
    }
}
