namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// Nobody waits long for room to be made: compaction holds the lock for one slice at a time. Under the lock of everybody who
/// appends it once took 3.5 s at 256 MB. Counted in bytes and records, not in time.
/// </summary>
[TestClass]
public sealed class SliceTests
{
    [TestMethod]
    [DataRow(20, DisplayName = "many small ones: the number of records bounds a slice")]
    [DataRow(5000, DisplayName = "large ones: the number of bytes bounds it")]
    public async Task Compaction_OfManyBodies_HoldsTheLockForOneSliceAtATime(int length)
    {
        JournalOptions options = new() { BytesMax = 64L * 1024 * 1024, FreeFloorBytes = 0, LazyMax = TimeSpan.FromHours(1) };
        await using RecordJournal journal = Small.Open(new MemoryStorage(), out Book book, options);
        int slices = 0;
        int bytesMax = 0;
        int recordsMax = 0;
        journal.SliceCopied = (bytes, records) =>
        {
            slices++;
            bytesMax = Math.Max(bytesMax, bytes);
            recordsMax = Math.Max(recordsMax, records);
        };
        // Two segments of which one Body in ten stays, and what came behind.
        List<long> things = [];
        for (int i = 0; journal.Status.Segments < 3; i++)
        {
            _ = journal.TryAppend(Book.BytesOf(i, length), RecordLife.Body, reserve: false, out long thing);
            things.Add(thing);
            if (i % 1000 == 999)
                Assert.IsTrue(journal.CommitAll());
        }

        Assert.IsTrue(journal.CommitAll());
        for (int i = 0; i < things.Count; i++)
            if (i % 10 != 0)
                journal.Release(things[i]);
        int live = things.Where((_, i) => i % 10 == 0).Count();
        journal.SnapshotAll(book);
        Assert.IsTrue(SpinWait.SpinUntil(() => journal.Status is { Segments: <= 2 }, Small.Patience), journal.Status.ToString());
        Assert.IsGreaterThan(1, slices);
        Assert.IsLessThanOrEqualTo(Compactor.SliceRecords, recordsMax);
        Assert.IsLessThanOrEqualTo(Compactor.SliceBytes + length + RecordHeader.CopyBytes, bytesMax);
        Console.WriteLine($"{live} of {things.Count} copied in {slices} slices, at most {recordsMax} records and {bytesMax} bytes each");
    }

    [TestMethod]
    public async Task Compaction_WhileBodiesComeAndGo_EveryoneReadsItsOwn()
    {
        // The disk's thread copies when it comes to it, which may be late on a busy machine: of all seeds one at least has seen it.
        long compacted = 0;
        for (int seed = 1; seed <= 10 || (compacted == 0 && seed <= 100); seed++)
        {
            MemoryStorage storage = new();
            Random random = new(seed);
            Book book;
            await using (RecordJournal journal = Small.Open(storage, out book))
            {
                for (int round = 0; round < 150; round++)
                {
                    for (int i = 0; i < 4; i++)
                        _ = book.AddThing(journal, random.Next(), random.Next(8, 300));
                    while (journal.Status.LiveBytes > 8 * 4096)
                        Assert.IsTrue(book.TakeThing(journal, book.Things.ElementAt(random.Next(book.Things.Count))), $"seed {seed}, round {round}: {journal.Status}");
                    Assert.IsTrue(journal.CommitAll());
                    if (journal.SnapshotDue)
                        _ = book.TrySnapshot(journal);
                    journal.AssertHolds(book);
                }

                compacted += journal.Status.Compacted;
            }

            await using RecordJournal reopened = Small.Open(storage.Crash(new Random(seed)), out Book read);
            Assert.AreEqual(book.State, read.State, $"seed {seed}");
            reopened.AssertHolds(read);
        }

        Assert.IsGreaterThan(0, compacted);
    }

    [TestMethod]
    public async Task Spares_InIdleTime_AreMadeAheadAndWithinTheCap()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        _ = book.AddNote(journal, 1);
        Assert.IsTrue(journal.CommitAll());
        Assert.IsTrue(SpinWait.SpinUntil(() => journal.Status.Spares == Small.Options.SparesMax, Small.Patience), journal.Status.ToString());
        int creates = 0;
        storage.Fault = (_, what) =>
        {
            creates += what == "create" ? 1 : 0;
            Assert.IsFalse(what == "create" && Thread.CurrentThread.Name == "journal", "a segment was made while a frame waited");
            return null;
        };
        while (journal.Status.Segments < 3)
        {
            Assert.IsTrue(book.AddNote(journal, 1));
            Assert.IsTrue(journal.CommitAll());
        }

        storage.Fault = null;
        Assert.IsLessThanOrEqualTo(Small.Options.BytesMax, journal.Status.BytesUsed);
    }
}
