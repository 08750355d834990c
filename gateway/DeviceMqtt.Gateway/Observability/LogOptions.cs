namespace DeviceMqtt.Gateway.Observability;

/// <summary>Section <c>Log</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>The least level that is printed. At Debug each client that comes and goes has a line.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;

    /// <summary>
    /// Lines a minute, at most, about connections that the gateway closed; the others are counted in one line, and are there
    /// at Debug. Who may connect can be refused a thousand times a second, and the log may be on an SD card.
    /// </summary>
    public int ClosedLinesPerMinuteMax { get; set; } = 60;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check() =>
        ClosedLinesPerMinuteMax is < 1 or > 1_000_000 ? $"Log:ClosedLinesPerMinuteMax is {ClosedLinesPerMinuteMax}; it must be between 1 and 1000000" : null;
}
