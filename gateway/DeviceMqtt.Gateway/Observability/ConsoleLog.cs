using System.Globalization;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>The log on the console: one line for each event, local time, level, area. For journald the priority instead of time and level (sd-daemon(3)).</summary>
internal sealed class ConsoleLog(bool isForJournal, TextWriter output) : ILogOutput
{
    public bool HasFields => false;

    public void Write(PrintedLine line)
    {
        if (line.IsPlain)
        {
            output.Write(line.Text + output.NewLine);
            return;
        }

        string head = isForJournal ? $"<{PriorityOf(line.Level)}>" : line.Time.ToString("yyyy-MM-dd HH:mm:sszzz ", CultureInfo.InvariantCulture) + NameOf(line.Level);
        output.Write($"{head}{line.Category}: {line.Text}{output.NewLine}");
    }

    /// <summary>Standard output is journald's socket: systemd.exec(5) says its device and inode.</summary>
    internal static bool IsJournal() =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { } stream && File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.Name == $"socket:[{stream.Split(':')[^1]}]";

    /// <summary>As syslog(3) has it: 7 debug, 6 info, 4 warning, 3 err, 2 crit.</summary>
    internal static char PriorityOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => '7',
        LogLevel.Information => '6',
        LogLevel.Warning => '4',
        LogLevel.Error => '3',
        _ => '2',
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
