using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>For how many days there is room, from how the journal has grown.</summary>
[TestClass]
internal sealed class JournalGrowthTests
{
    private const long Megabyte = 1_000_000;

    [TestMethod]
    [DataRow(6, 1, 0, null, DisplayName = "less than an hour is no trend")]
    [DataRow(144, 0, 0, null, DisplayName = "it does not grow")]
    [DataRow(144, -1, 0, null, DisplayName = "it gets less")]
    [DataRow(7, 1, 0, 744.0 / 144, DisplayName = "six figures an hour, three quarters of 1,000 MB")]
    [DataRow(144, 1, 0, 607.0 / 144, DisplayName = "a day")]
    [DataRow(400, 1, 0, 351.0 / 144, DisplayName = "more than a day")]
    [DataRow(144, 1, 300, ((300 + 143) * 0.75 - 143) / 144, DisplayName = "the disk has less")]
    public void DaysLeft_OfAGrowth_AreItsRoom(int figures, int megabytesEach, int megabytesFree, double? days)
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        JournalGrowth growth = new(ground.Turn);
        long live = 500 * Megabyte * (megabytesEach < 0 ? 1 : 0);
        for (int i = 0; i < figures; i++)
        {
            if (i > 0)
                live += megabytesEach * Megabyte;
            time.Advance(TimeSpan.FromMinutes(10));
            using (ground.Turn.Enter())
                growth.Note(live);
        }

        double? left = growth.DaysLeft(new JournalStatus { BytesMax = 1_000 * Megabyte, BytesUsed = live, LiveBytes = live, BytesAttainable = megabytesFree == 0 ? 1_000 * Megabyte : live + (megabytesFree * Megabyte) });
        Assert.AreEqual(days is null, left is null);
        Assert.AreEqual(days ?? 0, left ?? 0, 0.01);
    }
}
