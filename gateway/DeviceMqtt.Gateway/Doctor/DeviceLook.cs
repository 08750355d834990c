using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>When, and with what beside, the doctor looks at a device.</summary>
/// <param name="NowUnixMs">By the clock, in milliseconds since 1970.</param>
/// <param name="NowMs">Monotonic milliseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeviceLook(long NowUnixMs, long NowMs)
{
    /// <summary>For one that did not wake, when it was to be back, as the list of devices has it, in milliseconds since 1970; null for all others.</summary>
    public long? BackUnixMs { get; init; }

    /// <summary>That is not longer ago than a day, and not in the future of a clock that was set back.</summary>
    public bool IsToday(long unixMs) => Math.Abs(NowUnixMs - unixMs) <= 24 * 3_600_000;
}
