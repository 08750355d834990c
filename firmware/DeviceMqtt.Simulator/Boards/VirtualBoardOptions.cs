using DeviceMqtt.Wire;

namespace DeviceMqtt.Simulator;

/// <summary>What a virtual board is told.</summary>
public sealed record VirtualBoardOptions
{
    /// <summary>Where the gateway listens.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Where the gateway listens.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Client Identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>User name, or null for none.</summary>
    public string? UserName { get; init; }

    /// <summary>Password, or null for none.</summary>
    public string? Password { get; init; }

    /// <summary>First level of the topics.</summary>
    public string Prefix { get; init; } = DeviceTopic.DefaultPrefix;

    /// <summary>Seed of the values it measures, of its button, and of its pauses before reconnecting.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Time from one climate reading to the next.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time from one tick of the device loop to the next.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Keep Alive in seconds.</summary>
    public int KeepAliveSeconds { get; init; } = 25;

    /// <summary>Pause before the second connection attempt.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between two connection attempts.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of memory for telemetry that waits for the gateway.</summary>
    public int OutboxBytes { get; init; } = 8192;

    /// <summary>False for a board that never learns the time.</summary>
    public bool HasClock { get; init; } = true;

    /// <summary>Its flash, which keeps climate readings over a restart; null for a board without.</summary>
    public SimulatedFlash? Flash { get; init; }

    /// <summary>Number of this boot; by chance if not given.</summary>
    public long? BootId { get; init; }

    /// <summary>How often its button is pressed, on average; null for never.</summary>
    public TimeSpan? ButtonEvery { get; init; }

    /// <summary>Why it started, for the birth message.</summary>
    public string ResetCause { get; init; } = "power";
}
