namespace DeviceMqtt.Relay.Link;

/// <summary>
/// Asks the upstream for a sign of life once per Keep Alive, whatever else is sent, and says when none came. All that
/// comes is one: on a slow link PINGRESP stands in line behind packets of any size.
/// </summary>
/// <param name="intervalMs">Milliseconds between two PINGREQ; the specification allows one and a half times the Keep Alive.</param>
/// <param name="answerMs">Milliseconds to wait for anything at all.</param>
/// <param name="nowMs">Monotonic milliseconds of the CONNACK.</param>
internal sealed class UplinkKeepAlive(long intervalMs, long answerMs, long nowMs)
{
    private long _askedMs = nowMs;
    private bool _awaitsAnswer;

    public void Receive() => _awaitsAnswer = false;

    /// <summary>True when a PINGREQ is due; it counts as sent.</summary>
    public bool TryAsk(long nowMs)
    {
        if (nowMs - _askedMs < intervalMs || _awaitsAnswer)
            return false;
        _askedMs = nowMs;
        _awaitsAnswer = true;
        return true;
    }

    /// <summary>The upstream was asked and has not answered in time.</summary>
    public bool IsDead(long nowMs) => _awaitsAnswer && nowMs - _askedMs >= answerMs;
}
