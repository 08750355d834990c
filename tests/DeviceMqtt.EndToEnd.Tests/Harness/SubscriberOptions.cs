namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>What a <see cref="MosquittoSub"/> asks for.</summary>
internal sealed record SubscriberOptions
{
    public string ClientId { get; init; } = Unique.Name("sub");

    public int QoS { get; init; }

    /// <summary>False keeps the session on the broker when the client is gone.</summary>
    public bool CleanSession { get; init; } = true;

    public Will? Will { get; init; }

    public int KeepAliveSeconds { get; init; } = 60;

    /// <summary>"31", "311" or "5", as mosquitto_sub -V has it.</summary>
    public string Version { get; init; } = "311";

    public string? UserName { get; init; }

    public string? Password { get; init; }
}
