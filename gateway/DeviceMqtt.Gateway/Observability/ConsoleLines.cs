using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Prints the lines of the log on a thread of its own. When nobody reads the output the queue fills, and further lines are lost and counted: the
/// gateway does not wait for its reader. A line that cannot be written (a full disk, a reader that is gone) is lost and counted, too. How many were lost, and why, is said in front of the next
/// line that has room, or can be written. Measured: the console logger of the
/// framework loads its JSON, and has its queue compiled, at each start. Safe from any thread.
/// </summary>
internal sealed class ConsoleLines : ILoggerProvider
{
    /// <summary>Lines that wait for the reader. Chosen: as many as the framework's console logger keeps; with the bound of a line (<see cref="BoundedLog"/>) 20 MB.</summary>
    public const int LinesMax = 2_500;

    private static readonly TimeSpan LastLinesPatience = TimeSpan.FromMilliseconds(1_500);

    private readonly object _lock = new();
    private readonly Queue<PrintedLine> _waiting = new();
    private readonly ILogOutput _output;
    private readonly Thread _printing;
    private long _lost;
    private long _unwritten; // of the thread that prints, as is the next
    private string _whyUnwritten = "";
    private bool _isEnded;

    public ConsoleLines(ILogOutput output)
    {
        _output = output;
        _printing = new Thread(Print) { IsBackground = true, Name = "Log" };
        _printing.Start();
    }

    /// <summary>Prints on standard output, or to journald where that reads it.</summary>
    public static ConsoleLines OfProcess()
    {
        TextWriter output = StandardOutput.ForLog();
        return new ConsoleLines(ConsoleLog.IsJournal() ? new JournalLog(JournalLog.DefaultPath, new ConsoleLog(isForJournal: true, output)) : new ConsoleLog(isForJournal: false, output));
    }

    /// <summary>A factory for loggers that print here what these levels say now, within the bounds of <see cref="BoundedLog"/>. Disposes this with itself.</summary>
    public ILoggerFactory Loggers(LogLevels levels) => new GatewayLoggers(new BoundedLog(this, TimeProvider.System), levels);

    /// <summary>A line of its own on standard output, behind the lines of the log that came before: nobody waits for its reader either.</summary>
    public void Say(string text) => Add(PrintedLine.Plain(OneLine(text)));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>Returns when what waits is printed, or nobody reads it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            Monitor.PulseAll(_lock);
        }

        // It still has the output where nobody reads it.
        if (_printing.Join(LastLinesPatience))
            (_output as IDisposable)?.Dispose();
    }

    private void Add(PrintedLine line)
    {
        lock (_lock)
        {
            if (_isEnded || _waiting.Count >= LinesMax)
            {
                _lost++;
                return;
            }

            if (_lost > 0)
            {
                _waiting.Enqueue(Notice($"{_lost} lines were lost: nobody read the output"));
                _lost = 0;
            }

            _waiting.Enqueue(line);
            Monitor.Pulse(_lock);
        }
    }

    private void Print()
    {
        while (Next() is { } line)
        {
            if (!SaidWhatWasUnwritten() || !TryWrite(line))
                _unwritten++;
        }

        _ = SaidWhatWasUnwritten();
    }

    private bool SaidWhatWasUnwritten()
    {
        if (_unwritten > 0 && !TryWrite(Notice($"{_unwritten} lines could not be written: {_whyUnwritten}")))
            return false;
        _unwritten = 0;
        return true;
    }

    private bool TryWrite(PrintedLine line)
    {
        try
        {
            _output.Write(line);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _whyUnwritten = exception.Message;
            return false;
        }
    }

    private static PrintedLine Notice(string text) => new(TimeProvider.System.GetLocalNow(), LogLevel.Warning, "Log", 0, text, []);

    private PrintedLine? Next()
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

    // Most lines are one: the search for ends of lines, vectors and all, is not compiled for them. A Topic Name may have a control character,
    // which could do anything on a terminal.
    private static string OneLine(string text)
    {
        foreach (char c in text)
            if (c is < ' ' or > '~')
                return SafeText.Of(text.ReplaceLineEndings(" "));
        return text;
    }

    private sealed class Logger(ConsoleLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(new PrintedLine(
                TimeProvider.System.GetLocalNow(), logLevel, category, eventId.Id, OneLine(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}"),
                lines._output.HasFields ? LogFields.Of(state as IReadOnlyList<KeyValuePair<string, object?>>) : []));
    }
}
