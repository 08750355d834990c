using DeviceMqtt.Custody.Clocks;

namespace DeviceMqtt.TestSupport;

/// <summary>A machine on which the gateway is stopped and started: the process alone, or the machine with it.</summary>
internal sealed class FakeMachine : IMachineClock
{
    public FakeTime Time { get; private set; } = new();

    public string BootId { get; private set; } = Guid.NewGuid().ToString();

    /// <summary>Who says that the clock on the wall is right.</summary>
    public ClockVouchers Vouchers { get; set; } = ClockVouchers.Network;

    public ClockVouchers VouchFor(long unixMs) => Vouchers;

    /// <summary>The power was off for so long: the monotonic clock begins anew, and that on the wall has gone on.</summary>
    public void Reboot(TimeSpan off)
    {
        FakeTime before = Time;
        Time = new FakeTime();
        BootId = Guid.NewGuid().ToString();
        Time.WallOffset = before.GetUtcNow() + off - Time.GetUtcNow();
    }
}
