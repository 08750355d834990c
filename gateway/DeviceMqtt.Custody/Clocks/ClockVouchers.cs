namespace DeviceMqtt.Custody.Clocks;

/// <summary>Who says that the clock on the wall is right. The values are on disk: they never change.</summary>
[Flags]
internal enum ClockVouchers : byte
{
    /// <summary>Nobody: it may show anything.</summary>
    None = 0,

    /// <summary>The system has set it by the network (NTP), and nobody has set it otherwise since.</summary>
    Network = 1,

    /// <summary>The machine's clock with a battery shows the same.</summary>
    Battery = 2,
}
