using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The last bound of the log: of each kind of line so many a minute, each of so many characters. Whatever a stranger can make the gateway or the
/// framework say, it cannot fill an SD card with it. How many had no line is said when the minute is over. Debug lines are not bounded: an operator has asked for
/// them. Safe from any thread.
/// </summary>
internal sealed class BoundedLog : ILoggerProvider
{
    /// <summary>Lines of one event in a minute. Chosen: above what the bounds of single kinds let through.</summary>
    public const int LinesPerMinuteMax = 100;

    /// <summary>Characters of one line, with the exception behind it.</summary>
    public const int CharactersMax = 4_000;

    // Of events of the framework that nobody counted: they share one bound from here on.
    private const int KindsMax = 1_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Category, int Event), Kind> _kinds = [];
    private readonly ILoggerProvider _inner;
    private readonly TimeProvider _time;
    private ITimer? _timer; // made with the first line that had no room
    private bool _isSet;

    public BoundedLog(ILoggerProvider inner, TimeProvider time) => (_inner, _time) = (inner, time);

    private sealed class Kind(ILogger log, EventId id)
    {
        public LineLimit Limit { get; } = new(LinesPerMinuteMax);

        /// <summary>Of the last line that had no room.</summary>
        public LogLevel Level { get; set; }

        public void Say(long withheld) => log.Log(Level, id, withheld, null, static (count, _) => $"{count} more lines of this kind had no room within a minute");
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName, _inner.CreateLogger(categoryName));

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            (_timer, _isSet) = (null, true); // none is made any more
        }

        SayWithheld(long.MaxValue / 2); // also of the minute that is not over
        _inner.Dispose();
    }

    private bool TryTake(string category, ILogger log, LogLevel level, EventId id)
    {
        lock (_lock)
        {
            (string, int) key = _kinds.Count < KindsMax || _kinds.ContainsKey((category, id.Id)) ? (category, id.Id) : ("", 0);
            if (!_kinds.TryGetValue(key, out Kind? kind))
                _kinds.Add(key, kind = new Kind(log, id));
            if (kind.Limit.TryTake(_time.MonotonicMs()))
                return true;
            kind.Level = level;
            if (!_isSet)
                SetTimer();
            return false;
        }
    }

    // When a flood is over nobody asks any more.
    private void SetTimer()
    {
        _isSet = true;
        if (_timer is null)
            _timer = _time.CreateTimer(static log => ((BoundedLog)log!).MinuteIsOver(), this, Minute, Timeout.InfiniteTimeSpan);
        else
            _ = _timer.Change(Minute, Timeout.InfiniteTimeSpan);
    }

    private void MinuteIsOver()
    {
        lock (_lock)
        {
            if (_timer is null)
                return;
            _isSet = false;
        }

        SayWithheld(_time.MonotonicMs());
        lock (_lock)
            if (_timer is not null && !_isSet && _kinds.Values.Any(static kind => kind.Limit.HasWithheld))
                SetTimer();
    }

    private void SayWithheld(long nowMs)
    {
        List<(Kind Kind, long Withheld)> due = [];
        lock (_lock)
            foreach (Kind kind in _kinds.Values)
                if (kind.Limit.TakeWithheld(nowMs) is > 0 and var withheld)
                    due.Add((kind, withheld));
        foreach ((Kind kind, long withheld) in due)
            kind.Say(withheld);
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

            if (!bounds.TryTake(category, log, logLevel, eventId))
                return;
            string text = formatter(state, exception) + (exception is null ? "" : " " + exception);
            BoundedLine line = new(text.Length <= CharactersMax ? text : string.Concat(text.AsSpan(0, CharactersMax), "..."), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []);
            log.Log(logLevel, eventId, line, null, static (line, _) => line.Text);
        }
    }
}
