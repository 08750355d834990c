namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The time that a broker has been running, in milliseconds, over all restarts on one data folder: what waiting is counted by. It follows
/// the monotonic clock, so whatever happens to the clock on the wall changes nothing. How far it goes on while the gateway is off is
/// decided once, at the start (<see cref="Continue"/>). Owned by the turn.
/// </summary>
internal sealed class RunningClock(Turn turn)
{
    private long _offsetMs = -turn.MonotonicMs();
    private long _foundMs;

    /// <summary>
    /// Milliseconds that the gateway was off before this run, where no clock had counted them at the start, and the network has said since what time it is; 0 otherwise. The running time does not
    /// have them. Outside a turn as well.
    /// </summary>
    public long FoundMs
    {
        get => Interlocked.Read(ref _foundMs);
        set => Interlocked.Exchange(ref _foundMs, value);
    }

    /// <summary>Running time in milliseconds since which none is missing: before it the gateway was off for a time that no clock has counted.</summary>
    public long GaplessSinceMs { get; set; }

    /// <summary>Running time of the last record of the run before this one, which was there until then or for a little longer; null where there was none.</summary>
    public long? LastRecordMs { get; set; }

    /// <summary>How long ago a moment was is known: there is no time in between that nobody has counted.</summary>
    public bool IsCounted(long monotonicMs) => GaplessSinceMs == 0 || Of(monotonicMs) >= GaplessSinceMs;

    /// <summary>Goes on from here. Before anything is asked of it.</summary>
    /// <param name="runningMs">Running time now, 0 or more.</param>
    public void Continue(long runningMs) => _offsetMs = runningMs - turn.MonotonicMs();

    /// <summary>Running time at a moment of this process; 0 for what was before all running time.</summary>
    public long Of(long monotonicMs) => Math.Max(0, monotonicMs + _offsetMs);

    /// <summary>The moment as monotonic milliseconds, which are negative for what was long before this process; never later than now.</summary>
    public long ToMonotonicMs(long runningMs)
    {
        long monotonicMs = runningMs - _offsetMs;
        // The clock is looked at where that can matter: what is read from the disk was mostly accepted before this turn.
        return monotonicMs <= turn.NowMs ? monotonicMs : Math.Min(turn.MonotonicMs(), monotonicMs);
    }
}
