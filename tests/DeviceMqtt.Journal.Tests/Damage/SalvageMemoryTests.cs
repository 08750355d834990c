namespace DeviceMqtt.Journal.Tests;

/// <summary>A journal may be as large as the memory of the machine.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SalvageMemoryTests
{
    private const int BodyBytes = 256 * 1024;
    private const int Bodies = 192;

    [TestMethod]
    public async Task Salvage_OfManyBodies_KeepsThemNotInMemory()
    {
        JournalOptions options = new() { FreeFloorBytes = 0, LazyMax = TimeSpan.FromHours(1) };
        MemoryStorage from = new();
        Book book = new();
        await using (RecordJournal journal = RecordJournal.Open(from, options, book))
            for (int i = 0; i < Bodies; i++)
            {
                Assert.AreNotEqual(0, book.AddThing(journal, i, BodyBytes));
                Assert.IsTrue(journal.CommitAll());
            }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        long kept = 0;
        int writes = 0;
        WatchedStorage to = new(new MemoryStorage())
        {
            Before = (what, name) =>
            {
                if (what == "write" && ++writes == 5)
                    kept = GC.GetTotalMemory(forceFullCollection: true) - before;
                return null;
            },
        };
        _ = new JournalSalvage(from, to, options).Run(static (state, _) => state);
        Assert.IsGreaterThan(Bodies, writes);
        Assert.IsLessThan((long)Bodies * BodyBytes / 2, kept);
    }
}
