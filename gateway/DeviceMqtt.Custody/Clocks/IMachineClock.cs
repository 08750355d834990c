namespace DeviceMqtt.Custody.Clocks;

/// <summary>What the machine knows about its clocks, besides what they show.</summary>
internal interface IMachineClock
{
    /// <summary>Names this start of the machine, from which its monotonic clock counts; empty where nobody knows.</summary>
    string BootId { get; }

    /// <summary>Who vouches for the clock on the wall. May read files; does not throw.</summary>
    /// <param name="unixMs">What it showed just before, in milliseconds since 1970.</param>
    ClockVouchers VouchFor(long unixMs);
}
