using System.Buffers;

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// A sector that the medium does not give back (EIO), the usual fault of an SD card. It was no damage but a failure: the exception went through whoever read, the compactor
/// ended the whole journal, and neither a start nor verify nor salvage came past it.
/// </summary>
[TestClass]
public sealed class UnreadableTests
{
    private const int SectorBytes = 512;

    private static readonly JournalOptions Options = Small.Options with { SegmentBytes = 64 * 1024, BytesMax = 16 * 64 * 1024, ReserveBytes = 2 * 64 * 1024, RecordBytesMax = 8192 };

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)] // reading ahead
    public async Task Body_Unreadable_SaidWithFileAndByteAndTheOthersAreRead(bool isAhead)
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        List<string> said = [];
        journal.Damage = said.Add;
        long[] things = [.. Enumerable.Range(1, 5).Select(i => Add(journal, book, i, 300))];
        string segment = Segments(storage)[0];
        int bad = OffsetOf(storage, segment, Book.BytesOf(3, 300));
        storage.Wear(segment, bad + 100, 1);
        ReadAhead ahead = new();
        for (int i = 0; i < things.Length; i++)
        {
            bool isRead = isAhead ? journal.TryRead(things[i], ahead, out _) : journal.TryRead(things[i], new ArrayBufferWriter<byte>());
            Assert.AreEqual(i != 2, isRead, $"thing {i + 1}");
        }

        Assert.HasCount(1, said);
        Assert.Contains($"cannot be read (Input/output error): '{segment}', byte {bad}", said[0], StringComparison.Ordinal);
        Assert.AreEqual(1, journal.Status.Damaged);
        Assert.IsFalse(journal.IsFailed);
    }

    [TestMethod]
    [DataRow(0)] // the header of a frame: where the next one begins is not known
    [DataRow(200)]
    public async Task Compaction_UnreadableFrame_StaysWithItsSegmentAndTheOthersAreMoved(int within)
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book, Options with { SparesMax = 2 });
        List<string> said = [];
        journal.Damage = said.Add;
        // Of the first segment the third, the bad one, and the last stay.
        List<long> things = [];
        while (journal.Status.Segments < 2)
            things.Add(Add(journal, book, things.Count, 4000));
        string segment = Segments(storage)[0];
        int last = things.Count - 2; // the last of all is in the second segment
        Assert.IsGreaterThan(6, last);
        int bad = OffsetOf(storage, segment, Book.BytesOf(4, 4000));
        for (int i = 0; i < last; i++)
            if (i is not (2 or 4))
                Assert.IsTrue(book.TakeThing(journal, things[i]));
        Assert.IsTrue(journal.CommitAll());
        storage.Wear(segment, bad - FrameHeader.Bytes - RecordHeader.BodyBytes + within, 1);

        journal.SnapshotAll(book);
        Assert.IsTrue(SpinWait.SpinUntil(() => journal.IsFailed || journal.Status.Compacted == 2, Small.Patience), journal.Status.ToString());
        Assert.IsFalse(journal.IsFailed);
        Assert.IsTrue(journal.CommitAll());
        Assert.IsTrue(SpinWait.SpinUntil(() => said.Count > 0, Small.Patience));
        Assert.Contains($"'{segment}' is damaged: there is no sound frame at byte {bad - FrameHeader.Bytes - RecordHeader.BodyBytes}", said[0], StringComparison.Ordinal);
        foreach (int kept in (int[])[2, last])
            Assert.IsTrue(journal.TryRead(things[kept], new ArrayBufferWriter<byte>()), $"thing {kept}");
        Assert.AreEqual(within == 0, journal.TryRead(things[4], new ArrayBufferWriter<byte>()));
        Assert.Contains(segment, storage.List());

        // With the last of its Bodies it goes, and its file is not used again: to write a part of a bad sector the rest has to be read.
        Assert.IsTrue(book.TakeThing(journal, things[4]));
        Assert.IsTrue(journal.CommitAll());
        journal.SnapshotAll(book);
        Assert.IsTrue(SpinWait.SpinUntil(() => journal.IsFailed || !storage.List().Contains(segment), Small.Patience), journal.Status.ToString());
        _ = FileNames.IsSegment(segment, out long number);
        Assert.DoesNotContain(FileNames.Spare(number), storage.List());
        Assert.IsFalse(journal.IsFailed);
    }

    // In the last segment, too, where a frame that is not whole passes for one that was being written: no power cut leaves a sector that cannot be read.
    [TestMethod]
    public async Task Open_EachSectorOfRecordsUnreadable_RefusedWithFileAndByte_VerifySaysIt_SalvageReadsTheRest()
    {
        MemoryStorage sound = await WriteAsync();
        string[] segments = Segments(sound);
        Assert.HasCount(1, segments);
        SegmentReport report = new JournalInspector(sound).Inspect().Segments[0];
        long end = SegmentHeader.Bytes + report.Bytes;
        Assert.IsGreaterThan(3 * ReadAround.PieceBytes, end);
        for (long at = 0; at < end; at += SectorBytes)
        {
            MemoryStorage worn = sound.Crash();
            worn.Wear(segments[0], at, Math.Min(SectorBytes, end - at));
            JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(worn, out _, Options), $"byte {at}");
            Assert.AreEqual(JournalFault.Damaged, refused.Fault);
            Assert.Contains(segments[0], refused.Message, StringComparison.Ordinal);
            Assert.Contains("byte ", refused.Message, StringComparison.Ordinal);
            long piece = at / ReadAround.PieceBytes * ReadAround.PieceBytes;
            JournalReport verified = new JournalInspector(worn).Inspect();
            Assert.Contains(d => d.Contains($"'{segments[0]}' cannot be read at byte {piece}: {ReadAround.PieceBytes} bytes (Input/output error)", StringComparison.Ordinal), verified.Damage);
            MemoryStorage to = new();
            List<byte[]> salvaged = [];
            _ = new JournalSalvage(worn, to, Options).Run((state, events) =>
            {
                salvaged.AddRange(events);
                return state;
            });
            // Frames of 430 bytes with two events: those in the piece are lost, and one at each of its ends. Where the header of the segment is lost its salt is told from the frames.
            Assert.IsGreaterThanOrEqualTo(80 - (2 * ((ReadAround.PieceBytes / 400) + 2)), salvaged.Count, $"byte {at}");
        }
    }

    [TestMethod]
    public async Task Open_UnreadableBehindTheRecords_NothingIsMissing()
    {
        MemoryStorage storage = await WriteAsync();
        storage.Wear(Segments(storage)[0], 60 * 1024, SectorBytes);
        await using RecordJournal journal = Small.Open(storage, out Book book, Options);
        Assert.HasCount(40, book.Things);
        journal.AssertHolds(book);
    }

    [TestMethod]
    public async Task Open_SnapshotUnreadable_RefusedWithFileAndByte()
    {
        MemoryStorage storage = new();
        await using (RecordJournal journal = Small.Open(storage, out Book book, Options))
        {
            _ = Add(journal, book, 1, 100);
            journal.SnapshotAll(book);
        }

        string snapshot = storage.List().Single(n => FileNames.IsSnapshot(n, out _));
        storage.Wear(snapshot, 10, 1);
        JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(storage, out _, Options));
        Assert.AreEqual(JournalFault.Damaged, refused.Fault);
        Assert.Contains(snapshot, refused.Message, StringComparison.Ordinal);
        Assert.IsNotEmpty(new JournalInspector(storage).Inspect().Damage);
    }

    private static long Add(RecordJournal journal, Book book, int number, int length)
    {
        long thing = book.AddThing(journal, number, length);
        Assert.AreNotEqual(0, thing);
        Assert.IsTrue(journal.CommitAll());
        return thing;
    }

    private static async Task<MemoryStorage> WriteAsync()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book, Options);
        for (int i = 0; i < 40; i++)
        {
            _ = book.AddNote(journal, i);
            _ = Add(journal, book, i, 350);
        }

        return storage.Crash();
    }

    private static string[] Segments(MemoryStorage storage) => [.. storage.List().Where(n => FileNames.IsSegment(n, out _)).Order(StringComparer.Ordinal)];

    private static int OffsetOf(MemoryStorage storage, string segment, byte[] bytes)
    {
        int offset = storage.Read(segment).AsSpan().IndexOf(bytes);
        Assert.IsGreaterThan(0, offset);
        return offset;
    }
}
