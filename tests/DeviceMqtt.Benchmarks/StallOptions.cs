using System.CommandLine;
using DeviceMqtt.Benchmarks.Rows.Stall;

namespace DeviceMqtt.Benchmarks;

/// <summary>How much is heavy, on the command line.</summary>
internal sealed class StallOptions
{
    private static readonly StallSizes Default = new();

    private readonly Option<int> _times = new("--times") { DefaultValueFactory = _ => Default.Times, Description = "Rows of `stall` and `thin`: so many times the sizes below." };
    private readonly Option<int> _retained = Size("--stall-retained", Default.Retained, "Retained messages of `stall-subscribe`.");
    private readonly Option<int> _filters = Size("--stall-filters", Default.Filters, "Filters in its one SUBSCRIBE; --times leaves them as they are.");
    private readonly Option<int> _backlog = Size("--stall-backlog", Default.Backlog, "Messages that wait for the Session of `stall-session-end`.");
    private readonly Option<int> _wills = Size("--stall-wills", Default.Wills, "Connections of `stall-wills`; no more than files may be open.");
    private readonly Option<int> _sessions = Size("--stall-sessions", Default.Sessions, "Sessions of `stall-expiry`.");
    private readonly Option<int> _logins = Size("--stall-logins", Default.Logins, "Wrong passwords of `stall-passwords`.");
    private readonly Option<int> _journalMb = Size("--journal-mb", Default.JournalMb, "JournalBytesMax of `stall-journal` and `thin`, in MiB.");
    private readonly Option<int> _thin = Size("--thin", Default.StaysOneIn, "One message in so many stays, in the same rows.");
    private readonly Option<double> _seconds = new("--stall-seconds") { DefaultValueFactory = _ => Default.SecondsMax, Description = "So long at most a case of `stall`, or `thin`, is watched." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_times, _retained, _filters, _backlog, _wills, _sessions, _logins, _journalMb, _thin, _seconds])
            command.Add(option);
    }

    public StallSizes Read(ParseResult arguments) => new()
    {
        Times = arguments.GetValue(_times),
        Retained = arguments.GetValue(_retained),
        Filters = arguments.GetValue(_filters),
        Backlog = arguments.GetValue(_backlog),
        Wills = arguments.GetValue(_wills),
        Sessions = arguments.GetValue(_sessions),
        Logins = arguments.GetValue(_logins),
        JournalMb = arguments.GetValue(_journalMb),
        StaysOneIn = arguments.GetValue(_thin),
        SecondsMax = arguments.GetValue(_seconds),
    };

    private static Option<int> Size(string name, int value, string description)
    {
        var option = new Option<int>(name) { DefaultValueFactory = _ => value, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name} must be 1 or more");
        });
        return option;
    }
}
