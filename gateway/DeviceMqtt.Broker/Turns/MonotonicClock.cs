namespace DeviceMqtt.Broker.Turns;

/// <summary>Time for who has no turn.</summary>
internal static class MonotonicClock
{
    /// <summary>Milliseconds since an arbitrary start; never jumps, whatever happens to the clock of the machine.</summary>
    public static long MonotonicMs(this TimeProvider time) => (long)time.GetElapsedTime(0).TotalMilliseconds;
}
