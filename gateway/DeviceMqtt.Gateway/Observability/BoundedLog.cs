using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The last bound of the log: of each kind of line so many a minute, each of so many characters. Whatever a stranger can make the gateway or the
/// framework say, it cannot fill an SD card with it. How many had no line is said when the minute is over. Debug lines are not bounded: an operator has asked for
/// them. Safe from any thread.
/// </summary>
internal sealed class BoundedLog(ILoggerProvider inner, TimeProvider time) : ILoggerProvider
{
    /// <summary>Lines of one event in a minute. Chosen: above what the bounds of single kinds let through.</summary>
    public const int LinesPerMinuteMax = 100;

    /// <summary>Characters of one line, with the exception behind it.</summary>
    public const int CharactersMax = 4_000;

    // Of events of the framework that nobody counted: they share one bound from here on.
    private const int KindsMax = 1_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Category, int Event), LineLimit> _kinds = [];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName, inner.CreateLogger(categoryName));

    public void Dispose() => inner.Dispose();

    private bool TryTake(string category, int kind, out long withheld)
    {
        lock (_lock)
        {
            (string, int) key = _kinds.Count < KindsMax || _kinds.ContainsKey((category, kind)) ? (category, kind) : ("", 0);
            if (!_kinds.TryGetValue(key, out LineLimit? limit))
                _kinds.Add(key, limit = new LineLimit(LinesPerMinuteMax));
            return limit.TryTake(time.MonotonicMs(), out withheld);
        }
    }

    private sealed class Logger(BoundedLog bounds, string category, ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel <= LogLevel.Debug)
            {
                log.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            if (!bounds.TryTake(category, eventId.Id, out long withheld))
                return;
            if (withheld > 0)
                log.Log(logLevel, eventId, withheld, null, static (count, _) => $"{count} more lines of the kind that follows had no room within a minute");
            string text = formatter(state, exception) + (exception is null ? "" : " " + exception);
            BoundedLine line = new(text.Length <= CharactersMax ? text : string.Concat(text.AsSpan(0, CharactersMax), "..."), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []);
            log.Log(logLevel, eventId, line, null, static (line, _) => line.Text);
        }
    }
}
