namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// How many bytes all that is noted of devices may take together (<c>Console:ReadingsBytesMax</c>). What does not fit makes the series that were
/// made first thinner, one after the other: their raw readings become minutes, and then the older half of their minutes goes. Devices, series,
/// events and births do not get thinner: where there is no room for another, it is not noted. Owned by the turn.
/// </summary>
internal sealed class ReadingsBudget(long bytesMax)
{
    // Nobody waits for more than this: the next reading goes on.
    private const int SeriesPerTakeMax = 16;
    private readonly List<Series> _all = [];
    private long _others;
    private int _next;
    private bool _isThinning;

    /// <summary>Bytes taken now.</summary>
    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>How often a series was made thinner to make room.</summary>
    public long Thinned { get; private set; }

    /// <summary>There is room for one more series, also when all are as thin as can be.</summary>
    public bool HasRoomForSeries => _others + ((_all.Count + 1) * (long)Series.LeastBytes) <= bytesMax;

    public void Add(Series series) => _all.Add(series);

    /// <summary>A device, an event or a birth takes so much; series are made thinner for it.</summary>
    /// <returns>False when there is no room, and nothing was taken.</returns>
    public bool TryTake(long bytes)
    {
        if (_others + bytes + (_all.Count * (long)Series.LeastBytes) > bytesMax)
            return false;
        _others += bytes;
        Take(bytes, taker: null);
        return true;
    }

    /// <summary>What <see cref="TryTake"/> took is given back.</summary>
    public void Give(long bytes)
    {
        _others -= bytes;
        Bytes -= bytes;
    }

    public void Remove(Series series)
    {
        _ = _all.Remove(series);
        Bytes -= series.Bytes;
    }

    /// <summary>A series takes so many bytes more. Others are made thinner until all fits again, each at most once.</summary>
    public void Take(long bytes, Series? taker)
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
