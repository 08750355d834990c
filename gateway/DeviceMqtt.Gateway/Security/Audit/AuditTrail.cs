using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The lines of a running gateway for its <see cref="AuditFile"/>s: kept until the next beat, for nothing is written inside a turn. Safe from any thread.
/// </summary>
/// <param name="dataFolder">Where the files are.</param>
/// <param name="time">For the time of a line, and for the lines a minute.</param>
/// <param name="log">Is told when a file cannot be written.</param>
internal sealed class AuditTrail(string dataFolder, TimeProvider time, ILogger log)
{
    private const int LinesPerMinuteMax = 120; // of each kind. Chosen: a house comes back after a power cut, and a stranger wears no SD card out
    private readonly Lock _lock = new();
    private readonly Lines[] _lines = [.. Enum.GetValues<AuditKind>().Select(kind => new Lines(new AuditFile(dataFolder, time, kind)))];

    private sealed class Lines(AuditFile file)
    {
        public AuditFile File => file;

        public LineLimit Limit { get; } = new(LinesPerMinuteMax);

        public List<string> Waiting { get; set; } = [];

        public bool HasFailed { get; set; }
    }

    /// <summary>Takes lines of one kind.</summary>
    public AuditLines Of(AuditKind kind) => new(() => TryTake(kind), text => Put(kind, text));

    public void Add(AuditKind kind, string text)
    {
        if (TryTake(kind))
            Put(kind, text);
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
            lines.Waiting.Add(lines.File.Line(text));
        }
    }

    /// <summary>Writes what there is. Outside a turn.</summary>
    public void Write()
    {
        foreach (Lines lines in _lines)
            Write(lines);
    }

    private void Write(Lines lines)
    {
        List<string> waiting;
        lock (_lock)
        {
            if (lines.Limit.TakeWithheld(time.MonotonicMs()) is > 0 and var withheld)
                lines.Waiting.Add(lines.File.Line($"{withheld} more had no line"));
            if (lines.Waiting.Count == 0)
                return;
            (waiting, lines.Waiting) = (lines.Waiting, []);
        }

        try
        {
            lines.File.Append(waiting);
            lines.HasFailed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Said once: the messages of the clients matter more than who they are.
            if (!lines.HasFailed)
                log.AuditFailed(lines.File.Name, exception.Message);
            lines.HasFailed = true;
        }
    }
}
