namespace DeviceMqtt.Gateway.Observability;

/// <summary>What is logged, and from which level on. The level may change while the gateway runs. Safe from any thread.</summary>
internal sealed class LogLevels(LogLevel level)
{
    private volatile LogLevel _level = level;

    /// <summary>The least level of the gateway's own lines; what comes from the framework has a line from Warning on.</summary>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <summary>Where a category's lines come from, which says how many of them are wanted.</summary>
    public static LogSource SourceOf(string category) =>
        // An address that is taken is told in one line by the command; the host would add its whole stack.
        category.StartsWith("Microsoft.Extensions.Hosting", StringComparison.OrdinalIgnoreCase) ? LogSource.Host
        : category.StartsWith("Microsoft", StringComparison.OrdinalIgnoreCase) ? LogSource.Framework
        : LogSource.Gateway;

    /// <summary>Whether a line is wanted now.</summary>
    public bool Wants(LogSource source, LogLevel line) => line != LogLevel.None && source switch
    {
        LogSource.Host => false,
        LogSource.Framework => line >= LogLevel.Warning,
        _ => line >= _level,
    };
}
