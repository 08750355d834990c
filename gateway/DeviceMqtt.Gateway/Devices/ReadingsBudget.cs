namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// How many bytes all that is noted of devices may take together (<c>Console:ReadingsBytesMax</c>). What does not fit makes the series that were
/// made first thinner, one after the other: their raw readings become minutes, and then the older half of their minutes goes. Devices, series,
/// events and births do not get thinner: where there is no room for another, it is not noted. Owned by the turn.
/// </summary>
internal sealed class ReadingsBudget(long bytesMax)
{
    // Nobody waits for more than this: the next reading goes on. A device, an event or a birth comes seldom, and has to be let in.
    private const int ThinnedPerReadingMax = 16;
    private const int ThinnedPerTakeMax = 256;

    // Those that can get thinner: where all are as thin as can be there is nothing to look for.
    private readonly List<Series> _thick = [];
    private int _count;
    private long _others;
    private int _next;
    private bool _isThinning;

    /// <summary>Bytes taken now.</summary>
    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>How often a series was made thinner to make room.</summary>
    public long Thinned { get; private set; }

    /// <summary>There is room for one more series, also when all are as thin as can be.</summary>
    public bool HasRoomForSeries => Least + Series.LeastBytes <= bytesMax;

    private long Least => _others + (_count * (long)Series.LeastBytes);

    /// <summary>A series that has no reading yet; for which <see cref="HasRoomForSeries"/> was asked.</summary>
    public void Add()
    {
        _count++;
        Bytes += Series.LeastBytes;
        MakeRoom(taker: null, ThinnedPerTakeMax);
    }

    /// <summary>A device, an event or a birth takes so much; series are made thinner for it.</summary>
    /// <returns>False when there is no room, and nothing was taken.</returns>
    public bool TryTake(long bytes)
    {
        if (!TryAdd(bytes, taker: null, ThinnedPerTakeMax))
            return false;
        _others += bytes;
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
        _count--;
        Bytes -= series.Bytes;
        if (series.PlaceAmongThick >= 0)
            Leave(series);
    }

    /// <summary>A series is to take so many bytes more. Others are made thinner for it, each at most once.</summary>
    /// <returns>False when there is no room yet, and nothing was taken.</returns>
    public bool TryGrow(long bytes, Series taker)
    {
        // What a series takes while it gets thinner, for its minutes, is in the difference below.
        if (_isThinning)
            return true;
        if (!TryAdd(bytes, taker, ThinnedPerReadingMax))
            return false;
        if (taker.PlaceAmongThick < 0)
        {
            taker.PlaceAmongThick = _thick.Count;
            _thick.Add(taker);
        }

        return true;
    }

    private bool TryAdd(long bytes, Series? taker, int thinnedMax)
    {
        if (Least + bytes > bytesMax)
            return false;
        Bytes += bytes;
        MakeRoom(taker, thinnedMax);
        if (Bytes <= bytesMax)
            return true;
        Bytes -= bytes;
        return false;
    }

    private void MakeRoom(Series? taker, int thinnedMax)
    {
        _isThinning = true;
        try
        {
            Thin(taker, thinnedMax);
        }
        finally
        {
            _isThinning = false;
        }
    }

    private void Thin(Series? taker, int thinnedMax)
    {
        for (int thinned = 0; Bytes > bytesMax && thinned < Math.Min(_thick.Count, thinnedMax); thinned++)
        {
            _next = _next >= _thick.Count - 1 ? 0 : _next + 1;
            Series series = _thick[_next];
            if (series == taker)
                continue;
            long before = series.Bytes;
            series.Thin();
            Bytes -= before - series.Bytes;
            Thinned++;
            if (series.Bytes == Series.LeastBytes)
                Leave(series);
        }
    }

    // The last one takes its place.
    private void Leave(Series series)
    {
        Series last = _thick[^1];
        (_thick[series.PlaceAmongThick], last.PlaceAmongThick) = (last, series.PlaceAmongThick);
        _thick.RemoveAt(_thick.Count - 1);
        series.PlaceAmongThick = -1;
    }
}
