namespace DeviceMqtt.Protocol;

/// <summary>
/// Which property may stand in which packet, how often, and with which values (5.0, table 2-4 and the sections of each packet). Every decoder
/// of 5.0 checks with it.
/// </summary>
public static class PropertyRules
{
    private const int IdMax = (int)PropertyId.SharedSubscriptionAvailable;

    private static readonly PropertyType[] Types = new PropertyType[IdMax + 1];
    private static readonly ushort[] Owners = new ushort[IdMax + 1];

    static PropertyRules()
    {
        const int Message = 1 << (int)PropertyOwner.Publish | 1 << (int)PropertyOwner.Will;
        const int Connect = 1 << (int)PropertyOwner.Connect;
        const int ConnAck = 1 << (int)PropertyOwner.ConnAck;
        const int Publish = 1 << (int)PropertyOwner.Publish;
        const int Disconnect = 1 << (int)PropertyOwner.Disconnect;
        const int Auth = 1 << (int)PropertyOwner.Auth;
        const int Acks = 1 << (int)PropertyOwner.PubAck | 1 << (int)PropertyOwner.PubRec | 1 << (int)PropertyOwner.PubRel
            | 1 << (int)PropertyOwner.PubComp | 1 << (int)PropertyOwner.SubAck | 1 << (int)PropertyOwner.UnsubAck;
        const int Requests = 1 << (int)PropertyOwner.Subscribe | 1 << (int)PropertyOwner.Unsubscribe;
        const int All = Message | Connect | ConnAck | Disconnect | Auth | Acks | Requests;

        Set(PropertyId.PayloadFormatIndicator, PropertyType.Byte, Message);
        Set(PropertyId.MessageExpiryInterval, PropertyType.FourByteInteger, Message);
        Set(PropertyId.ContentType, PropertyType.Utf8String, Message);
        Set(PropertyId.ResponseTopic, PropertyType.Utf8String, Message);
        Set(PropertyId.CorrelationData, PropertyType.BinaryData, Message);
        Set(PropertyId.SubscriptionIdentifier, PropertyType.VariableByteInteger, Publish | 1 << (int)PropertyOwner.Subscribe);
        Set(PropertyId.SessionExpiryInterval, PropertyType.FourByteInteger, Connect | ConnAck | Disconnect);
        Set(PropertyId.AssignedClientIdentifier, PropertyType.Utf8String, ConnAck);
        Set(PropertyId.ServerKeepAlive, PropertyType.TwoByteInteger, ConnAck);
        Set(PropertyId.AuthenticationMethod, PropertyType.Utf8String, Connect | ConnAck | Auth);
        Set(PropertyId.AuthenticationData, PropertyType.BinaryData, Connect | ConnAck | Auth);
        Set(PropertyId.RequestProblemInformation, PropertyType.Byte, Connect);
        Set(PropertyId.WillDelayInterval, PropertyType.FourByteInteger, 1 << (int)PropertyOwner.Will);
        Set(PropertyId.RequestResponseInformation, PropertyType.Byte, Connect);
        Set(PropertyId.ResponseInformation, PropertyType.Utf8String, ConnAck);
        Set(PropertyId.ServerReference, PropertyType.Utf8String, ConnAck | Disconnect);
        Set(PropertyId.ReasonString, PropertyType.Utf8String, ConnAck | Acks | Disconnect | Auth);
        Set(PropertyId.ReceiveMaximum, PropertyType.TwoByteInteger, Connect | ConnAck);
        Set(PropertyId.TopicAliasMaximum, PropertyType.TwoByteInteger, Connect | ConnAck);
        Set(PropertyId.TopicAlias, PropertyType.TwoByteInteger, Publish);
        Set(PropertyId.MaximumQoS, PropertyType.Byte, ConnAck);
        Set(PropertyId.RetainAvailable, PropertyType.Byte, ConnAck);
        Set(PropertyId.UserProperty, PropertyType.Utf8StringPair, All);
        Set(PropertyId.MaximumPacketSize, PropertyType.FourByteInteger, Connect | ConnAck);
        Set(PropertyId.WildcardSubscriptionAvailable, PropertyType.Byte, ConnAck);
        Set(PropertyId.SubscriptionIdentifierAvailable, PropertyType.Byte, ConnAck);
        Set(PropertyId.SharedSubscriptionAvailable, PropertyType.Byte, ConnAck);
    }

