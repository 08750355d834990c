namespace DeviceMqtt.Journal.Tests;

/// <summary>While its files are held somebody copies them, and the journal goes on: the copy is what it was, and no file stays for ever.</summary>
[TestClass]
public sealed class HoldTests
{
    [TestMethod]
    public async Task Hold_JournalGoesOnMeanwhile_TheCopyIsWhatItWasThen()
    {
        for (int seed = 1; seed <= 40; seed++)
        {
            MemoryStorage storage = new();
            MemoryStorage copy = new();
            Random random = new(seed);
            BookState before;
            Book book;
            await using (RecordJournal journal = Small.Open(storage, out book))
            {
                Work.Do(journal, book, random, steps: random.Next(1, 80));
                Assert.IsTrue(journal.CommitAll(), $"seed {seed}");
                before = book.State;
                using (JournalHold hold = journal.Hold())
                {
                    Assert.AreEqual(journal.DurablePosition, hold.UpTo);
                    Work.Do(journal, book, random, steps: random.Next(1, 40));
                    Copy(storage, copy, hold);
                }

                Work.Do(journal, book, random, steps: 60);
                Assert.IsTrue(journal.CommitAll(), $"seed {seed}");
            }

            Assert.IsEmpty(new JournalInspector(copy).Inspect().Damage, $"seed {seed}");
            await using (RecordJournal copied = Small.Open(copy, out Book read))
            {
                Assert.AreEqual(before, read.State, $"seed {seed}: the copy");
                copied.AssertHolds(read);
            }

            await using RecordJournal reopened = Small.Open(storage, out Book own);
            Assert.AreEqual(book.State, own.State, $"seed {seed}: the journal itself");
            reopened.AssertHolds(own);
        }
    }

    [TestMethod]
    public async Task Hold_WhileSegmentsCouldGo_TheyStayAndGoAfterwards()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book, Small.Options with { SparesMax = 0 });
        Fill(journal, book);
        string[] held;
        using (JournalHold hold = journal.Hold())
        {
            held = [.. hold.Files.Select(static f => f.Name)];
            for (int i = 0; i < 4; i++)
            {
                Fill(journal, book);
                journal.SnapshotAll(book);
            }

            Assert.IsEmpty(held.Except(storage.List()), "a file has gone that is held");
        }

        Fill(journal, book);
        journal.SnapshotAll(book);
        Assert.IsTrue(SpinWait.SpinUntil(() => !held.Any(storage.List().Contains), Small.Patience), "files stay that nobody holds");
        Assert.IsLessThanOrEqualTo(2, storage.List().Count(static name => name.EndsWith(".snapshot", StringComparison.Ordinal)), "snapshots stay that nobody holds");
    }

    // Some segments of events that the next snapshot makes superfluous.
    private static void Fill(RecordJournal journal, Book book)
    {
        for (int i = 0; i < 300; i++)
            _ = book.AddNote(journal, i);
        Assert.IsTrue(journal.CommitAll());
    }

    private static void Copy(MemoryStorage from, MemoryStorage to, JournalHold hold)
    {
        foreach (HeldFile held in hold.Files)
        {
            using IJournalFile source = from.Open(held.Name);
            byte[] bytes = new byte[held.Bytes];
            Assert.AreEqual(bytes.Length, source.Read(0, bytes), held.Name);
            using IJournalFile target = to.Create(held.Name, held.Length);
            target.Write(0, bytes);
            target.Sync();
        }

        to.SyncNames();
    }
}
