using System.Globalization;
using DeviceMqtt.Broker.Words;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>The log on the console: one line for each event, local time, level, area. For journald the priority instead of time and level (sd-daemon(3)).</summary>
internal sealed class ConsoleLog(bool isForJournal)
{
    // A Topic Name may have a control character, which could do anything on a terminal.
    public void Write<TState>(in LogEntry<TState> logEntry, TextWriter textWriter)
    {
        if (isForJournal)
        {
            textWriter.Write(PriorityOf(logEntry.LogLevel));
        }
        else
        {
            textWriter.Write(TimeProvider.System.GetLocalNow().ToString("yyyy-MM-dd HH:mm:sszzz ", CultureInfo.InvariantCulture));
            textWriter.Write(NameOf(logEntry.LogLevel));
        }

        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        textWriter.Write(SafeText.Of(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception))));
        if (logEntry.Exception is { } exception)
            textWriter.Write(" " + SafeText.Of(OneLine(exception.ToString())));
        textWriter.WriteLine();
    }

    /// <summary>Standard output is journald's socket: systemd.exec(5) says its device and inode.</summary>
    internal static bool IsJournal() =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { } stream && File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.Name == $"socket:[{stream.Split(':')[^1]}]";

    // Most lines are one: the search for ends of lines, vectors and all, is not compiled for them.
    private static string OneLine(string text)
    {
        foreach (char c in text)
            if (c is < ' ' or > '~')
                return text.ReplaceLineEndings(" ");
        return text;
    }

    // syslog(3): 7 debug, 6 info, 4 warning, 3 err, 2 crit.
    private static string PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace ",
        LogLevel.Debug => "debug ",
        LogLevel.Information => "info  ",
        LogLevel.Warning => "warn  ",
        LogLevel.Error => "error ",
        _ => "fatal ",
    };
}
