namespace DeviceMqtt.Benchmarks.Load;

/// <summary>What a CONNECT may carry beyond the Client Identifier.</summary>
internal sealed record ConnectFields
{
    public bool Clean { get; init; } = true;

    /// <summary>At QoS 0; its payload is <c>false</c>.</summary>
    public string? WillTopic { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>5.0, where the Session is to stay: an hour, unless a row wants to see it end.</summary>
    public ushort SessionExpirySeconds { get; init; } = 3600;
}
