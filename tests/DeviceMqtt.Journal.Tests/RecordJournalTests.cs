namespace DeviceMqtt.Journal.Tests;

[TestClass]
public sealed class RecordJournalTests
{
    private readonly MemoryStorage _storage = new();

    [TestMethod]
    public async Task Records_Committed_ThereAfterReopenInOrder()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book written))
        {
            for (int i = 1; i <= 500; i++)
                Assert.IsTrue(written.AddNote(journal, i));
            Assert.IsTrue(journal.CommitAll());
        }

        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.AreEqual(500L * 501 / 2, read.Sum);
        Assert.AreEqual(500, reopened.LastPosition);
        Assert.AreEqual(500, reopened.DurablePosition);
    }

    [TestMethod]
    public async Task Records_NotCommitted_GoWithinTheLazyTime()
    {
        await using RecordJournal journal = Small.Open(_storage, out Book book, Small.Options with { LazyMax = TimeSpan.FromMilliseconds(10) });
        using ManualResetEventSlim durable = new();
        journal.Durable = _ => durable.Set();
        _ = book.AddNote(journal, 1);
        Assert.IsTrue(durable.Wait(Small.Patience), "nobody committed it");
    }

    [TestMethod]
    public async Task Dispose_WithRecordsNotCommitted_CommitsThem()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book written))
            _ = written.AddNote(journal, 7);
        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.AreEqual(7, read.Sum);
    }

    [TestMethod]
    public async Task Bodies_Live_ReadableBeforeAndAfterCommitAndReopen()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book book))
        {
            for (int i = 0; i < 40; i++)
                Assert.AreNotEqual(0, book.AddThing(journal, i, 100 + i));
            journal.AssertHolds(book);
            Assert.IsTrue(journal.CommitAll());
            journal.AssertHolds(book);
        }

        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.HasCount(40, read.Things);
        reopened.AssertHolds(read);
    }

    [TestMethod]
    public async Task Body_Released_NotReadableAnyMore()
    {
        await using RecordJournal journal = Small.Open(_storage, out Book book);
        long thing = book.AddThing(journal, 1, 10);
        _ = book.TakeThing(journal, thing);
        Assert.IsFalse(journal.TryRead(thing, new System.Buffers.ArrayBufferWriter<byte>()));
    }

    [TestMethod]
    public async Task Record_LargerThanASegment_HasOneOfItsOwn()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book book))
        {
            _ = book.AddThing(journal, 1, 20_000);
            _ = book.AddNote(journal, 5);
            Assert.IsTrue(journal.CommitAll());
        }

        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.AreEqual(5, read.Sum);
        reopened.AssertHolds(read);
        Assert.HasCount(1, read.Things);
    }

    [TestMethod]
    public async Task Record_LargerThanAllowed_Refused()
    {
        await using RecordJournal journal = Small.Open(_storage, out _);
        Assert.ThrowsExactly<ArgumentException>(() => journal.TryAppend(new byte[Small.Options.RecordBytesMax + 1], RecordLife.Event, reserve: false, out _));
    }

    [TestMethod]
    public async Task Snapshot_Taken_SegmentsGoAndTheStateStays()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book book))
        {
            long kept = book.AddThing(journal, 99, 50);
            for (int round = 0; round < 20; round++)
            {
                for (int i = 0; i < 50; i++)
                    Assert.IsTrue(book.AddNote(journal, 1), $"no room in round {round}: {journal.Status}");
                Assert.IsTrue(journal.CommitAll());
                journal.SnapshotAll(book);
            }

            Assert.IsLessThanOrEqualTo(4, journal.Status.Segments);
            Assert.Contains(kept, book.Things);
        }

        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.AreEqual(1000, read.Sum);
        reopened.AssertHolds(read);
        Assert.HasCount(1, read.Things);
    }

    [TestMethod]
    public async Task SegmentMostlyDead_Snapshot_ItsBodiesAreCopiedForward()
    {
        await using (RecordJournal journal = Small.Open(_storage, out Book book))
        {
            // One that stays among many that go, in each segment.
            for (int round = 0; round < 30; round++)
            {
                List<long> going = [];
                for (int i = 0; i < 8; i++)
                    going.Add(book.AddThing(journal, (round * 100) + i, 200));
                Assert.DoesNotContain(0, going, $"no room in round {round}: {journal.Status}");
                Assert.IsTrue(journal.CommitAll());
                foreach (long thing in going.Skip(round % 5 == 0 ? 1 : 0))
                    Assert.IsTrue(book.TakeThing(journal, thing));
                journal.SnapshotAll(book);
                Assert.IsTrue(journal.CommitAll());
            }

            Assert.HasCount(6, book.Things);
            Assert.IsGreaterThan(0, journal.Status.Compacted);
            journal.AssertHolds(book);
        }

        await using RecordJournal reopened = Small.Open(_storage, out Book read);
        Assert.HasCount(6, read.Things);
        reopened.AssertHolds(read);
    }

    [TestMethod]
    public async Task Cap_Reached_OrdinaryRecordsRefusedAndReserveOnesTaken()
    {
        await using RecordJournal journal = Small.Open(_storage, out Book book);
        List<long> things = [];
        while (book.AddThing(journal, things.Count, 300) is not 0 and long thing)
        {
            things.Add(thing);
            Assert.IsTrue(journal.CommitAll());
        }

        Assert.IsTrue(journal.IsFull);
        while (book.AddNote(journal, 1))
            Assert.IsTrue(journal.CommitAll());
        foreach (long thing in things)
            Assert.IsTrue(book.TakeThing(journal, thing), "the reserve is there to make room");
        Assert.IsTrue(journal.CommitAll());
        journal.SnapshotAll(book);
        Assert.IsFalse(journal.IsFull, journal.Status.ToString());
        Assert.IsTrue(book.AddNote(journal, 1));
        Assert.IsLessThanOrEqualTo(Small.Options.BytesMax, journal.Status.BytesUsed);
    }

    [TestMethod]
    public async Task Disk_Full_WaitsForRoomAndLosesNothing()
    {
        _storage.Capacity = 3 * 4096;
        await using (RecordJournal journal = Small.Open(_storage, out Book book))
        {
            while (book.AddNote(journal, 1))
                Assert.IsTrue(journal.CommitAll());
            Assert.IsTrue(journal.IsFull);
            Assert.IsFalse(journal.Status.IsFailed);
        }

        await using RecordJournal reopened = Small.Open(_storage.Crash(new Random(1)), out Book read);
        Assert.AreEqual(reopened.LastPosition, read.Sum);
        Assert.IsGreaterThan(50, read.Sum);
    }

    [TestMethod]
    public async Task Floor_OfFreeSpace_IsNotUsed()
    {
        _storage.Capacity = 12 * 4096;
        await using RecordJournal journal = Small.Open(_storage, out Book book, Small.Options with { FreeFloorBytes = 6 * 4096 });
        while (book.AddNote(journal, 1))
            Assert.IsTrue(journal.CommitAll());
        Assert.IsGreaterThanOrEqualTo(6 * 4096, _storage.FreeBytes());
    }

    [TestMethod]
    public async Task Sync_Fails_NothingIsReportedDurableAnyMore()
    {
        await using RecordJournal journal = Small.Open(_storage, out Book book);
        _ = book.AddNote(journal, 1);
        Assert.IsTrue(journal.CommitAll());
        _storage.Fault = (_, what) => what == "sync" ? new IOException("Input/output error", 5) : null;
        _ = book.AddNote(journal, 1);
        Assert.IsFalse(journal.CommitAll());
        _storage.Fault = null;
        Assert.AreEqual(AppendResult.Failed, journal.TryAppend([1], RecordLife.Event, reserve: true, out _));
        Assert.AreEqual(1, journal.DurablePosition);
    }

    [TestMethod]
    public async Task Folder_InUse_SecondRefusedWithTheProcess()
    {
        await using RecordJournal journal = Small.Open(_storage, out _);
        JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(_storage, out _));
        Assert.AreEqual(JournalFault.Locked, refused.Fault);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task OneFrame_CrashInTheMiddle_AllOrNothing()
    {
        // Frames are cut at random places; a thing and the note that it is there are never apart.
        for (int seed = 0; seed < 50; seed++)
        {
            MemoryStorage storage = new();
            await using RecordJournal journal = Small.Open(storage, out Book book);
            _ = book.AddNote(journal, 1);
            Assert.IsTrue(journal.CommitAll());
            // Before they are appended: the thread that has just committed looks whether there is more before it sleeps.
            storage.Fault = (_, what) => what == "sync" ? new IOException("the power went", 5) : null;
            for (int i = 0; i < 3; i++)
                _ = book.AddThing(journal, i, 700);
            Assert.IsFalse(journal.CommitAll());
            await using RecordJournal reopened = Small.Open(storage.Crash(new Random(seed)), out Book read);
            reopened.AssertHolds(read);
            Assert.AreEqual(1, read.Sum);
        }
    }
}
