namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// One sync fails, and only that one: the disk has nothing of what it was to write, the cache of the system shows all of it,
/// and later syncs succeed. The journal is opened anew in the same cache and written on; then the power goes. A journal that
/// believed the cache once acknowledged behind a frame that was not on the disk, and the next start refused the folder.
/// </summary>
[TestClass]
public sealed class FailedSyncTests
{
    private const int Steps = 25;

    [TestMethod]
    [DataRow(1)]
    [LongDataRow(2)]
    [LongDataRow(3)]
    public async Task Sync_FailsOnceAtEach_WhatIsDurableAfterwardsOutlivesAPowerCut(int seed)
    {
        int failures = 0;
        while (await FailsAtAsync(++failures, seed, failuresInARow: 1))
        {
        }

        Assert.IsGreaterThan(30, failures, "the run has hardly any syncs");
    }

    [TestMethod]
    public async Task Sync_FailsAgainWhileTheJournalIsOpenedAnew_WhatIsDurableAfterwardsOutlivesAPowerCut()
    {
        for (int at = 1; at < 40; at += 3)
            _ = await FailsAtAsync(at, seed: at, failuresInARow: 3);
    }

    // Its old place still counts as written for whoever looks into the cache, and a snapshot that believes that asks for what the disk never had.
    [TestMethod]
    public async Task FrameWasMovedAndTheSegmentThatItWentToIsGone_ThePowerGoes_TheJournalOpens()
    {
        MemoryStorage storage = new();
        const int Stay = 7; // their segment is not worth a copy
        await using (RecordJournal journal = Small.Open(storage, out Book book))
        {
            for (int number = 0; number < Stay; number++)
                Assert.IsTrue(book.AddThing(journal, number, 400) != 0 && journal.CommitAll());
            storage.Fault = static (_, what) => what == "sync" ? new IOException("Input/output error", 5) : null;
            _ = book.AddThing(journal, Stay, 400);
            Assert.IsFalse(journal.CommitAll());
        }

        storage.Fault = null;
        await using (RecordJournal journal = Small.Open(storage, out Book book))
        {
            Assert.IsTrue(book.TakeThing(journal, book.Things.Max));
            for (int number = 10; number < 60; number++)
                Assert.IsTrue(book.TakeThing(journal, book.AddThing(journal, number, 400)) && journal.CommitAll());
            journal.SnapshotAll(book);
            Assert.IsTrue(SpinWait.SpinUntil(() => !storage.List().Contains(FileNames.Segment(2)), Small.Patience), "the segment that the frame went to is still there");
        }

        await using (RecordJournal journal = Small.Open(storage, out Book book))
        {
            long before = journal.Status.Snapshots;
            for (int note = 0; note < 200; note++)
                Assert.IsTrue(book.AddNote(journal, 1) && journal.CommitAll());
            journal.SnapshotAll(book);
            Assert.AreNotEqual(before, journal.Status.Snapshots);
        }

        await using RecordJournal after = Small.Open(storage.Crash(new Random(1)), out Book found);
        Assert.AreEqual(200, found.Sum);
        Assert.HasCount(Stay, found.Things);
    }

    // The snapshot before asks for it in its old place, where it is no more.
    [TestMethod]
    public async Task FrameThatASnapshotNeedsWasMoved_TheProcessEnds_TheJournalOpens()
    {
        MemoryStorage storage = new();
        await using (RecordJournal journal = Small.Open(storage, out Book book))
        {
            for (int number = 0; number < 3; number++)
                Assert.IsTrue(book.AddThing(journal, number, 400) != 0 && journal.CommitAll());
            journal.SnapshotAll(book);
            storage.Fault = static (_, what) => what == "sync" ? new IOException("Input/output error", 5) : null;
            _ = book.AddThing(journal, 3, 400);
            Assert.IsFalse(journal.CommitAll());
        }

        storage.Fault = null;
        storage.SyncNames(); // that the disk is not believed is known behind the power cut
        MemoryStorage after = storage.Crash(new Random(1));
        for (int start = 0; start < 3; start++)
        {
            await using RecordJournal journal = Small.Open(after, out Book book);
            Assert.HasCount(3, book.Things);
        }
    }

    /// <returns>False when the run had fewer syncs.</returns>
    private static async Task<bool> FailsAtAsync(int failAt, int seed, int failuresInARow)
    {
        string context = $"seed {seed}, sync {failAt} of {failuresInARow} fails";
        MemoryStorage storage = new();
        Random random = new(seed);
        int syncs = 0;
        storage.Fault = (_, what) => what == "sync" && ++syncs >= failAt && syncs < failAt + failuresInARow ? new IOException("Input/output error", 5) : null;
        Book book = new();
        long durable = 0;
        for (int opened = 0; opened <= failuresInARow; opened++)
            (book, durable) = await WriteOnAsync(storage, book, durable, random, context);

        MemoryStorage after = storage.Crash(new Random(failAt));
        for (int i = 0; i < 2; i++)
            (book, durable) = await WriteOnAsync(after, book, durable, random, $"{context}, after the power cut");
        return syncs >= failAt;
    }

    private static async Task<(Book Book, long Durable)> WriteOnAsync(MemoryStorage storage, Book before, long durable, Random random, string context)
    {
        Book book = new();
        try
        {
            await using RecordJournal journal = RecordJournal.Open(storage, Small.Options, book);
            Assert.IsGreaterThanOrEqualTo(durable, journal.LastPosition, $"{context}: {journal.LastPosition} records found, {durable} were reported durable");
            Assert.AreEqual(before.At(journal.LastPosition), book.State, $"{context}: the state at record {journal.LastPosition}");
            journal.AssertHolds(book);
            Work.Do(journal, book, random, Steps);
            return (book, journal.DurablePosition);
        }
        catch (IOException exception) when (exception is not JournalException)
        {
            return (before, durable); // the disk failed while it was opened
        }
        catch (JournalException exception)
        {
            throw new AssertFailedException($"{context}: {exception.Message}", exception);
        }
    }
}
