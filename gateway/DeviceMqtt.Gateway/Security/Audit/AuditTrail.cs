using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The lines of a running gateway for its <see cref="AuditFile"/>: kept until the next beat, for nothing is written inside a turn. Safe from any thread.
/// </summary>
/// <param name="file">Where they go.</param>
/// <param name="time">For the lines a minute.</param>
/// <param name="log">Is told when the file cannot be written.</param>
internal sealed class AuditTrail(AuditFile file, TimeProvider time, ILogger log)
{
    private const int LinesPerMinuteMax = 120; // chosen: a house comes back after a power cut, and a stranger wears no SD card out
    private readonly Lock _lock = new();
    private readonly LineLimit _limit = new(LinesPerMinuteMax);
    private List<string> _lines = [];
    private bool _hasFailed;

    public void Add(string text)
    {
        lock (_lock)
            if (_limit.TryTake(time.MonotonicMs()))
                _lines.Add(file.Line(text));
    }

    /// <summary>Writes what there is. Outside a turn.</summary>
    public void Write()
    {
        List<string> lines;
        lock (_lock)
        {
            if (_limit.TakeWithheld(time.MonotonicMs()) is > 0 and var withheld)
                _lines.Add(file.Line($"{withheld} more had no line"));
            if (_lines.Count == 0)
                return;
            (lines, _lines) = (_lines, []);
        }

        try
        {
            file.Append(lines);
            _hasFailed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Said once: the messages of the clients matter more than who they are.
            if (!_hasFailed)
                log.AuditFailed(AuditFile.Name, exception.Message);
            _hasFailed = true;
        }
    }
}
