namespace DeviceMqtt.Gateway.Live;

/// <summary>How a device is, beside its readings. Made for each device each second while a page is open, so it makes no text.</summary>
/// <param name="State">One of <see cref="DeviceRows"/>.</param>
/// <param name="Since">When that began, in milliseconds since 1970; 0 where nobody knows.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Below">The gateway that it is behind; empty for none.</param>
/// <param name="Until">When it is to be back; 0 for one that does not sleep.</param>
/// <param name="Address">Where it is connected from, or was.</param>
/// <param name="Waiting">Messages that wait for it.</param>
/// <param name="WaitingExpires">When the first of them expires; 0 for never.</param>
internal readonly record struct DeviceFacts(string State, long Since, string Reason, string Below, long Until, string Address, int Waiting = 0, long WaitingExpires = 0)
{
    // Moments are worked out anew from the running clock, to a millisecond or so.
    private const long ClockJitterMs = 1_000;

    /// <summary>Why it is so.</summary>
    public string Why => Below.Length == 0 ? Reason : Reason.Length == 0 ? $"behind the gateway {Below}" : $"behind the gateway {Below}: {Reason}";

    /// <summary>A page would show another state.</summary>
    public bool IsOther(in DeviceFacts before) =>
        State != before.State || Reason != before.Reason || Waiting != before.Waiting || Address != before.Address || Below != before.Below || !IsNear(Since, before.Since) || !IsNear(Until, before.Until);

    private static bool IsNear(long a, long b) => Math.Abs(a - b) <= ClockJitterMs;
}
