namespace DeviceMqtt.Journal.Tests;

/// <summary>Others take the room of the disk, so that a journal that has much to give back has no room to do so.</summary>
[TestClass]
public sealed class FloorTests
{
    private const int Floor = 4 * 4096;
    private static readonly JournalOptions Options = Small.Options with { SparesMax = 0, FreeFloorBytes = Floor, SnapshotAfterBytes = long.MaxValue };

    [TestMethod]
    [DataRow(0, DisplayName = "a snapshot lets segments go")]
    [DataRow(400, DisplayName = "what lives is copied before")]
    public void AcceptedFrame_OthersTakeTheDiskDownToTheFloor_IsWrittenAndTheJournalMakesRoomByItself(int liveBytes)
    {
        MemoryStorage memory = new() { Capacity = 100 * 4096 };
        PacedStorage storage = new(memory);
        RecordJournal journal = Small.Open(storage, out Book book, Options);
        while (journal.Status.Segments < 10)
        {
            if (liveBytes > 0 && book.Things.Count < journal.Status.Segments)
                _ = book.AddThing(journal, book.Things.Count, liveBytes);
            Assert.IsTrue(book.AddNote(journal, 1), journal.Status.ToString());
            Assert.IsTrue(storage.Commit(journal));
        }

        // More than the active segment has.
        while (journal.PendingBytes < 5000)
            Assert.IsTrue(book.AddNote(journal, 1));
        memory.Capacity = memory.Capacity - memory.FreeBytes() + Floor;
        Assert.IsTrue(storage.Commit(journal), $"what was accepted stands, with {memory.FreeBytes()} bytes free: {journal.Status}");
        Assert.IsGreaterThanOrEqualTo(Floor - (2 * 4096), memory.FreeBytes(), "no more than what was accepted");
        Assert.IsTrue(journal.IsFull);
        Assert.IsTrue(journal.SnapshotDue);
        Assert.IsTrue(book.TrySnapshot(journal));
        Assert.IsTrue(storage.StepUntil(() => HasRoom(journal), stepsMax: 1000), $"nothing goes: {journal.Status}");
        Assert.IsGreaterThanOrEqualTo(Floor, memory.FreeBytes());
        journal.AssertHolds(book);
        RecordJournal reopened = Small.Open(new PacedStorage(memory.Crash(new Random(1))), out Book read, Options);
        Assert.AreEqual(book.At(reopened.LastPosition), read.State);
        reopened.AssertHolds(read);
    }

    // As the gateway looks once a second.
    private static bool HasRoom(RecordJournal journal)
    {
        journal.MeasureDisk();
        return !journal.IsFull;
    }

    [TestMethod]
    [DataRow(28, "write", DisplayName = "ENOSPC while it is written")]
    [DataRow(28, "sync", DisplayName = "ENOSPC when it is synced")]
    [DataRow(24, "create", DisplayName = "EMFILE")]
    public void Snapshot_FindsNoRoom_IsDueAgainLaterAndLeavesNoFile(int error, string when)
    {
        FakeTime time = new();
        PacedStorage storage = new(new MemoryStorage());
        Book book = new();
        RecordJournal journal = RecordJournal.Open(storage, Small.Options, book, time);
        while (!journal.SnapshotDue)
        {
            Assert.IsTrue(book.AddNote(journal, 1));
            Assert.IsTrue(storage.Commit(journal));
        }

        storage.Before = (what, name) => what == when && name.Contains(".snapshot", StringComparison.Ordinal) ? new IOException("no", error) : null;
        Assert.IsTrue(book.TrySnapshot(journal));
        Assert.IsTrue(storage.StepUntil(() => !journal.IsSnapshotting));
        Assert.AreEqual(0, journal.Status.Snapshots);
        Assert.IsFalse(storage.List().Any(static n => n.EndsWith(".tmp", StringComparison.Ordinal)), "what was written of it takes room");
        Assert.IsFalse(journal.SnapshotDue, "it would be written again and again");
        time.Advance(Small.Options.RetryWhenFull);
        Assert.IsTrue(journal.SnapshotDue, "its events are forgotten");
        storage.Before = null;
        Assert.IsTrue(book.TrySnapshot(journal));
        Assert.IsTrue(storage.StepUntil(() => !journal.IsSnapshotting));
        Assert.AreEqual(1, journal.Status.Snapshots);
        Assert.IsFalse(journal.SnapshotDue);
    }

    // As file systems do that look for room only then, and quotas on some. What was not synced is lost with the power: the frame goes to another segment.
    [TestMethod]
    public void Sync_FindsNoRoom_TheFrameGoesElsewhereAndNothingIsLost()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            MemoryStorage memory = new();
            PacedStorage storage = new(memory);
            RecordJournal journal = Small.Open(storage, out Book book);
            _ = book.AddThing(journal, 1, 100);
            Assert.IsTrue(storage.Commit(journal));
            int full = 1 + (seed % 3);
            memory.Fault = (_, what) => what == "sync" && full-- > 0 ? new IOException("No space left on device", 28) : null;
            long thing = book.AddThing(journal, 2, 100);
            Assert.IsTrue(storage.Commit(journal), $"seed {seed}: {journal.Status}");
            Assert.IsFalse(journal.IsFailed);
            Assert.IsTrue(book.AddNote(journal, seed));
            Assert.IsTrue(storage.Commit(journal));
            journal.AssertHolds(book);

            RecordJournal reopened = Small.Open(new PacedStorage(memory.Crash(new Random(seed))), out Book read);
            Assert.AreEqual(book.State, read.State, $"seed {seed}");
            Assert.IsTrue(read.Things.Contains(thing));
            reopened.AssertHolds(read);
        }
    }
}
