namespace DeviceMqtt.Protocol;

/// <summary>The Will Properties of CONNECT (5.0, 3.1.3.2).</summary>
public sealed class WillProperties
{
    /// <summary>A Will without properties.</summary>
    public static WillProperties Default { get; } = new();

    /// <summary>Seconds between the end of the connection and the Will; the end of the Session comes first.</summary>
    public uint DelaySeconds { get; init; }

    /// <summary>
    /// All others, encoded (without their length): they are properties of the PUBLISH that the Will becomes, so they can be put into it as they
    /// stand.
    /// </summary>
    public byte[] PublishProperties { get; init; } = [];

    internal static WillProperties Decode(ReadOnlySpan<byte> properties)
    {
        if (properties.IsEmpty)
            return Default;
        uint delaySeconds = 0;
        ReadOnlySpan<byte> before = properties, after = [];
        var reader = new PropertyReader(properties);
        while (reader.TryRead(out PropertyId id, out uint number, out _, out _))
        {
            if (id != PropertyId.WillDelayInterval)
                continue;
            delaySeconds = number;
            after = reader.Rest;
            before = properties[..^(after.Length + 1 + sizeof(uint))];
        }

        return new WillProperties { DelaySeconds = delaySeconds, PublishProperties = [.. before, .. after] };
    }

    internal void Encode(PropertyWriter writer)
    {
        writer.AddUnless(PropertyId.WillDelayInterval, DelaySeconds, 0);
        writer.AddEncoded(PublishProperties);
    }
}
