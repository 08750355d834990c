namespace DeviceMqtt.Journal.Tests;

/// <summary>No more files can be opened, by the process or in the whole system: that passes, and is no failure of the disk.</summary>
[TestClass]
public sealed class FileHandleTests
{
    [TestMethod]
    [DataRow(24, DisplayName = "EMFILE")]
    [DataRow(23, DisplayName = "ENFILE")]
    public async Task FileHandles_Exhausted_FramesWaitAndNothingFails(int error)
    {
        MemoryStorage storage = new();
        await using (RecordJournal journal = Small.Open(storage, out Book book, Small.Options with { SparesMax = 0 }))
        {
            using ManualResetEventSlim said = new();
            IOException? obstacle = null;
            int times = 0;
            journal.Obstructed = exception =>
            {
                obstacle = exception;
                times++;
                said.Set();
            };
            bool isExhausted = true;
            using ManualResetEventSlim retried = new();
            int tries = 0;
            storage.Fault = (_, what) =>
            {
                if (!isExhausted || what is not ("create" or "open"))
                    return null;
                if (++tries > 3)
                    retried.Set();
                return new IOException("Too many open files", error);
            };
            _ = book.AddNote(journal, 7);
            journal.Commit();
            Assert.IsTrue(said.Wait(Small.Patience), "nobody was told");
            Assert.AreEqual(error, obstacle!.HResult);
            Assert.IsTrue(retried.Wait(Small.Patience), "it was not tried again");
            Assert.IsFalse(journal.Status.IsFailed);
            Assert.AreEqual(0, journal.DurablePosition);
            Assert.IsFalse(journal.IsFull, "there is room");
            isExhausted = false;
            Assert.IsTrue(journal.CommitAll());
            Assert.AreEqual(1, times, "it is said when it begins, not at each try");
        }

        await using RecordJournal reopened = Small.Open(storage.Crash(new Random(1)), out Book read);
        Assert.AreEqual(7, read.Sum);
    }

    [TestMethod]
    public async Task FileHandles_ExhaustedNowAndThen_TheJournalGoesOnAndLosesNothing()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            MemoryStorage storage = new();
            Random faults = new(seed);
            storage.Fault = (_, what) => what is "create" or "open" && faults.Next(2) == 0 ? new IOException("Too many open files", 24) : null;
            Book book;
            await using (RecordJournal journal = Small.Open(storage, out book))
            {
                Work.Do(journal, book, new Random(seed), steps: 60);
                Assert.IsFalse(journal.Status.IsFailed, $"seed {seed}");
                Assert.IsTrue(journal.CommitAll(), $"seed {seed}");
            }

            await using RecordJournal reopened = Small.Open(storage.Crash(new Random(seed)), out Book read);
            Assert.AreEqual(book.State, read.State, $"seed {seed}");
            reopened.AssertHolds(read);
        }
    }
}
