using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>When, and with what beside, the doctor looks at a device.</summary>
/// <param name="NowUnixMs">By the clock, in milliseconds since 1970.</param>
/// <param name="NowMs">Monotonic milliseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeviceLook(long NowUnixMs, long NowMs)
{
    /// <summary>What the gateway's own presence says of it; null where that knows nothing.</summary>
    public PresenceReason? Presence { get; init; }

    /// <summary>When it is to be back, as that has it, in milliseconds since 1970; 0 where it does not.</summary>
    public long BackUnixMs { get; init; }

    /// <summary>That is not longer ago than a day, and not in the future of a clock that was set back.</summary>
    public bool IsToday(long unixMs) => Math.Abs(NowUnixMs - unixMs) <= 24 * 3_600_000;
}
