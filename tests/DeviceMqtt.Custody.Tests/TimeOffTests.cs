using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Tests;

/// <summary>When the clock on the wall is believed about the time that the gateway was off.</summary>
[TestClass]
internal sealed class TimeOffTests
{
    private const ClockVouchers None = ClockVouchers.None;
    private const ClockVouchers Network = ClockVouchers.Network;
    private const ClockVouchers Battery = ClockVouchers.Battery;
    private const long HourMs = 3_600_000;
    private const long WallMs = WallClock.EarliestUnixMs + (1000 * HourMs);

    [TestMethod]
    [DataRow(Network, Network, HourMs, HourMs)]
    [DataRow(Network, Network | Battery, HourMs, HourMs)]
    [DataRow(Network | Battery, Battery, HourMs, HourMs)]
    [DataRow(Network, Network, TimeOff.WallMsMax, TimeOff.WallMsMax)]
    [DataRow(Network, Network, TimeOff.WallMsMax + 1, 0L, DisplayName = "longer than a year")]
    [DataRow(Network, Network, -1L, 0L, DisplayName = "before the last record")]
    [DataRow(Network, None, HourMs, 0L, DisplayName = "not set yet")]
    [DataRow(None, Network, HourMs, 0L, DisplayName = "was not set before")]
    [DataRow(Battery, Battery, HourMs, 0L, DisplayName = "the battery clock was never set by the network")]
    [DataRow(Network, Battery, HourMs, 0L, DisplayName = "the battery clock was not right before")]
    public void Machine_WasOff_TheWallCountsWhenItIsVouchedForThenAndNow(ClockVouchers then, ClockVouchers now, long wallMs, long countedMs)
    {
        ClockRecord last = new(5000, 90_000_000, "one", WallMs, then);
        TimeOff off = TimeOff.Between(last, new ClockRecord(0, 1000, "two", WallMs + wallMs, now));
        Assert.AreEqual((countedMs, countedMs > 0), (off.Ms, off.IsKnown));
    }

    [TestMethod]
    public void Machine_WasOff_AWallBeforeThisVersionWasWrittenIsNotBelieved()
    {
        ClockRecord last = new(5000, 1000, "one", 0, Network);
        Assert.AreEqual(0, TimeOff.Between(last, new ClockRecord(0, 1000, "two", HourMs, Network)).Ms);
    }

    [TestMethod]
    public void Machine_NotOff_ItsMonotonicClockCounts()
    {
        ClockRecord last = new(5000, 1000, "one", WallMs, None);
        Assert.AreEqual(2000, TimeOff.Between(last, new ClockRecord(0, 3000, "one", 0, None)).Ms);
        Assert.AreEqual(0, TimeOff.Between(last, new ClockRecord(0, 999, "one", WallMs, None)).Ms, "a monotonic clock that goes back is another one");
        Assert.AreEqual(0, TimeOff.Between(last with { BootId = "" }, new ClockRecord(0, 3000, "", 0, None)).Ms, "nobody knows whether it is the same");
    }

    [TestMethod]
    public void ClockRecord_Written_TheseBytes()
    {
        RecordWriter writer = new();
        new ClockRecord(1, 2, "b", 3, Network | Battery).Write(writer);
        Assert.AreEqual("17" + "01" + "02" + "0162" + "03" + "03", Convert.ToHexString(writer.Written));
        RecordReader reader = new(writer.Written);
        Assert.AreEqual(RecordKind.Clock, reader.ReadKind());
        Assert.AreEqual(new ClockRecord(1, 2, "b", 3, Network | Battery), ClockRecord.Read(ref reader));
    }

    [TestMethod]
    public void ClockRecord_AfterATimeThatNobodyCounted_SaysSinceWhenNoneIsMissing()
    {
        RecordWriter writer = new();
        ClockRecord clock = new(1, 2, "b", 3, None) { GaplessSinceMs = 5 };
        clock.Write(writer);
        Assert.AreEqual("17" + "01" + "02" + "0162" + "03" + "00" + "05", Convert.ToHexString(writer.Written));
        RecordReader reader = new(writer.Written);
        Assert.AreEqual(RecordKind.Clock, reader.ReadKind());
        Assert.AreEqual(clock, ClockRecord.Read(ref reader));
    }

    [TestMethod]
    public void LinuxMachineClock_Asked_KnowsItsBootAndVouchesForNoClockOfAnotherDecade()
    {
        IMachineClock machine = LinuxMachineClock.Of(TimeProvider.System);
        Assert.AreEqual(OperatingSystem.IsLinux(), machine.BootId.Length > 0);
        Assert.AreEqual(machine.BootId, LinuxMachineClock.Of(TimeProvider.System).BootId);
        Assert.IsFalse(machine.VouchFor(unixMs: 0).HasFlag(Battery), "a battery clock that is right does not show 1970");
        Assert.AreEqual("", LinuxMachineClock.Of(new FakeTime()).BootId, "time that is made up is no machine's");
    }
}
