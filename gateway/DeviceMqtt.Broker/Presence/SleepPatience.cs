namespace DeviceMqtt.Broker.Presence;

/// <summary>How late a board may be that sleeps, before it is overdue.</summary>
internal static class SleepPatience
{
    // Chosen: the clock of a board in deep sleep is off by up to 5 %, and Wi-Fi takes its time.
    private const int LeastMs = 30_000;
    private const int Part = 20;

    /// <param name="sleepMs">How long it was to sleep, in milliseconds; 0 where nobody knows.</param>
    public static long Ms(long sleepMs) => Math.Max(LeastMs, sleepMs / Part);
}
