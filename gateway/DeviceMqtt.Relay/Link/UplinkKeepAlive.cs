namespace DeviceMqtt.Relay.Link;

/// <summary>
/// Asks the upstream for a sign of life once per Keep Alive, whatever else is sent and whether it has answered or not, and says when
/// none came. All that comes is one: on a slow link PINGRESP stands in line behind packets of any size.
/// </summary>
/// <param name="intervalMs">Milliseconds between two PINGREQ; the specification allows one and a half times the Keep Alive. <see cref="Never"/> for none.</param>
/// <param name="answerMs">Milliseconds to wait for anything at all.</param>
/// <param name="nowMs">Monotonic milliseconds of the CONNACK.</param>
internal sealed class UplinkKeepAlive(long intervalMs, long answerMs, long nowMs)
{
    /// <summary>An interval that does not end.</summary>
    public const long Never = long.MaxValue;

    private long _sentMs = nowMs; // the last PINGREQ
    private long? _askedMs; // the oldest whose answer is waited for

    public void Receive() => _askedMs = null;

    /// <summary>True when a PINGREQ is due; it counts as sent.</summary>
    public bool TryAsk(long nowMs)
    {
        if (nowMs - _sentMs < intervalMs)
            return false;
        _sentMs = nowMs;
        _askedMs ??= nowMs;
        return true;
    }

    /// <summary>The upstream was asked and has not answered in time.</summary>
    public bool IsDead(long nowMs) => _askedMs is { } asked && nowMs - asked >= answerMs;

    /// <summary>How long nothing changes by itself: until the next PINGREQ, or until the answer to one is late.</summary>
    public TimeSpan UntilDue(long nowMs)
    {
        long untilAsk = intervalMs == Never ? Never : intervalMs - (nowMs - _sentMs);
        long untilLate = _askedMs is { } asked ? answerMs - (nowMs - asked) : Never;
        long untilDue = Math.Min(untilAsk, untilLate);
        return untilDue == Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, untilDue));
    }
}
