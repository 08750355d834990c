namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The gateway's loggers: one for each category, that writes to every provider what <see cref="LogLevels"/> wants. Measured: the framework's
/// <see cref="LoggerFactory"/> keeps its parts in lists of its own structs, which are compiled at each start. Scopes are not kept: no line shows them. Safe from any thread.
/// </summary>
/// <param name="first">Gets the lines, and is disposed with this.</param>
/// <param name="levels">Which lines are wanted.</param>
internal sealed class GatewayLoggers(ILoggerProvider first, LogLevels levels) : ILoggerFactory
{
    private readonly Lock _lock = new();
    private readonly List<ILoggerProvider> _providers = [first];
    private readonly Dictionary<string, Logger> _loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName)
    {
        lock (_lock)
        {
            if (!_loggers.TryGetValue(categoryName, out Logger? logger))
                _loggers.Add(categoryName, logger = new Logger(levels, LogLevels.SourceOf(categoryName), [.. _providers.Select(provider => provider.CreateLogger(categoryName))]));
            return logger;
        }
    }

    /// <summary>Gets the lines, too, also of the loggers that are there already.</summary>
    public void AddProvider(ILoggerProvider provider)
    {
        lock (_lock)
        {
            _providers.Add(provider);
            foreach ((string category, Logger logger) in _loggers)
                logger.Add(provider.CreateLogger(category));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (ILoggerProvider provider in _providers)
                provider.Dispose();
            _providers.Clear();
        }
    }

    private sealed class Logger(LogLevels levels, LogSource source, ILogger[] outputs) : ILogger
    {
        private volatile ILogger[] _outputs = outputs;

        public void Add(ILogger output) => _outputs = [.. _outputs, output];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel)
        {
            if (!levels.Wants(source, logLevel))
                return false;
            foreach (ILogger output in _outputs)
                if (output.IsEnabled(logLevel))
                    return true;
            return false;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!levels.Wants(source, logLevel))
                return;
            foreach (ILogger output in _outputs)
                if (output.IsEnabled(logLevel))
                    output.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
