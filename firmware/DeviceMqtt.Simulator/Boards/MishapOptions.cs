namespace DeviceMqtt.Simulator;

/// <summary>How often each mishap happens to a board, on average; null for never.</summary>
public sealed record MishapOptions
{
    /// <summary>Wi-Fi drops.</summary>
    public TimeSpan? WifiDropEvery { get; init; }

    /// <summary>Restarts that were asked for.</summary>
    public TimeSpan? RebootEvery { get; init; }

    /// <summary>The power fails.</summary>
    public TimeSpan? BrownOutEvery { get; init; }

    /// <summary>Share of boots in which no time server answers, 0 to 1.</summary>
    public double NoClockShare { get; init; }

    /// <summary>How long a write to flash takes.</summary>
    public TimeSpan FlashWriteTime { get; init; }
}
