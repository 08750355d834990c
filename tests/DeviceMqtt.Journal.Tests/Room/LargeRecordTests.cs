namespace DeviceMqtt.Journal.Tests.Room;

/// <summary>
/// A record that is larger than a segment goes to a file of its own. It was taken where only spares, which are of the usual size, gave the room for it: its frame then waited for a file that could
/// not be made, and nothing behind it was ever on the disk.
/// </summary>
[TestClass]
public sealed class LargeRecordTests
{
    private static readonly JournalOptions Options = Small.Options with { ReserveBytes = 4096 };

    private readonly MemoryStorage _storage = new();

    private RecordJournal OpenWithSpares()
    {
        RecordJournal journal = RecordJournal.Open(_storage, Options, new Book());
        Assert.AreEqual(AppendResult.Appended, journal.TryAppend([1], RecordLife.Event, reserve: false, out _));
        Assert.IsTrue(journal.CommitAll());
        Assert.IsTrue(SpinWait.SpinUntil(() => journal.Status.Spares == Options.SparesMax, Small.Patience), "the spares were not made");
        return journal;
    }

    [TestMethod]
    public async Task Record_LargerThanASegmentWhereOnlySparesGiveRoom_IsNotTakenAndOthersGoOn()
    {
        await using RecordJournal journal = OpenWithSpares();
        _storage.Capacity = ((1 + Options.SparesMax) * 4096) + (2 * 4096);
        journal.MeasureDisk();
        Assert.AreEqual(AppendResult.Full, journal.TryAppend(new byte[10_000], RecordLife.Body, reserve: false, out _));
        Assert.IsTrue(journal.IsFullFor(10_000));
        Assert.IsFalse(journal.IsFullFor(100));
        Assert.AreEqual(AppendResult.Appended, journal.TryAppend(new byte[100], RecordLife.Body, reserve: false, out _));
        Assert.IsTrue(journal.CommitAll());
    }

    [TestMethod]
    public async Task LargestRecord_OfAJournalWithNothingElseInIt_IsTakenAndALargerOneIsNot()
    {
        await using RecordJournal journal = OpenWithSpares();
        int largest = (int)journal.LargestRecordBytes;
        Assert.IsGreaterThan(10 * 4096, largest);
        Assert.AreEqual(AppendResult.Full, journal.TryAppend(new byte[largest + 1], RecordLife.Body, reserve: false, out _));
        Assert.AreEqual(AppendResult.Appended, journal.TryAppend(new byte[largest], RecordLife.Body, reserve: false, out _));
        Assert.IsTrue(journal.CommitAll());
    }
}
