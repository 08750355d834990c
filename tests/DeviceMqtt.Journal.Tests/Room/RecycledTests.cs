namespace DeviceMqtt.Journal.Tests;

/// <summary>What a backlog leaves behind is kept for the next one, which then writes its records and no zeros; and whoever else needs the room has it.</summary>
[TestClass]
public sealed class RecycledTests
{
    private const int SegmentBytes = 16 * 1024;
    private const int Cap = 64;
    private static readonly JournalOptions Options = Small.Options with { SegmentBytes = SegmentBytes, BytesMax = Cap * SegmentBytes, ReserveBytes = SegmentBytes, FrameBytesMax = 4096, RecordBytesMax = 16 * SegmentBytes };

    [TestMethod]
    public void Backlog_ComesASecondTime_NoZerosAreWritten()
    {
        PacedStorage storage = new(new MemoryStorage());
        RecordJournal journal = Small.Open(storage, out Book book, Options);
        double first = Backlog(storage, journal, book, Cap / 3);
        Assert.IsGreaterThan(1.8, first, "the first makes its segments");
        Assert.IsGreaterThan(Cap / 4L * SegmentBytes, journal.Status.SurplusBytes, journal.Status.ToString());
        for (int i = 0; i < 3; i++)
        {
            double next = Backlog(storage, journal, book, Cap / 3);
            Console.WriteLine($"bytes written for each byte of a record: {first:F3} the first time, then {next:F3}");
            Assert.IsLessThanOrEqualTo(1.1, next, journal.Status.ToString());
        }

        AssertFits(storage, journal);
    }

    [TestMethod]
    public async Task Surplus_IsFoundAgainByTheNextStart_AsFarAsTheCapAllows()
    {
        MemoryStorage memory = new();
        PacedStorage storage = new(memory);
        RecordJournal journal = Small.Open(storage, out Book book, Options);
        _ = Backlog(storage, journal, book, Cap * 3 / 4);
        long surplus = journal.Status.SurplusBytes;
        Assert.AreEqual(Options.BytesMax / 2, surplus, "half of the cap, and no more");

        await using (RecordJournal same = Small.Open(memory.Crash(), out _, Options))
            Assert.AreEqual(surplus, same.Status.SurplusBytes);
        MemoryStorage lowered = memory.Crash();
        await using RecordJournal other = Small.Open(lowered, out _, Options with { BytesMax = 8 * SegmentBytes });
        Assert.IsGreaterThan(0, other.Status.SurplusBytes);
        Assert.IsLessThanOrEqualTo(4L * SegmentBytes, other.Status.SurplusBytes, other.Status.ToString());
        Assert.IsLessThanOrEqualTo(8L * SegmentBytes, BytesOf(lowered));
    }

    // What there is room for is the same with a surplus as without: for small records, for large ones, and up to the same share of what lives.
    [TestMethod]
    [DataRow(1000)]
    [DataRow(10 * SegmentBytes)]
    public void Surplus_CostsNobodyRoom(int recordBytes)
    {
        int Fill(bool isSurplus)
        {
            PacedStorage storage = new(new MemoryStorage());
            RecordJournal journal = Small.Open(storage, out Book book, Options);
            _ = Backlog(storage, journal, book, Cap / 2);
            if (!isSurplus)
                journal = Small.Open(storage = new PacedStorage(Without(storage.Memory.Crash())), out book, Options);
            else
                Assert.IsGreaterThan(0, journal.Status.SurplusBytes);
            int things = 0;
            while (book.AddThing(journal, things, recordBytes) != 0)
            {
                things++;
                Assert.IsTrue(storage.Commit(journal), $"accepted, and no room: {journal.Status}");
                AssertFits(storage, journal);
            }

            journal.AssertHolds(book);
            return things;
        }

        Assert.AreEqual(Fill(false), Fill(true));
    }

