namespace DeviceMqtt.Protocol;

/// <summary>The properties of CONNACK (5.0, 3.2.2.3), with the specification's defaults.</summary>
public sealed class ConnAckProperties
{
    /// <summary>What a CONNACK without properties has.</summary>
    public static ConnAckProperties Default { get; } = new();

    /// <summary>Seconds; null: the value of CONNECT holds.</summary>
    public uint? SessionExpirySeconds { get; init; }

    /// <summary>1 to 65,535.</summary>
    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>The server takes QoS up to this.</summary>
    public QoS MaximumQoS { get; init; } = QoS.ExactlyOnce;

    public bool RetainAvailable { get; init; } = true;

    /// <summary>Bytes, whole packet; null is no limit but the protocol's. Never 0.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>Set when CONNECT had an empty Client Identifier.</summary>
    public string? AssignedClientId { get; init; }

    /// <summary>0 forbids aliases.</summary>
    public ushort TopicAliasMaximum { get; init; }

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public bool WildcardSubscriptionAvailable { get; init; } = true;

    public bool SubscriptionIdentifierAvailable { get; init; } = true;

    public bool SharedSubscriptionAvailable { get; init; } = true;

    /// <summary>Null: the Keep Alive of CONNECT holds.</summary>
    public ushort? ServerKeepAliveSeconds { get; init; }

    public string? ResponseInformation { get; init; }

    public string? ServerReference { get; init; }

    public string? AuthenticationMethod { get; init; }

    public byte[]? AuthenticationData { get; init; }

    internal static ConnAckProperties Decode(ReadOnlySpan<byte> properties)
    {
        if (properties.IsEmpty)
            return Default;
        var values = new PropertyValues(properties);
        return new ConnAckProperties
        {
            SessionExpirySeconds = values.Number(PropertyId.SessionExpiryInterval),
            ReceiveMaximum = (ushort)(values.Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue),
            MaximumQoS = (QoS)(values.Number(PropertyId.MaximumQoS) ?? (uint)QoS.ExactlyOnce),
            RetainAvailable = values.Number(PropertyId.RetainAvailable) != 0,
            MaximumPacketSize = values.Number(PropertyId.MaximumPacketSize),
            AssignedClientId = values.Text(PropertyId.AssignedClientIdentifier),
            TopicAliasMaximum = (ushort)(values.Number(PropertyId.TopicAliasMaximum) ?? 0),
            ReasonString = values.Text(PropertyId.ReasonString),
            UserProperties = values.UserProperties,
            WildcardSubscriptionAvailable = values.Number(PropertyId.WildcardSubscriptionAvailable) != 0,
            SubscriptionIdentifierAvailable = values.Number(PropertyId.SubscriptionIdentifierAvailable) != 0,
            SharedSubscriptionAvailable = values.Number(PropertyId.SharedSubscriptionAvailable) != 0,
            ServerKeepAliveSeconds = (ushort?)values.Number(PropertyId.ServerKeepAlive),
            ResponseInformation = values.Text(PropertyId.ResponseInformation),
            ServerReference = values.Text(PropertyId.ServerReference),
            AuthenticationMethod = values.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = values.Binary(PropertyId.AuthenticationData),
        };
    }

    internal void Encode(PropertyWriter writer)
    {
        writer.AddIfPresent(PropertyId.SessionExpiryInterval, SessionExpirySeconds);
        writer.AddUnless(PropertyId.ReceiveMaximum, ReceiveMaximum, ushort.MaxValue);
        writer.AddUnless(PropertyId.MaximumQoS, (uint)MaximumQoS, (uint)QoS.ExactlyOnce);
        writer.AddUnless(PropertyId.RetainAvailable, RetainAvailable ? 1u : 0, 1);
        writer.AddIfPresent(PropertyId.MaximumPacketSize, MaximumPacketSize);
        writer.AddIfPresent(PropertyId.AssignedClientIdentifier, AssignedClientId);
        writer.AddUnless(PropertyId.TopicAliasMaximum, TopicAliasMaximum, 0);
        writer.AddIfPresent(PropertyId.ReasonString, ReasonString);
        writer.Add(UserProperties);
        writer.AddUnless(PropertyId.WildcardSubscriptionAvailable, WildcardSubscriptionAvailable ? 1u : 0, 1);
        writer.AddUnless(PropertyId.SubscriptionIdentifierAvailable, SubscriptionIdentifierAvailable ? 1u : 0, 1);
        writer.AddUnless(PropertyId.SharedSubscriptionAvailable, SharedSubscriptionAvailable ? 1u : 0, 1);
        writer.AddIfPresent(PropertyId.ServerKeepAlive, ServerKeepAliveSeconds);
        writer.AddIfPresent(PropertyId.ResponseInformation, ResponseInformation);
        writer.AddIfPresent(PropertyId.ServerReference, ServerReference);
        writer.AddIfPresent(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.AddIfPresent(PropertyId.AuthenticationData, AuthenticationData);
    }
}
