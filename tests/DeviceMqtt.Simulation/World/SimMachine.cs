using DeviceMqtt.Custody.Clocks;

namespace DeviceMqtt.Simulation.World;

/// <summary>What the simulated machine knows of its clocks: the network vouches for the one on the wall while it is right.</summary>
internal sealed class SimMachine(SimTime time) : IMachineClock
{
    private int _boot;

    public string BootId => $"boot {_boot}";

    /// <summary>It lost its power, and starts again.</summary>
    public void Reboot() => _boot++;

    /// <summary>Who vouches, where that does not follow from the clock on the wall.</summary>
    public ClockVouchers? Vouchers { get; set; }

    public ClockVouchers VouchFor(long unixMs) => Vouchers ?? (time.WallOffset == TimeSpan.Zero ? ClockVouchers.Network : ClockVouchers.None);
}