    [TestMethod]
    public void Surplus_OthersNeedTheDisk_GoesDownToTheFloor()
    {
        const int Floor = 8 * SegmentBytes;
        MemoryStorage memory = new() { Capacity = 200 * SegmentBytes };
        PacedStorage storage = new(memory);
        RecordJournal journal = Small.Open(storage, out Book book, Options with { FreeFloorBytes = Floor });
        _ = Backlog(storage, journal, book, Cap / 3);
        int spares = journal.Status.Spares;
        memory.Capacity = memory.Capacity - memory.FreeBytes() + Floor - (5 * SegmentBytes) + 1;
        journal.MeasureDisk();
        Assert.IsTrue(storage.StepUntil(() => memory.FreeBytes() >= Floor, stepsMax: 100), journal.Status.ToString());
        while (storage.Step())
        {
            // Whatever else there is to do.
        }

        Assert.AreEqual(spares - 5, journal.Status.Spares, "those that others need, and no more");
        memory.Fault = (_, what) => what == "write" ? new IOException("No space left on device", 28) : null;
        Assert.IsTrue(book.AddNote(journal, 1));
        journal.Commit();
        Assert.IsTrue(storage.StepUntil(() => journal.Status.SurplusBytes == 0, stepsMax: 100), "the disk says that it is full");
        memory.Fault = null;
        Assert.IsTrue(storage.Commit(journal));
    }

    [TestMethod]
    public void Surplus_ALargeSnapshotNeedsTheRoom_Goes()
    {
        PacedStorage storage = new(new MemoryStorage());
        RecordJournal journal = Small.Open(storage, out Book book, Options);
        _ = Backlog(storage, journal, book, Cap / 2);
        long surplus = journal.Status.SurplusBytes;
        Assert.IsTrue(book.AddNote(journal, 1));
        for (int i = 0; i < 2; i++)
        {
            Assert.IsTrue(book.AddNote(journal, 1));
            Assert.IsTrue(storage.Commit(journal));
            JournalSnapshot snapshot = journal.BeginSnapshot()!;
            snapshot.Add(new byte[20 * SegmentBytes]);
            Assert.IsTrue(snapshot.Finish());
            Assert.IsTrue(storage.StepUntil(() => !journal.IsSnapshotting));
        }

        Assert.IsLessThan(surplus, journal.Status.SurplusBytes);
        AssertFits(storage, journal);
    }

    // Bytes that were written for each byte of a record.
    private static double Backlog(PacedStorage storage, RecordJournal journal, Book book, int segments)
    {
        long written = storage.WrittenBytes;
        long accepted = journal.Status.AcceptedBytes;
        int number = 0;
        long until = accepted + (segments * (long)SegmentBytes);
        while (journal.Status.AcceptedBytes < until)
        {
            for (int i = 0; i < 3; i++)
                Assert.AreNotEqual(0, book.AddThing(journal, number++, 1200), journal.Status.ToString());
            Assert.IsTrue(storage.Commit(journal));
        }

        double each = (double)(storage.WrittenBytes - written) / (journal.Status.AcceptedBytes - accepted);
        foreach (long thing in book.Things.ToArray())
            Assert.IsTrue(book.TakeThing(journal, thing));
        Assert.IsTrue(storage.Commit(journal));
        Assert.IsTrue(book.TrySnapshot(journal));
        Assert.IsTrue(storage.StepUntil(() => !journal.IsSnapshotting));
        while (storage.Step())
        {
            // Whatever else there is to do.
        }

        return each;
    }

    private static long BytesOf(MemoryStorage memory) => memory.List().Sum(n => (long)memory.Read(n).Length);

    private static void AssertFits(PacedStorage storage, RecordJournal journal)
    {
        JournalStatus status = journal.Status;
        long bytes = BytesOf(storage.Memory);
        Assert.AreEqual(bytes, status.BytesUsed + status.SurplusBytes, status.ToString());
        Assert.IsLessThanOrEqualTo(Options.BytesMax, bytes, status.ToString());
    }

    private static MemoryStorage Without(MemoryStorage memory)
    {
        foreach (string spare in memory.List().Where(static n => n.EndsWith(".spare", StringComparison.Ordinal)))
            memory.Delete(spare);
        memory.SyncNames();
        return memory;
    }
}
