namespace nanoFramework.M2Mqtt;

/// <summary>Settings of all clients of this process, as in the package: one instance, no bound on the queue unless one is set.</summary>
public class MqttSettings
{
    /// <summary>Port without TLS.</summary>
    public const int BrokerDefaultPort = 1883;

    /// <summary>Port with TLS.</summary>
    public const int BrokerDefaultSslPort = 8883;

    /// <summary>Time for CONNACK, in milliseconds.</summary>
    public const int DefaultTimeout = 30_000;

    /// <summary>How often a message is sent again.</summary>
    public const int MaximumAttemptsRetry = 3;

    /// <summary>Time until a message is sent again, in milliseconds.</summary>
    public const int DefaultDelayRetry = 1_000;

    /// <summary>Time for TCP to connect, in milliseconds.</summary>
    public const int ConnectTimeout = 30_000;

    /// <summary>Messages a client holds: no bound.</summary>
    public const int DefaultInflightQueueSize = int.MaxValue;

    private MqttSettings()
    {
    }

    /// <summary>The one instance.</summary>
    public static MqttSettings Instance { get; } = new();

    /// <summary>Port of the last client without TLS.</summary>
    public int Port { get; internal set; } = BrokerDefaultPort;

    /// <summary>Port of the last client with TLS.</summary>
    public int SslPort { get; internal set; } = BrokerDefaultSslPort;

    /// <summary>Time for TCP to connect, in milliseconds.</summary>
    public int TimeoutOnConnection { get; internal set; } = ConnectTimeout;

    /// <summary>Time for CONNACK, in milliseconds.</summary>
    public int TimeoutOnReceiving { get; internal set; } = DefaultTimeout;

    /// <summary>How often a message is sent again.</summary>
    public int AttemptsOnRetry { get; internal set; } = MaximumAttemptsRetry;

    /// <summary>Time until a message is sent again, in milliseconds.</summary>
    public int DelayOnRetry { get; internal set; } = DefaultDelayRetry;

    /// <summary>Messages a client holds, sent and received ones together. When it is full, Publish throws and what arrives is lost.</summary>
    public int InflightQueueSize { get; set; } = DefaultInflightQueueSize;

    /// <summary>Whether TLS certificates are checked.</summary>
    public bool ValidateServerCertificate { get; set; } = true;
}
