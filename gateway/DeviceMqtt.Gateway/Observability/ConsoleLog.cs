using System.Globalization;
using DeviceMqtt.Broker.Words;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>The log on the console: one line for each event, local time, level, area.</summary>
internal sealed class ConsoleLog() : ConsoleFormatter(FormatName)
{
    private const string FormatName = "line";

    /// <summary>A factory for loggers that print from a level on; what comes from the framework from Warning on.</summary>
    public static ILoggerFactory Create(LogLevel level)
    {
        // When nobody reads the output, lines are lost and counted by the logger; the gateway does not wait for its reader.
        FixedOptions options = new(new ConsoleLoggerOptions { FormatterName = FormatName, QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite });
        LoggerFilterOptions filter = new() { MinLevel = level };
        filter.Rules.Add(new LoggerFilterRule(providerName: null, "Microsoft", LogLevel.Warning, filter: null));
        // An address that is taken is told in one line by the command; the host would add its whole stack.
        filter.Rules.Add(new LoggerFilterRule(providerName: null, "Microsoft.Extensions.Hosting", LogLevel.None, filter: null));
        return new LoggerFactory([new BoundedLog(new ConsoleLoggerProvider(options, [new ConsoleLog()]), TimeProvider.System)], filter);
    }

    // A Topic Name may have a control character, which could do anything on a terminal.
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(TimeProvider.System.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss ", CultureInfo.InvariantCulture));
        textWriter.Write(NameOf(logEntry.LogLevel));
        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        textWriter.Write(SafeText.Of(logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" ")));
        if (logEntry.Exception is { } exception)
            textWriter.Write(" " + SafeText.Of(exception.ToString().ReplaceLineEndings(" ")));
        textWriter.WriteLine();
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace ",
        LogLevel.Debug => "debug ",
        LogLevel.Information => "info  ",
        LogLevel.Warning => "warn  ",
        LogLevel.Error => "error ",
        _ => "fatal ",
    };

    private sealed class FixedOptions(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
