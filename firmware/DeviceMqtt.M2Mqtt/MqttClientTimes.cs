namespace nanoFramework.M2Mqtt;

/// <summary>The client's times and bounds, so that a test need not wait for the real ones.</summary>
internal sealed record MqttClientTimes
{
    /// <summary>Time for TCP to connect, in milliseconds.</summary>
    internal int TcpConnectMs { get; init; } = MqttSettings.Instance.TimeoutOnConnection;

    /// <summary>Time for CONNACK, in milliseconds.</summary>
    internal int ConnAckMs { get; init; } = MqttSettings.Instance.TimeoutOnReceiving;

    /// <summary>Time until an unacknowledged message is sent again, in milliseconds.</summary>
    internal int ResendMs { get; init; } = MqttSettings.Instance.DelayOnRetry;

    /// <summary>How often it is sent again before it is given up.</summary>
    internal int ResendsMax { get; init; } = MqttSettings.Instance.AttemptsOnRetry;

    /// <summary>Messages the client holds; null: what MqttSettings says at the time.</summary>
    internal int? InflightQueueSize { get; init; }

    /// <summary>Milliseconds that one second of Keep Alive lasts. 1000, but for tests.</summary>
    internal int KeepAliveSecondMs { get; init; } = 1_000;
}
