namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// How many bytes all recent readings may take together (<c>Console:ReadingsBytesMax</c>). What does not fit makes the series that were
/// made first thinner, one after the other: their raw readings become minutes, and then the older half of their minutes goes. Owned by the turn.
/// </summary>
internal sealed class ReadingsBudget(long bytesMax)
{
    // Nobody waits for more than this: the next reading goes on.
    private const int SeriesPerTakeMax = 16;
    private readonly List<Series> _all = [];
    private int _next;
    private bool _isThinning;

    /// <summary>Bytes taken now.</summary>
    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>How often a series was made thinner to make room.</summary>
    public long Thinned { get; private set; }

    public int SeriesCount => _all.Count;

    public void Add(Series series) => _all.Add(series);

    public void Remove(Series series)
    {
        _ = _all.Remove(series);
        Bytes -= series.Bytes;
    }

    /// <summary>A series takes so many bytes more. Others are made thinner until all fits again, each at most once.</summary>
    public void Take(long bytes, Series taker)
    {
        // What a series takes while it gets thinner, for its minutes, is in the difference below.
        if (_isThinning)
            return;
        Bytes += bytes;
        _isThinning = true;
        for (int tried = 0; Bytes > bytesMax && tried < Math.Min(_all.Count, SeriesPerTakeMax); tried++)
        {
            _next = _next >= _all.Count - 1 ? 0 : _next + 1;
            Series series = _all[_next];
            if (series == taker)
                continue;
            long before = series.Bytes;
            series.Thin();
            Bytes -= before - series.Bytes;
            Thinned++;
        }

        _isThinning = false;
    }
}
