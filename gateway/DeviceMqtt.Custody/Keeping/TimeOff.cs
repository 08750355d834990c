using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// How long the gateway was off, for what waits. The machine's monotonic clock knows, if the machine was not off too. Else the clock on the
/// wall is a witness, and counts only when it is vouched for, then and now, and what it says can be. In doubt the time counts as
/// nothing: what waits expires late, by the time off, and never early.
/// </summary>
/// <param name="Ms">Milliseconds since the last record; 0 when it is not known.</param>
/// <param name="Why">In words, for the log.</param>
/// <param name="IsKnown">A clock has counted it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TimeOff(long Ms, string Why, bool IsKnown = false)
{
    /// <summary>The longest that a wall clock is believed. Chosen: a year; nothing lives as long but what never expires.</summary>
    public const long WallMsMax = 365L * 24 * 3600 * 1000;

    /// <param name="last">What the clocks showed at the last record.</param>
    /// <param name="now">What they show at the start; its running time is not used.</param>
    public static TimeOff Between(in ClockRecord last, in ClockRecord now)
    {
        if (now.BootId.Length > 0 && now.BootId == last.BootId && now.MonotonicMs >= last.MonotonicMs)
            return new TimeOff(now.MonotonicMs - last.MonotonicMs, "by the clock that runs since the machine was started", IsKnown: true);
        if (!last.Vouchers.HasFlag(ClockVouchers.Network))
            return new TimeOff(0, "the clock on the wall was not set by the network before");
        // A battery clock was set by the network, if both showed the same then.
        if (!now.Vouchers.HasFlag(ClockVouchers.Network) && !(last.Vouchers & now.Vouchers).HasFlag(ClockVouchers.Battery))
            return new TimeOff(0, "the clock on the wall is not set by the network yet");
        if (now.UnixMs < WallClock.EarliestUnixMs)
            return new TimeOff(0, "the clock on the wall shows a time before this version was written");
        long offMs = now.UnixMs - last.UnixMs;
        if (offMs < 0)
            return new TimeOff(0, "the clock on the wall shows a time before the last record");
        return offMs <= WallMsMax ? new TimeOff(offMs, "by the clock on the wall", IsKnown: true) : new TimeOff(0, "the clock on the wall shows more than a year later");
    }
}
