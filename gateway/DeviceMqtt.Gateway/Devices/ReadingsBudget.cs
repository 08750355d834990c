namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// How many bytes all that is noted of devices may take together (<c>Console:ReadingsBytesMax</c>). What does not fit makes the series that were
/// made first thinner, one after the other: their raw readings become minutes, and then the older half of their minutes goes. Devices, series,
/// events and births do not get thinner: where there is no room for another, it is not noted. Owned by the turn.
/// </summary>
internal sealed class ReadingsBudget(long bytesMax)
{
    // Nobody waits for more than this: the next reading goes on. To look at one that is as thin as can be costs next to nothing.
    private const int ThinnedPerTakeMax = 16;
    private const int LookedAtPerTakeMax = 4_096;
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

    /// <summary>A series that has no reading yet; for which <see cref="HasRoomForSeries"/> was asked.</summary>
    public void Add(Series series)
    {
        _all.Add(series);
        Bytes += Series.LeastBytes;
        MakeRoom(taker: series);
    }

    /// <summary>A device, an event or a birth takes so much; series are made thinner for it.</summary>
    /// <returns>False when there is no room, and nothing was taken.</returns>
    public bool TryTake(long bytes)
    {
        if (_others + bytes + (_all.Count * (long)Series.LeastBytes) > bytesMax)
            return false;
        _others += bytes;
        Bytes += bytes;
        MakeRoom(taker: null);
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

    /// <summary>A series is to take so many bytes more. Others are made thinner for it, each at most once.</summary>
    /// <returns>False when there is no room yet, and nothing was taken.</returns>
    public bool TryGrow(long bytes, Series taker)
    {
        // What a series takes while it gets thinner, for its minutes, is in the difference below.
        if (_isThinning)
            return true;
        Bytes += bytes;
        MakeRoom(taker);
        if (Bytes <= bytesMax)
            return true;
        Bytes -= bytes;
        return false;
    }

    private void MakeRoom(Series? taker)
    {
        _isThinning = true;
        int thinned = 0;
        for (int looked = 0; Bytes > bytesMax && thinned < ThinnedPerTakeMax && looked < Math.Min(_all.Count, LookedAtPerTakeMax); looked++)
        {
            _next = _next >= _all.Count - 1 ? 0 : _next + 1;
            Series series = _all[_next];
            if (series == taker || series.Bytes == Series.LeastBytes)
                continue;
            long before = series.Bytes;
            series.Thin();
            Bytes -= before - series.Bytes;
            thinned++;
            Thinned++;
        }

        _isThinning = false;
    }
}
