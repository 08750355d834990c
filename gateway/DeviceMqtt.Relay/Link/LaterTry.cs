using System.Runtime.InteropServices;

namespace DeviceMqtt.Relay.Link;

/// <summary>When that is tried again which an upstream has not taken: what it refuses once it may take later, and a link may hold for months. The pause is doubled each time, up to a bound.</summary>
/// <param name="DueMs">Monotonic milliseconds; <see cref="UnderWay"/> while the answer to another try is waited for.</param>
/// <param name="PauseMs">The pause before that.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LaterTry(long DueMs, long PauseMs)
{
    public const long UnderWay = long.MaxValue;
    public const long MinuteMs = 60_000;
    public const long HourMs = 60 * MinuteMs;
    public const long DayMs = 24 * HourMs;

    /// <summary>It was not taken.</summary>
    /// <param name="before">When it was tried again the last time; null where this was the first.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="firstMs">The first pause.</param>
    /// <param name="mostMs">The longest.</param>
    public static LaterTry After(LaterTry? before, long nowMs, long firstMs, long mostMs)
    {
        long pauseMs = before is { } last ? Math.Min(last.PauseMs * 2, mostMs) : firstMs;
        return new LaterTry(nowMs + pauseMs, pauseMs);
    }

    /// <summary>The same for a packet that costs nothing but itself. Chosen: a minute, since what was full has room again soon, up to an hour.</summary>
    public static LaterTry AfterRefusal(LaterTry? before, long nowMs) => After(before, nowMs, MinuteMs, HourMs);

    public bool IsDue(long nowMs) => nowMs >= DueMs;
}
