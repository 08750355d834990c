using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>The last lines of the log, for the console. Safe from any thread.</summary>
internal sealed class LogTail(TimeProvider time) : ILoggerProvider
{
    /// <summary>Lines that are kept.</summary>
    public const int LinesMax = 500;

    /// <summary>Characters of one line that are kept.</summary>
    public const int LineCharsMax = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private long _last;

    /// <summary>Lines behind a number, oldest first.</summary>
    public List<LogLine> Since(long number)
    {
        lock (_lock)
            return [.. _lines.Where(line => line.Number > number)];
    }

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose()
    {
        // Nothing is held: what was written can still be read.
    }

    private void Add(LogLevel level, string category, string text)
    {
        lock (_lock)
        {
            _lines.Enqueue(new LogLine(++_last, time.GetUtcNow().ToUnixTimeMilliseconds(), level, category, SafeText.Of(text.ReplaceLineEndings(" "), LineCharsMax)));
            if (_lines.Count > LinesMax)
                _ = _lines.Dequeue();
        }
    }

    private sealed class Writer(LogTail tail, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            tail.Add(logLevel, category, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception.GetType().Name}: {exception.Message}");
    }
}
