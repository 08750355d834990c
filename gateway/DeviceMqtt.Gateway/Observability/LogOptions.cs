namespace DeviceMqtt.Gateway.Observability;

/// <summary>Section <c>Log</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>The least level that is printed. At Debug each client that comes and goes has a line.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;
}
