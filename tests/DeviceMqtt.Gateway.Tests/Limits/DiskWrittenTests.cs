using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What is written to the disk, what that is a day, and what a card bears of it.</summary>
[TestClass]
internal sealed class DiskWrittenTests
{
    [TestMethod]
    public void Read_TextOfTheSystem_WithoutWhatNeverGotThere() =>
        Assert.AreEqual(9_000, DiskWritten.Read("rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: 10000\ncancelled_write_bytes: 1000\n"));

    [TestMethod]
    [DataRow("")]
    [DataRow("write_bytes: many\n")]
    [DataRow("cancelled_write_bytes: 5\n")]
    public void Read_TextWithoutIt_Nothing(string text) => Assert.AreEqual(0, DiskWritten.Read(text));

    [TestMethod]
    [DataRow(1_000_000, 599, 0, 0)] // too early
    [DataRow(0, 86_400, 0, 0)]
    [DataRow(1_000_000_000, 86_400, 1_000_000_000, 80)]
    [DataRow(1_000_000_000, 864, 100_000_000_000, 0)]
    [DataRow(1, 86_400, 1, 999)]
    public void PerDay_AndCardYears_AsWorkedOutByHand(long bytes, long seconds, long perDay, long years) =>
        Assert.AreEqual((perDay, years), (DiskWritten.PerDay(bytes, seconds), DiskWritten.CardYears(DiskWritten.PerDay(bytes, seconds))));

    // The figure is of the process: a test beside that deletes what it has just written takes from it.
    [TestMethod]
    [DoNotParallelize]
    public void Bytes_FileSynced_AreCounted()
    {
        if (!File.Exists("/proc/self/io"))
            Assert.Inconclusive("needs Linux");
        long before = DiskWritten.Bytes();
        string path = Path.Combine(AppContext.BaseDirectory, $"written-{Guid.NewGuid():N}"); // not in /tmp, which may be memory
        try
        {
            using FileStream file = new(path, FileMode.CreateNew);
            file.Write(new byte[1024 * 1024]);
            file.Flush(flushToDisk: true);
            Assert.IsGreaterThanOrEqualTo(before + (1024 * 1024), DiskWritten.Bytes());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Status_ManyBytesADay_WantAttention()
    {
        static StatusReport Report(long perDay) => new(new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["disk/written/bytes"] = "1",
            ["disk/written/day"] = $"{perDay}",
            ["disk/syncs/day"] = "86400",
            ["disk/card/years"] = $"{DiskWritten.CardYears(perDay)}",
        });
        Assert.IsEmpty(Report(1_000_000_000).Findings());
        Assert.Contains("disk: 1000.0 MB and 86400 syncs a day at this rate; a card of 32 GB rated for 29 TB bears 80 years of it", Report(1_000_000_000).Lines());
        StringAssert.StartsWith(Assert.ContainsSingle(Report(50_000_000_000).Findings()), "50.0 GB a day are written: a card of 32 GB bears 1 years of it", StringComparison.Ordinal);
    }
}
