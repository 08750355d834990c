using DeviceMqtt.Custody.Clocks;

namespace DeviceMqtt.TestSupport;

/// <summary>A machine on which the gateway is stopped and started: the process alone, or the machine with it. Its clock on the wall may be put wrong.</summary>
internal sealed class FakeMachine : IMachineClock
{
    private TimeSpan _rightOffset;

    public FakeTime Time { get; private set; } = new();

    public string BootId { get; private set; } = Guid.NewGuid().ToString();

    /// <summary>Who says that the clock on the wall is right.</summary>
    public ClockVouchers Vouchers { get; set; } = ClockVouchers.Network;

    public ClockVouchers VouchFor(long unixMs) => Vouchers;

    /// <summary>Somebody sets the clock on the wall.</summary>
    public void Step(TimeSpan by)
    {
        Time.WallOffset += by;
        Vouchers = ClockVouchers.None;
    }

    /// <summary>The network sets the clock on the wall right.</summary>
    public void SetRight()
    {
        Time.WallOffset = _rightOffset;
        Vouchers = ClockVouchers.Network;
    }

    /// <summary>The power was off for so long: the monotonic clock begins anew, and that on the wall has gone on, but nobody vouches for it.</summary>
    public void Reboot(TimeSpan off)
    {
        FakeTime before = Time;
        Time = new FakeTime();
        BootId = Guid.NewGuid().ToString();
        TimeSpan lost = TimeSpan.FromMilliseconds(before.GetTimestamp() - Time.GetTimestamp()) + off;
        _rightOffset += lost;
        Time.WallOffset = before.WallOffset + lost;
        Vouchers = ClockVouchers.None;
    }
}
