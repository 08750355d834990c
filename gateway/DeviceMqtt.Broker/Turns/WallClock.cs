namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Between the gateway's monotonic milliseconds and wall time, which goes on while the gateway is off. A machine without a
/// battery-backed clock may start in the past: then what is on disk seems to come from the future and counts as accepted
/// just now, so that nothing expires too early.
/// </summary>
internal sealed class WallClock(TimeProvider time, Turn turn)
{
    public long ToUnixMs(long monotonicMs) => Math.Max(0, UnixMs() - (turn.MonotonicMs() - monotonicMs));

    public long ToMonotonicMs(long unixMs) => turn.MonotonicMs() - Math.Max(0, UnixMs() - unixMs);

    private long UnixMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
