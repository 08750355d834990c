using DeviceMqtt.Custody.Clocks;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Believes whatever the clock on the wall shows about the time that the gateway was off.</summary>
internal sealed class BelievedWall : IMachineClock
{
    public string BootId => "";

    public ClockVouchers VouchFor(long unixMs) => ClockVouchers.Network;
}
