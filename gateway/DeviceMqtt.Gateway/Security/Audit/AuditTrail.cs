using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The lines of a running gateway for its <see cref="AuditFile"/>s: kept until the next beat, for nothing is written inside a turn. Safe from any thread.
/// <list type="bullet">
/// <item>Each change has a line: where there would be no room for it the change is not made (<see cref="TryBeginChange"/>). Nobody makes many to hide one, and <see cref="ChangeLimit"/> bounds how fast.</item>
/// <item>What cannot be written waits, <see cref="WaitingMax"/> lines of each kind; of more the file says how many are missing.</item>
/// </list>
/// </summary>
/// <param name="dataFolder">Where the files are.</param>
/// <param name="time">For the time of a line, and for the lines a minute.</param>
/// <param name="log">Is told when a file cannot be written.</param>
/// <param name="open">Opens a file to write at its end; null for <see cref="PrivateFile.Append"/>.</param>
internal sealed class AuditTrail(string dataFolder, TimeProvider time, ILogger log, Func<string, FileStream>? open = null)
{
    /// <summary>Lines of one kind that wait to be written. Chosen: all changes of minutes, and half a megabyte at most.</summary>
    public const int WaitingMax = 1_000;

    private const int LinesPerMinuteMax = 120; // of who came in, and of who was refused. Chosen: a house comes back after a power cut, and a stranger wears no SD card out
    private readonly Lock _lock = new();
    private readonly Lock _files = new(); // taken before the other: one writes
    private readonly Lines[] _lines = [.. Enum.GetValues<AuditKind>().Select(kind => new Lines(new AuditFile(dataFolder, time, kind) { Open = open ?? PrivateFile.Append }, kind == AuditKind.Changed ? int.MaxValue : LinesPerMinuteMax))];
    private Task _writing = Task.CompletedTask;

    private sealed class Lines(AuditFile file, int linesPerMinuteMax)
    {
        public AuditFile File => file;

        public LineLimit Limit { get; } = new(linesPerMinuteMax);

        public List<string> Waiting { get; set; } = [];

        /// <summary>Lines that found no room to wait.</summary>
        public long Lost { get; set; }

        /// <summary>Lines that are on their way to the file: they wait again if it does not take them.</summary>
        public int Writing { get; set; }

        /// <summary>Changes that have begun, of which each may still have a line.</summary>
        public int Promised { get; set; }

        public bool HasFailed { get; set; }

        public bool HasRoom => Waiting.Count + Writing + Promised < WaitingMax;

        public void Add(string line)
        {
            if (Waiting.Count < WaitingMax)
                Waiting.Add(line);
            else
                Lost++;
        }
    }

    /// <summary>Takes lines of one kind.</summary>
    public AuditLines Of(AuditKind kind) => new(() => TryTake(kind), text => Put(kind, text));

    public void Add(AuditKind kind, string text)
    {
        if (TryTake(kind))
            Put(kind, text);
    }

    /// <summary>Keeps the room for the line of one change, until <see cref="EndChange"/>.</summary>
    /// <returns>False where the file cannot be written or too many lines wait for it: the change is not to be made.</returns>
    public bool TryBeginChange()
    {
        lock (_lock)
        {
            Lines changes = _lines[(int)AuditKind.Changed];
            if (changes.HasFailed || !changes.HasRoom)
                return false;
            changes.Promised++;
            return true;
        }
    }

    /// <summary>The change of a <see cref="TryBeginChange"/> that was true is made, with its line, or will not be.</summary>
    public void EndChange()
    {
        lock (_lock)
            _lines[(int)AuditKind.Changed].Promised--;
    }

    private bool TryTake(AuditKind kind)
    {
        lock (_lock)
            return _lines[(int)kind].Limit.TryTake(time.MonotonicMs());
    }

    private void Put(AuditKind kind, string text)
    {
        lock (_lock)
        {
            Lines lines = _lines[(int)kind];
            lines.Add(lines.File.Line(text));
        }
    }

    /// <summary>
    /// Writes what there is, on a thread of its own: a command line that has a file, or a disk that is slow, keeps nobody who beats waiting. Outside a turn. One at a time, and not from
    /// two threads.
    /// </summary>
    public void BeginWrite()
    {
        if (_writing.IsCompleted && HasAny())
            _writing = Task.Run(Write);
    }

    private bool HasAny()
    {
        lock (_lock)
            return Array.Exists(_lines, lines => lines.Waiting.Count > 0 || lines.Limit.HasWithheld);
    }

    /// <summary>Writes what there is, behind who writes already. Outside a turn.</summary>
    public void Write()
    {
        lock (_files)
            foreach (Lines lines in _lines)
                Write(lines);
    }

    private void Write(Lines lines)
    {
        List<string> waiting;
        long lost;
        lock (_lock)
        {
            if (lines.Limit.TakeWithheld(time.MonotonicMs()) is > 0 and var withheld)
                lines.Add(lines.File.Line($"{withheld} more had no line"));
            if (lines.Waiting.Count == 0)
                return;
            (waiting, lines.Waiting) = (lines.Waiting, []);
            (lost, lines.Lost) = (lines.Lost, 0);
            lines.Writing = waiting.Count;
        }

        bool isWritten = false;
        try
        {
            lines.File.Append(lost == 0 ? waiting : [.. waiting, lines.File.Line($"{lost} lines are missing here: this file could not be written")]);
            isWritten = true;
        }
        catch (Exception exception)
        {
            // Said once: the messages of the clients matter more than who they are. Nobody is above the thread that writes.
            if (!lines.HasFailed)
                log.AuditFailed(lines.File.Name, exception is IOException or UnauthorizedAccessException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            if (isWritten)
                Written(lines);
            else
                PutBack(lines, waiting, lost);
        }
    }

    private void Written(Lines lines)
    {
        lock (_lock)
            (lines.Writing, lines.HasFailed) = (0, false);
    }

    // In front of those that came meanwhile.
    private void PutBack(Lines lines, List<string> waiting, long lost)
    {
        lock (_lock)
        {
            (lines.Writing, lines.HasFailed) = (0, true);
            List<string> since = lines.Waiting;
            (lines.Waiting, lines.Lost) = (waiting, lines.Lost + lost);
            foreach (string line in since)
                lines.Add(line);
        }
    }
}
