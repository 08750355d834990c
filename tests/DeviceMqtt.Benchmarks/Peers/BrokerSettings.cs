namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>What a row asks of the broker that it measures, where the broker has a setting for it.</summary>
/// <param name="LowLatency">Send each message at once (peer mosquitto-nodelay: set_tcp_nodelay, which costs it half its throughput).</param>
/// <param name="KeepsMuch">Millions of messages may wait (the gateway has limits; mosquitto's are off in all rows).</param>
internal sealed record BrokerSettings(bool LowLatency, bool KeepsMuch = false)
{
    /// <summary>The port of a broker on this machine that all messages go on to; 0 for none.</summary>
    public int UpstreamPort { get; init; }

    /// <summary>The gateway's settings beyond these, as <c>Limits:SessionsMax=50000</c>; they win.</summary>
    public IReadOnlyList<string> GatewaySettings { get; init; } = [];

    /// <summary>What the gateway's file of settings has, as JSON, named <see cref="BrokerProcess.SettingsFileName"/>; empty for no file. What it says may change while the gateway runs.</summary>
    public string GatewayFile { get; init; } = "";

    /// <summary>Lines for mosquitto.conf.</summary>
    public IReadOnlyList<string> MosquittoLines { get; init; } = [];

    /// <summary>What mosquitto_passwd would have written, or null where everybody may connect without a name.</summary>
    public string? MosquittoPasswords { get; init; }

    /// <summary>A port for MQTT over TLS beside the other; 0 for none.</summary>
    public int SecurePort { get; init; }

    /// <summary>For that port: the broker's certificate and its key, in one file (PEM).</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>A port for HTTP; 0 for none, as the others have none either.</summary>
    public int HttpPort { get; init; }

    /// <summary>What is kept outlives a restart. The gateway's always does; mosquitto writes it when it ends.</summary>
    public bool OutlivesRestart { get; init; }
}
