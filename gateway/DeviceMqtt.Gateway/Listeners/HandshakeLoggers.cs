namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Loggers for Kestrel that keep what it says of a handshake that failed: it tells nobody else, and only for people who debug. The rest goes on, without
/// scopes (<see cref="Observability.ScopelessLoggers"/>).
/// </summary>
internal sealed class HandshakeLoggers(ILoggerFactory loggers) : ILoggerFactory
{
    private const string Handshakes = "Microsoft.AspNetCore.Server.Kestrel.Https"; // the category of its HttpsConnectionMiddleware

    public ILogger CreateLogger(string categoryName)
    {
        ILogger log = loggers.CreateLogger(categoryName);
        return categoryName.StartsWith(Handshakes, StringComparison.Ordinal) ? new Logger(log) : log;
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // The loggers belong to whoever made them.
    }

    private sealed class Logger(ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Handshake.Current is { } handshake && exception is not null)
                handshake.Failure = exception;
            if (log.IsEnabled(logLevel))
                log.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
