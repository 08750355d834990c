using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>Topic Filters for which the upstream has refused something on this connection, each with the time at which it is asked again. Owned by the turn.</summary>
internal sealed class RefusedFilters
{
    private readonly Dictionary<string, LaterTry> _all = new(StringComparer.Ordinal);
    private long _nextMs = LaterTry.UnderWay; // none is due before

    public int Count => _all.Count;

    /// <summary>All of them, those that are asked again just now included.</summary>
    public IEnumerable<string> All => _all.Keys;

    public bool Has(string filter) => _all.ContainsKey(filter);

    /// <summary>It is refused, for the first time or again.</summary>
    public void Add(string filter, long nowMs)
    {
        LaterTry again = LaterTry.AfterRefusal(_all.TryGetValue(filter, out LaterTry before) ? before : null, nowMs);
        _all[filter] = again;
        _nextMs = Math.Min(_nextMs, again.DueMs);
    }

    /// <summary>It is not refused any more, or nobody asks for it.</summary>
    /// <returns>False when it was not.</returns>
    public bool Remove(string filter) => _all.Remove(filter);

    public void Clear()
    {
        _all.Clear();
        _nextMs = LaterTry.UnderWay;
    }

    /// <summary>The upstream has granted one of them: it may have room for the others, too.</summary>
    public void MakeDue(long nowMs)
    {
        foreach ((string filter, LaterTry again) in _all.ToArray())
            if (again.DueMs != LaterTry.UnderWay)
                _all[filter] = again with { DueMs = nowMs };
        _nextMs = nowMs;
    }

    /// <summary>Some that are due, which count as under way from now on.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="most">How many.</param>
    public List<string> TakeDue(long nowMs, int most)
    {
        List<string> due = [];
        if (nowMs < _nextMs)
            return due;
        _nextMs = LaterTry.UnderWay;
        foreach ((string filter, LaterTry again) in _all)
            if (again.IsDue(nowMs) && due.Count < most)
                due.Add(filter);
            else
                _nextMs = Math.Min(_nextMs, again.DueMs);
        foreach (string filter in due)
            _all[filter] = _all[filter] with { DueMs = LaterTry.UnderWay };
        return due;
    }
}
