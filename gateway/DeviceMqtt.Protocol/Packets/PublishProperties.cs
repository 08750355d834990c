namespace DeviceMqtt.Protocol;

/// <summary>The properties of a PUBLISH of 5.0 (3.3.2.3), with the two values that every receiver needs.</summary>
internal readonly ref struct PublishProperties
{
    private PublishProperties(ReadOnlySpan<byte> encoded, PropertySet present, ushort topicAlias, uint? messageExpirySeconds)
    {
        Encoded = encoded;
        Present = present;
        TopicAlias = topicAlias;
        MessageExpirySeconds = messageExpirySeconds;
    }

    public ReadOnlySpan<byte> Encoded { get; }

    public PropertySet Present { get; }

    public ushort TopicAlias { get; }

    public uint? MessageExpirySeconds { get; }

    /// <summary>Reads and checks in one walk.</summary>
    public static bool TryRead(scoped ref BodyReader body, out PublishProperties properties)
    {
        properties = default;
        if (!body.TryReadPropertyBytes(out ReadOnlySpan<byte> encoded))
            return false;
        if (encoded.IsEmpty)
            return true;

        PropertySet present = default;
        ushort topicAlias = 0;
        uint? messageExpirySeconds = null;
        var reader = new PropertyReader(encoded);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out _))
        {
            if (!PropertyRules.CheckNext(id, number, bytes, PropertyOwner.Publish, ref present, out MalformedReason reason))
                return body.Fail(reason);
            if (id == PropertyId.TopicAlias)
                topicAlias = (ushort)number;
            else if (id == PropertyId.MessageExpiryInterval)
                messageExpirySeconds = number;
        }

        if (reader.Reason != MalformedReason.None)
            return body.Fail(reader.Reason);
        properties = new PublishProperties(encoded, present, topicAlias, messageExpirySeconds);
        return true;
    }
}
