namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Wall time of what happened on the gateway's monotonic milliseconds, for what is shown and sent. It may be wrong, and jumps: it decides
/// nothing (<see cref="RunningClock"/> does).
/// </summary>
internal sealed class WallClock(TimeProvider time, Turn turn)
{
    private long _lookedIn = -1; // the number of a turn
    private long _aheadMs; // of the monotonic clock

    /// <summary>2026-01-01, in milliseconds since 1970. A clock that shows less is not set: this code was written later.</summary>
    /// <remarks>A constant and not the time of the build, so that the same source gives the same bytes.</remarks>
    public const long EarliestUnixMs = 1_767_225_600_000;

    /// <summary>What the clock on the wall shows, in milliseconds since 1970.</summary>
    public long NowUnixMs => Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The same moment in monotonic milliseconds, which decide. Outside a turn as well.</summary>
    public long NowMs => turn.MonotonicMs();

    /// <summary>
    /// Wall time of a monotonic moment, as far as somebody vouches for it: who sets it knows of the last moment at which the network said what time it
    /// was, and counts on from there. Null where nobody does.
    /// </summary>
    public Func<long, long?>? Vouched { get; set; }

    /// <summary>What time it is, as somebody vouches; null where nobody does. Inside a turn.</summary>
    public long? VouchedUnixMs => Vouched?.Invoke(turn.NowMs);

    /// <summary>
    /// What time it is as far as that can be believed, in milliseconds since 1970: as somebody vouches, else what the clock shows, unless that is
    /// before this version was written. Null when nobody knows. Inside a turn.
    /// </summary>
    public long? BelievedUnixMs => VouchedUnixMs ?? (NowUnixMs is >= EarliestUnixMs and var nowUnixMs ? nowUnixMs : null);

    /// <summary>Milliseconds since 1970 as the clock on the wall has it now. Outside a turn as well.</summary>
    public long ToUnixMs(long monotonicMs) => Math.Max(0, NowUnixMs - (turn.MonotonicMs() - monotonicMs));

    /// <summary>The same inside a turn, for many moments: the clocks are looked at once in it.</summary>
    public long ToUnixMsInTurn(long monotonicMs)
    {
        if (_lookedIn != turn.Number)
            (_lookedIn, _aheadMs) = (turn.Number, NowUnixMs - turn.MonotonicMs());
        return Math.Max(0, monotonicMs + _aheadMs);
    }
}
