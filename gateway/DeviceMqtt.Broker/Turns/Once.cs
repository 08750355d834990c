namespace DeviceMqtt.Broker.Turns;

/// <summary>Something that is to happen once, later.</summary>
internal static class Once
{
    /// <param name="time">What counts it.</param>
    /// <param name="ms">Milliseconds until then.</param>
    /// <param name="act">On any thread.</param>
    public static void After(TimeProvider time, long ms, Action act)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                act();
                timer!.Dispose();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ = timer.Change(TimeSpan.FromMilliseconds(ms), Timeout.InfiniteTimeSpan); // not before it has its name
    }
}
