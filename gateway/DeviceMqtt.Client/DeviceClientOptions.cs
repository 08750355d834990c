namespace DeviceMqtt.Client;

/// <summary>How a program reaches a gateway.</summary>
public sealed class DeviceClientOptions
{
    /// <summary>The gateway: <c>mqtt://user:password@host:1883</c>, with <c>mqtts</c> for TLS. Special characters of user and password are percent-encoded.</summary>
    public Uri Address { get; init; } = new("mqtt://127.0.0.1:1883");

    /// <summary>
    /// Client Identifier, one that a P2P topic can name: 1 to 40 bytes without <c>/ + #</c>. A fresh one when null. Answers go to it, so two
    /// programs must not have the same.
    /// </summary>
    public string? ClientId { get; init; }

    /// <summary>First level of the devices' topics, one level without <c>/ + #</c>.</summary>
    public string Prefix { get; init; } = "dm";

    /// <summary>How long connecting may take, and each answer of the gateway itself. More than zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Opens the way to the gateway in place of <see cref="Address"/>, whose user and password still count; null for TCP or TLS to that.</summary>
    public Func<CancellationToken, Task<Stream>>? Dial { get; init; }
}
