using System.Collections.Concurrent;
using DeviceMqtt.Broker.Words;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests;

/// <summary>Keeps what the gateway says: the one reason each connection ended with is asserted from here, as an operator reads it.</summary>
internal sealed class RecordingLog : ILogger, ICloseReasons
{
    private readonly ConcurrentDictionary<long, CloseReason> _closed = [];

    public ConcurrentQueue<string> Lines { get; } = [];

    public CloseReason ReasonOf(long connection) => _closed.GetValueOrDefault(connection);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        Lines.Enqueue($"{logLevel} {eventId.Id}: {line}");
        if (exception is not null)
            Console.WriteLine($"{line}: {exception}");
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> fields)
            return;
        object? connection = fields.FirstOrDefault(f => f.Key == "Connection").Value;
        object? reason = fields.FirstOrDefault(f => f.Key == "Reason").Value;
        if (connection is long id && reason is CloseReason closed && !_closed.TryAdd(id, closed))
            throw new InvalidOperationException($"connection {id} ended twice: {_closed[id]}, then {closed}");
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
}
