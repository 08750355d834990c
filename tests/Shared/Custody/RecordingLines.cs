using System.Collections;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.TestSupport;

/// <summary>Keeps the lines of a log.</summary>
internal sealed class RecordingLines : ILogger, IEnumerable<string>
{
    private readonly ConcurrentQueue<string> _lines = [];

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {eventId.Id}: {formatter(state, exception)}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public IEnumerator<string> GetEnumerator() => _lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
