namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// The disk fails at operation 1, 2, 3 ... until a run completes. After each failure the power goes: what was not synced is
/// lost, torn or reordered. Then the journal is opened again, must be in a state that it was in, not before the last one
/// that was reported durable; it is written on, and all of it once more.
/// </summary>
[TestClass]
public sealed class CrashPointTests
{
    private const int Steps = 60;

    [TestMethod]
    [DataRow(1)]
    [LongDataRow(2)]
    [LongDataRow(3)]
    [LongDataRow(4)]
    public async Task Disk_FailsAtEachOperation_RecoversWhatWasDurable(int seed)
    {
        int failAt = 0;
        bool hasCompleted = false;
        while (!hasCompleted)
        {
            failAt++;
            MemoryStorage storage = Failing(failAt);
            hasCompleted = await RunAsync(storage, seed, failAt);
        }

        Assert.IsGreaterThan(100, failAt, "the run has hardly any operations");
    }

    [TestMethod]
    [LongDataRow(1, 5)]
    [DataRow(3, 6)]
    [LongDataRow(40, 7)]
    public async Task Disk_FullForAWhileAtEachOperation_RecoversWhatWasDurable(int operations, int seed)
    {
        int goesOn = 0;
        int failAt = 0;
        bool hasCompleted = false;
        while (!hasCompleted)
        {
            failAt++;
            MemoryStorage storage = new();
            int first = failAt;
            storage.Fault = (number, what) => number >= first && number < first + operations && what != "open" ? new IOException("No space left on device", 28) : null;
            hasCompleted = await RunAsync(storage, seed, failAt);
            goesOn += storage.Operations > failAt + operations + 100 ? 1 : 0;
        }

        Assert.IsGreaterThan(20, goesOn, "a full disk ends the journal nearly every time");
    }

    // Long enough that each file has had many uses: what a former one left behind lies behind every frame.
    [TestMethod]
    public async Task Disk_FailsWhileSegmentsAreUsedAgainAndAgain_RecoversWhatWasDurable()
    {
        int uses = 0;
        bool hasCompleted = false;
        for (int failAt = 1; !hasCompleted; failAt += 9)
        {
            int first = failAt;
            int renames = 0;
            MemoryStorage storage = new()
            {
                Fault = (number, what) =>
                {
                    renames += what == "rename" ? 1 : 0;
                    return number >= first ? new IOException("Input/output error", 5) : null;
                },
            };
            hasCompleted = await RunAsync(storage, seed: 11, failAt, steps: 4 * Steps);
            uses = Math.Max(uses, renames);
        }

        // Each use is a rename or two; on a busy machine there are fewer snapshots, and so fewer uses.
        Assert.IsGreaterThan(20, uses, "hardly any file has had a second use");
    }

    [TestMethod]
    public async Task Process_KilledAtEachOperation_RecoversEverythingWritten()
    {
        for (int failAt = 1; failAt < 400; failAt += 7)
        {
            MemoryStorage storage = Failing(failAt);
            if (await RunAsync(storage, seed: 9, failAt, isKill: true))
                break;
        }
    }

    private static MemoryStorage Failing(int from) => new() { Fault = (number, _) => number >= from ? new IOException("Input/output error", 5) : null };

    /// <returns>True when the run came to its end without meeting the failure.</returns>
    private static async Task<bool> RunAsync(MemoryStorage storage, int seed, int failAt, bool isKill = false, int steps = Steps)
    {
        Random random = new(seed);
        Book book = new();
        long durable = 0;
        try
        {
            await using RecordJournal journal = RecordJournal.Open(storage, Small.Options, book);
            Work.Do(journal, book, random, steps);
            durable = journal.DurablePosition;
        }
        catch (IOException)
        {
            // At the open: nothing was promised yet.
        }

        MemoryStorage after = storage.Crash(isKill ? null : new Random(failAt));
        string context = $"seed {seed}, failure at operation {failAt}";
        after = await CheckAndGoOnAsync(after, book, durable, random, context);
        await CheckOnceMoreAsync(after, context);
        return storage.Operations < failAt;
    }

    private static async Task<MemoryStorage> CheckAndGoOnAsync(MemoryStorage storage, Book before, long durable, Random random, string context)
    {
        Book after = new();
        await using RecordJournal journal = OpenOrExplain(storage, after, context);
        Assert.IsGreaterThanOrEqualTo(durable, journal.LastPosition, $"{context}: {journal.LastPosition} records found, {durable} were reported durable");
        Assert.AreEqual(before.At(journal.LastPosition), after.State, $"{context}: the state at record {journal.LastPosition}");
        journal.AssertHolds(after);

        Work.Do(journal, after, random, Steps);
        Assert.IsFalse(journal.Status.IsFailed, context);
        MemoryStorage later = storage.Crash(new Random(7));
        Book last = new();
        await using RecordJournal reopened = OpenOrExplain(later, last, context);
        Assert.AreEqual(after.At(reopened.LastPosition), last.State, $"{context}: after more was written");
        reopened.AssertHolds(last);
        return storage;
    }

    private static async Task CheckOnceMoreAsync(MemoryStorage storage, string context)
    {
        Book book = new();
        await using RecordJournal journal = OpenOrExplain(storage, book, context);
        journal.AssertHolds(book);
    }

    private static RecordJournal OpenOrExplain(MemoryStorage storage, Book book, string context)
    {
        try
        {
            return RecordJournal.Open(storage, Small.Options, book);
        }
        catch (JournalException exception)
        {
            throw new AssertFailedException($"{context}: {exception.Message}", exception);
        }
    }
}
