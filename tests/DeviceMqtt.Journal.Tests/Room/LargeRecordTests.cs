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

    // Segments of which three fifths are dead are worth no copy where others have room: for a record that has none they are.
    [TestMethod]
    public async Task Record_NoRoomWhileSegmentsArePartlyDead_RoomIsMadeForIt()
    {
        JournalOptions options = Options with { BytesMax = 32 * 4096 };
        await using RecordJournal journal = RecordJournal.Open(_storage, options, new Book());
        Book book = new();
        List<long> things = [];
        while (journal.Status.Segments < 21)
        {
            things.Add(book.AddThing(journal, things.Count, 300));
            Assert.IsTrue(journal.CommitAll());
        }

        for (int i = 0; i < things.Count; i++)
            if (i % 5 < 3)
                _ = book.TakeThing(journal, things[i]);
        Assert.IsTrue(journal.CommitAll());
        journal.SnapshotAll(book);
        Assert.IsFalse(journal.IsFull);
        Assert.IsFalse(journal.IsRoomWanted);
        long copied = journal.Status.CompactedBytes;

        Assert.IsTrue(journal.IsFullFor(60_000), $"{journal.Status}");

        Assert.IsTrue(journal.IsRoomWanted);
        Assert.IsTrue(SpinWait.SpinUntil(() => !journal.IsFullFor(60_000), Small.Patience), $"no room was made: {journal.Status}");
        Assert.IsFalse(journal.IsRoomWanted);
        Assert.IsGreaterThan(copied, journal.Status.CompactedBytes);
        Assert.AreEqual(AppendResult.Appended, journal.TryAppend(new byte[60_000], RecordLife.Body, reserve: false, out _));
        Assert.IsTrue(journal.CommitAll());
        journal.AssertHolds(book);
    }

    // All that has a little dead was copied for it once and once more, as long as somebody asked for room that never comes.
    [TestMethod]
    [DataRow(1, 60_000, DisplayName = "a tenth is dead"), DataRow(4, 80_000, DisplayName = "two fifths are dead")]
    public async Task Record_NoRoomCanBeMadeForIt_NothingIsCopied(int deadOfTen, int wantedBytes)
    {
        await using RecordJournal journal = RecordJournal.Open(_storage, Options with { BytesMax = 32 * 4096 }, new Book());
        Book book = new();
        List<long> things = [];
        while (journal.Status.Segments < 24)
        {
            things.Add(book.AddThing(journal, things.Count, 300));
            Assert.IsTrue(journal.CommitAll());
        }

        for (int i = 0; i < things.Count; i++)
            if (i % 10 < deadOfTen)
                _ = book.TakeThing(journal, things[i]);
        Assert.IsTrue(journal.CommitAll());
        journal.SnapshotAll(book);
        long copied = journal.Status.CompactedBytes;

        Assert.IsTrue(journal.IsFullFor(wantedBytes), $"{journal.Status}");

        Assert.IsTrue(journal.IsRoomWanted);
        bool isAfterSnapshot = false;
        Assert.IsNull(journal.ChooseVictim(ref isAfterSnapshot));
        Assert.IsTrue(journal.CommitAll());
        Assert.AreEqual(copied, journal.Status.CompactedBytes);
        Assert.IsFalse(journal.SnapshotDue);
        journal.AssertHolds(book);
    }

    // What waits for it is gone: nothing is copied for it.
    [TestMethod]
    public async Task Record_NotAskedForSinceAMinute_NoRoomIsMadeForIt()
    {
        FakeTime time = new();
        await using RecordJournal journal = RecordJournal.Open(_storage, Options, new Book(), time);
        Assert.IsTrue(journal.IsFullFor(10 * Options.BytesMax));
        Assert.IsFalse(journal.IsRoomWanted, "there never is room for it");
        _storage.Capacity = 8 * 4096;
        journal.MeasureDisk();
        Assert.IsTrue(journal.IsFullFor(40_000));

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.IsTrue(journal.IsRoomWanted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsFalse(journal.IsRoomWanted);
    }
}
