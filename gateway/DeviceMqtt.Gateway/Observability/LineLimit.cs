namespace DeviceMqtt.Gateway.Observability;

/// <summary>Lets so many lines of one kind into the log in each minute, and counts the others. Owned by the turn.</summary>
internal sealed class LineLimit(int linesPerMinuteMax)
{
    private const long MinuteMs = 60_000;

    /// <summary>Lines in a minute.</summary>
    public int LinesPerMinuteMax { get; set; } = linesPerMinuteMax;

    private long _beganMs;
    private int _lines;
    private long _withheld;
    private long _due; // of minutes that are over

    /// <summary>Some found no room, of which nothing was said yet.</summary>
    public bool HasWithheld => _due > 0 || _withheld > 0;

    /// <summary>Whether there is room for one more line.</summary>
    public bool TryTake(long nowMs)
    {
        if (nowMs - _beganMs >= MinuteMs)
        {
            // In a flood nobody asks between two minutes.
            _due += _withheld;
            (_beganMs, _lines, _withheld) = (nowMs, 0, 0);
        }

        if (_lines < LinesPerMinuteMax)
        {
            _lines++;
            return true;
        }

        _withheld++;
        return false;
    }

    /// <summary>Whether there is room for one more line, which is to say how many found none in the minutes before.</summary>
    public bool TryTake(long nowMs, out long withheld)
    {
        withheld = TakeWithheld(nowMs);
        return TryTake(nowMs);
    }

    /// <summary>How many lines found no room, once the minute in which they did not is over; 0 before, or when none.</summary>
    public long TakeWithheld(long nowMs)
    {
        if (nowMs - _beganMs >= MinuteMs)
            (_due, _withheld) = (_due + _withheld, 0);
        long withheld = _due;
        _due = 0;
        return withheld;
    }
}
