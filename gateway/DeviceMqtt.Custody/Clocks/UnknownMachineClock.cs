namespace DeviceMqtt.Custody.Clocks;

/// <summary>A machine that says nothing about its clocks: the time that the gateway was off is never counted.</summary>
internal sealed class UnknownMachineClock : IMachineClock
{
    public string BootId => "";

    public ClockVouchers VouchFor(long unixMs) => ClockVouchers.None;
}
