namespace DeviceMqtt.Protocol;

/// <summary>The properties of CONNECT (5.0, 3.1.2.11), with the specification's defaults, which are also what older clients get.</summary>
public sealed class ConnectProperties
{
    /// <summary>What a CONNECT without properties has.</summary>
    public static ConnectProperties Default { get; } = new();

    /// <summary>Seconds; null when absent, which means 0 in 5.0. 0xFFFFFFFF never expires.</summary>
    public uint? SessionExpirySeconds { get; init; }

    /// <summary>1 to 65,535.</summary>
    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Bytes, whole packet; null is no limit but the protocol's. Never 0.</summary>
    public uint? MaximumPacketSize { get; init; }

    /// <summary>0 forbids aliases.</summary>
    public ushort TopicAliasMaximum { get; init; }

    public bool RequestResponseInformation { get; init; }

    public bool RequestProblemInformation { get; init; } = true;

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>Null is no enhanced authentication.</summary>
    public string? AuthenticationMethod { get; init; }

    public byte[]? AuthenticationData { get; init; }

    internal static ConnectProperties Decode(ReadOnlySpan<byte> properties)
    {
        if (properties.IsEmpty)
            return Default;
        var values = new PropertyValues(properties);
        return new ConnectProperties
        {
            SessionExpirySeconds = values.Number(PropertyId.SessionExpiryInterval),
            ReceiveMaximum = (ushort)(values.Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue),
            MaximumPacketSize = values.Number(PropertyId.MaximumPacketSize),
            TopicAliasMaximum = (ushort)(values.Number(PropertyId.TopicAliasMaximum) ?? 0),
            RequestResponseInformation = values.Number(PropertyId.RequestResponseInformation) == 1,
            RequestProblemInformation = values.Number(PropertyId.RequestProblemInformation) != 0,
            UserProperties = values.UserProperties,
            AuthenticationMethod = values.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = values.Binary(PropertyId.AuthenticationData),
        };
    }

    internal void Encode(PropertyWriter writer)
    {
        writer.AddIfPresent(PropertyId.SessionExpiryInterval, SessionExpirySeconds);
        writer.AddUnless(PropertyId.ReceiveMaximum, ReceiveMaximum, ushort.MaxValue);
        writer.AddIfPresent(PropertyId.MaximumPacketSize, MaximumPacketSize);
        writer.AddUnless(PropertyId.TopicAliasMaximum, TopicAliasMaximum, 0);
        writer.AddUnless(PropertyId.RequestResponseInformation, RequestResponseInformation ? 1u : 0, 0);
        writer.AddUnless(PropertyId.RequestProblemInformation, RequestProblemInformation ? 1u : 0, 1);
        writer.Add(UserProperties);
        writer.AddIfPresent(PropertyId.AuthenticationMethod, AuthenticationMethod);
        writer.AddIfPresent(PropertyId.AuthenticationData, AuthenticationData);
    }
}
