namespace DeviceMqtt.Journal.Tests;

/// <summary>When a segment may go. A mistake here loses what a crash would ask for again.</summary>
[TestClass]
public sealed class SegmentTests
{
    [TestMethod]
    [DataRow(10, 0, 0L, 10, true, DisplayName = "covered, nothing live")]
    [DataRow(10, 0, 0L, 9, false, DisplayName = "its last event is not covered")]
    [DataRow(10, 1, 0L, 99, false, DisplayName = "a Body is live")]
    [DataRow(10, 0, 20L, 20, true, DisplayName = "the release of its last Body is covered")]
    [DataRow(10, 0, 20L, 19, false, DisplayName = "after a crash the release could be unknown, and the Body asked for")]
    public void Segment_AgainstASnapshot_SuperfluousOnlyWhenNothingCanAskForIt(long lastPosition, int liveCount, long lastRelease, long upTo, bool expected)
    {
        using Segment segment = new(new SegmentHeader(1, 1, 0), new MemoryStorage().Create("s", 4096), 4096)
        {
            LastPosition = lastPosition,
            LiveCount = liveCount,
            LastRelease = lastRelease,
        };
        Assert.AreEqual(expected, segment.IsSuperfluous(upTo));
    }
}
