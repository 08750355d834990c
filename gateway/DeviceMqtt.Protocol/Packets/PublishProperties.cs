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

    public static bool TryRead(scoped ref BodyReader body, out PublishProperties properties)
    {
        properties = default;
        if (!body.TryReadProperties(PropertyOwner.Publish, ProtocolVersion.V5, out ReadOnlySpan<byte> encoded, out PropertySet present))
            return false;
        if (encoded.IsEmpty)
            return true;

        ushort topicAlias = 0;
        uint? messageExpirySeconds = null;
        if (present.Contains(PropertyId.TopicAlias) || present.Contains(PropertyId.MessageExpiryInterval))
        {
            var reader = new PropertyReader(encoded);
            while (reader.TryRead(out PropertyId id, out uint number, out _, out _))
            {
                if (id == PropertyId.TopicAlias)
                    topicAlias = (ushort)number;
                else if (id == PropertyId.MessageExpiryInterval)
                    messageExpirySeconds = number;
            }
        }

        properties = new PublishProperties(encoded, present, topicAlias, messageExpirySeconds);
        return true;
    }
}
