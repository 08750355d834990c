namespace DeviceMqtt.Journal.Tests;

/// <summary>What a snapshot makes superfluous goes file by file, with room for a commit between two: to delete one of 8 MB takes as long as to sync, and an acknowledgement waited for all of them.</summary>
[TestClass]
public sealed class LettingGoTests
{
    /// <summary>Counts the segments that are deleted in a row.</summary>
    private sealed class CountingStorage(MemoryStorage inner) : IJournalStorage
    {
        private int _inARow;

        public int Deleted { get; private set; }

        public int InARowMax { get; private set; }

        public string Name => inner.Name;

        public IDisposable Lock() => inner.Lock();

        public IReadOnlyList<string> List() => inner.List();

        public IJournalFile Open(string name) => inner.Open(name);

        public IJournalFile Create(string name, long bytes) => inner.Create(name, bytes);

        public void Rename(string name, string newName) => inner.Rename(name, newName);

        public void Delete(string name)
        {
            inner.Delete(name);
            if (!name.EndsWith(".segment", StringComparison.Ordinal))
                return;
            Deleted++;
            InARowMax = Math.Max(InARowMax, ++_inARow);
        }

        public bool IsInPlace(string name, IJournalFile file) => inner.IsInPlace(name, file);

        // At the end of what is done at a time.
        public void SyncNames()
        {
            inner.SyncNames();
            _inARow = 0;
        }

        public long FreeBytes() => inner.FreeBytes();
    }

    [TestMethod]
    public async Task Snapshot_MakesManySegmentsSuperfluous_TheyGoOneByOne()
    {
        const int Segments = 8;
        CountingStorage storage = new(new MemoryStorage());
        await using RecordJournal journal = Small.Open(storage, out Book book, Small.Options with { SparesMax = 0 });
        while (journal.Status.Segments < Segments)
        {
            Assert.IsTrue(book.AddNote(journal, 1), journal.Status.ToString());
            Assert.IsTrue(journal.CommitAll());
        }

        journal.SnapshotAll(book);
        Assert.IsGreaterThan(Segments / 2, storage.Deleted);
        Assert.AreEqual(1, storage.InARowMax);
        Assert.IsLessThan(Segments, journal.Status.Segments, "those that have gone");
    }
}
