namespace DeviceMqtt.Relay.Sending;

/// <summary>So many in a second, evenly: what was not used within a tenth of a second is gone, so that a pause makes no burst.</summary>
/// <param name="perSecond">0 for no bound.</param>
internal sealed class RateLimit(int perSecond)
{
    private readonly double _most = Math.Max(1, perSecond / 10.0);
    private double _tokens;
    private long _atMs;

    public bool IsOn => perSecond > 0;

    /// <summary>Whether <see cref="Take"/> is allowed now.</summary>
    public bool HasRoom(long nowMs)
    {
        if (!IsOn)
            return true;
        _tokens = Math.Min(_most, _tokens + ((nowMs - _atMs) * perSecond / 1000.0));
        _atMs = nowMs;
        return _tokens >= 1;
    }

    public void Take()
    {
        if (IsOn)
            _tokens--;
    }
}