    /// <summary>How the value of <paramref name="id"/> is encoded; <see cref="PropertyType.Unknown"/> when 5.0 has no such property.</summary>
    public static PropertyType GetType(PropertyId id) => (int)id <= IdMax ? Types[(int)id] : PropertyType.Unknown;

    /// <summary>Whether <paramref name="id"/> may stand in the properties of <paramref name="owner"/>.</summary>
    public static bool IsAllowed(PropertyId id, PropertyOwner owner) => (int)id <= IdMax && (Owners[(int)id] & 1 << (int)owner) != 0;

    /// <summary>Whether it may stand there more than once: User Property everywhere, Subscription Identifier in PUBLISH (3.3.2.3.8).</summary>
    public static bool IsRepeatable(PropertyId id, PropertyOwner owner) =>
        id == PropertyId.UserProperty || (id == PropertyId.SubscriptionIdentifier && owner == PropertyOwner.Publish);

    /// <summary>Checks encoded properties, given without their length.</summary>
    /// <param name="present">Which properties are there.</param>
    public static bool Check(ReadOnlySpan<byte> properties, PropertyOwner owner, out PropertySet present, out MalformedReason reason)
    {
        present = default;
        reason = MalformedReason.None;
        if (properties.IsEmpty)
            return true;

        var reader = new PropertyReader(properties);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out _))
        {
            if (!CheckNext(id, number, bytes, owner, ref present, out reason))
                return false;
        }

        reason = reader.Reason;
        if (reason == MalformedReason.None && present.Contains(PropertyId.AuthenticationData) && !present.Contains(PropertyId.AuthenticationMethod))
            reason = MalformedReason.AuthenticationDataWithoutMethod; // 3.1.2.11.10
        return reason == MalformedReason.None;
    }

    /// <summary>Checks one property of a walk, with those before it in <paramref name="present"/>, and adds it there.</summary>
    internal static bool CheckNext(
        PropertyId id, uint number, ReadOnlySpan<byte> bytes, PropertyOwner owner, ref PropertySet present, out MalformedReason reason)
    {
        if (!IsAllowed(id, owner))
            reason = MalformedReason.PropertyNotInPacket; // 2.2.2.2
        else if (present.Contains(id) && !IsRepeatable(id, owner))
            reason = MalformedReason.DuplicateProperty;
        else
            reason = CheckValue(id, number, bytes);
        present = present.With(id);
        return reason == MalformedReason.None;
    }

    private static MalformedReason CheckValue(PropertyId id, uint number, ReadOnlySpan<byte> bytes) => id switch
    {
        PropertyId.TopicAlias when number == 0 => MalformedReason.TopicAliasZero, // [MQTT-3.3.2-8]
        PropertyId.ReceiveMaximum when number == 0 => MalformedReason.ReceiveMaximumZero, // 3.1.2.11.3
        PropertyId.MaximumPacketSize when number == 0 => MalformedReason.MaximumPacketSizeZero, // 3.1.2.11.4
        PropertyId.SubscriptionIdentifier when number == 0 => MalformedReason.SubscriptionIdentifierZero, // 3.8.2.1.2
        PropertyId.ResponseTopic when bytes.IsEmpty => MalformedReason.ResponseTopicEmpty, // [MQTT-4.7.3-1]
        PropertyId.ResponseTopic when bytes.IndexOfAny((byte)'+', (byte)'#') >= 0 => MalformedReason.ResponseTopicHasWildcard, // [MQTT-3.3.2-14]
        _ when GetType(id) == PropertyType.Byte && number > 1 => MalformedReason.PropertyValueOutOfRange, // every byte property is 0 or 1
        _ => MalformedReason.None,
    };

    private static void Set(PropertyId id, PropertyType type, int owners)
    {
        Types[(int)id] = type;
        Owners[(int)id] = (ushort)owners;
    }
}
