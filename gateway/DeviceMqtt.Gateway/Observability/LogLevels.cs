using Microsoft.Extensions.Options;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>What is logged, and from which level on. The level may change while the gateway runs. Safe from any thread.</summary>
internal sealed class LogLevels : IOptionsMonitor<LoggerFilterOptions>
{
    private readonly Lock _lock = new();
    private readonly List<Action<LoggerFilterOptions, string?>> _listeners = [];
    private volatile LoggerFilterOptions _now;

    public LogLevels(LogLevel level) => _now = Filter(level);

    /// <summary>The least level of the gateway's own lines; what comes from the framework has a line from Warning on.</summary>
    public LogLevel Level
    {
        get => _now.MinLevel;
        set
        {
            Action<LoggerFilterOptions, string?>[] listeners;
            lock (_lock)
            {
                _now = Filter(value);
                listeners = [.. _listeners];
            }

            foreach (Action<LoggerFilterOptions, string?> listener in listeners)
                listener(_now, null);
        }
    }

    public LoggerFilterOptions CurrentValue => _now;

    public LoggerFilterOptions Get(string? name) => _now;

    public IDisposable? OnChange(Action<LoggerFilterOptions, string?> listener)
    {
        lock (_lock)
            _listeners.Add(listener);
        return null; // the one factory there is lives as long as this
    }

    private static LoggerFilterOptions Filter(LogLevel level)
    {
        LoggerFilterOptions filter = new() { MinLevel = level };
        filter.Rules.Add(new LoggerFilterRule(providerName: null, "Microsoft", LogLevel.Warning, filter: null));
        // An address that is taken is told in one line by the command; the host would add its whole stack.
        filter.Rules.Add(new LoggerFilterRule(providerName: null, "Microsoft.Extensions.Hosting", LogLevel.None, filter: null));
        return filter;
    }
}
