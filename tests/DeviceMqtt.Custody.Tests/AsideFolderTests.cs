using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Tests;

/// <summary>An operator decides about the folder of a stopped gateway, whose limits nobody says.</summary>
[TestClass]
public sealed class AsideFolderTests
{
    // It was opened with the bound of a journal of 256 MiB, where the gateway's is twice that: there seemed to be no room for a decision.
    [TestMethod]
    public void Journal_LargerThanTheUsualBound_HasRoomForADecision()
    {
        const int Large = 300 * 1024 * 1024;
        MemoryStorage disk = new();
        disk.Create("large", Large).Dispose();

        JournalOptions options = AsideFolder.OptionsFor(disk);

        Assert.IsGreaterThanOrEqualTo((long)Large + options.ReserveBytes + options.SegmentBytes, options.BytesMax);
        Assert.AreEqual(0, options.FreeFloorBytes);
        Assert.AreEqual(new JournalOptions().BytesMax, AsideFolder.OptionsFor(new MemoryStorage()).BytesMax);
    }
}
