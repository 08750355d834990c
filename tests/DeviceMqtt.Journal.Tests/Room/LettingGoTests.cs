namespace DeviceMqtt.Journal.Tests;

/// <summary>What a snapshot makes superfluous goes file by file, with room for a commit between two: to delete one of 8 MB takes as long as to sync, and an acknowledgement waited for all of them.</summary>
[TestClass]
public sealed class LettingGoTests
{
    [TestMethod]
    public async Task Snapshot_MakesManySegmentsSuperfluous_TheyGoOneByOne()
    {
        const int Segments = 8;
        (int deleted, int inARow, int inARowMax) = (0, 0, 0);
        WatchedStorage storage = new(new MemoryStorage())
        {
            Before = (what, name) =>
            {
                if (what == "names")
                {
                    inARow = 0; // the end of what is done at a time
                }
                else if (what == "delete" && name.EndsWith(".segment", StringComparison.Ordinal))
                {
                    deleted++;
                    inARowMax = Math.Max(inARowMax, ++inARow);
                }

                return null;
            },
        };
        await using RecordJournal journal = Small.Open(storage, out Book book, Small.Options with { SparesMax = 0 });
        while (journal.Status.Segments < Segments)
        {
            Assert.IsTrue(book.AddNote(journal, 1), journal.Status.ToString());
            Assert.IsTrue(journal.CommitAll());
        }

        journal.SnapshotAll(book);
        Assert.IsGreaterThan(Segments / 2, deleted);
        Assert.AreEqual(1, inARowMax);
        Assert.IsLessThan(Segments, journal.Status.Segments, "those that have gone");
    }
}
