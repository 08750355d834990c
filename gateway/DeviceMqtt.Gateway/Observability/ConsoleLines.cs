using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Prints the lines of the log on a thread of its own. When nobody reads the output the queue fills, and further lines are lost and counted: the
/// gateway does not wait for its reader. How many were lost is said in front of the next line that has room. Measured: the console logger of the
/// framework loads its JSON, and has its queue compiled, at each start. Safe from any thread.
/// </summary>
internal sealed class ConsoleLines : ILoggerProvider
{
    /// <summary>Lines that wait for the reader. Chosen: as many as the framework's console logger keeps; with the bound of a line (<see cref="BoundedLog"/>) 20 MB.</summary>
    public const int LinesMax = 2_500;

    private static readonly TimeSpan LastLinesPatience = TimeSpan.FromMilliseconds(1_500);

    private readonly object _lock = new();
    private readonly Queue<string> _waiting = new();
    private readonly ConsoleLog _format;
    private readonly TextWriter _output;
    private readonly Thread _printing;
    private long _lost;
    private bool _isEnded;

    public ConsoleLines(ConsoleLog format, TextWriter output)
    {
        _format = format;
        _output = output;
        _printing = new Thread(Print) { IsBackground = true, Name = "Log" };
        _printing.Start();
    }

    /// <summary>A factory for loggers that print on standard output what these levels say now, within the bounds of <see cref="BoundedLog"/>.</summary>
    public static ILoggerFactory Create(LogLevels levels) => new GatewayLoggers(new BoundedLog(new ConsoleLines(new ConsoleLog(ConsoleLog.IsJournal()), Console.Out), TimeProvider.System), levels);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>Returns when what waits is printed, or nobody reads it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            Monitor.PulseAll(_lock);
        }

        _ = _printing.Join(LastLinesPatience);
    }

    private void Add<TState>(in LogEntry<TState> entry)
    {
        using StringWriter line = new();
        _format.Write(entry, line);
        lock (_lock)
        {
            if (_isEnded || _waiting.Count >= LinesMax)
            {
                _lost++;
                return;
            }

            if (_lost > 0)
            {
                LogEntry<long> lost = new(LogLevel.Warning, "Log", default, _lost, exception: null, static (count, _) => $"{count} lines were lost: nobody read the output");
                using StringWriter first = new();
                _format.Write(lost, first);
                _waiting.Enqueue(first.ToString());
                _lost = 0;
            }

            _waiting.Enqueue(line.ToString());
            Monitor.Pulse(_lock);
        }
    }

    private void Print()
    {
        while (Next() is { } line)
        {
            try
            {
                _output.Write(line);
            }
            catch (IOException)
            {
                // The output is gone, and with it the place to say so.
                lock (_lock)
                {
                    _isEnded = true;
                    return;
                }
            }
        }
    }

    private string? Next()
    {
        lock (_lock)
        {
            while (_waiting.Count == 0)
            {
                if (_isEnded)
                    return null;
                Monitor.Wait(_lock);
            }

            return _waiting.Dequeue();
        }
    }

    private sealed class Logger(ConsoleLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
    }
}
