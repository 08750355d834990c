namespace DeviceMqtt.Journal.Tests;

[TestClass]
public sealed class SalvageTests
{
    [TestMethod]
    public async Task Salvage_OfASoundJournal_SameEventsAndBodies()
    {
        MemoryStorage from = await WriteAsync();
        MemoryStorage to = new();
        List<byte[]> salvaged = Salvage(from, to, out JournalReport report);
        Assert.IsEmpty(report.Damage);
        Assert.HasCount(80, salvaged); // 40 notes, 40 things put in

        KeepAll all = new();
        await using RecordJournal journal = RecordJournal.Open(to, Small.Options, all);
        Assert.AreEqual(report.LastPosition, all.UpTo);
        Assert.HasCount(40, all.Bodies);
        foreach (long position in all.Bodies)
            Assert.IsTrue(journal.TryRead(position, new System.Buffers.ArrayBufferWriter<byte>()), $"body {position}");
    }

    [TestMethod]
    public async Task Salvage_OfADamagedJournal_EverythingButTheDamagedFrame()
    {
        MemoryStorage from = await WriteAsync();
        string first = from.List().Where(n => FileNames.IsSegment(n, out _)).Order(StringComparer.Ordinal).First();
        from.Damage(first, bytes =>
        {
            bytes[SegmentHeader.Bytes + FrameHeader.Bytes + 2] ^= 1;
            return bytes;
        });
        Assert.ThrowsExactly<JournalException>(() => Small.Open(from, out _));

        MemoryStorage to = new();
        List<byte[]> salvaged = Salvage(from, to, out JournalReport report);
        Assert.HasCount(1, report.Damage);
        Assert.Contains("records 1 to 3", report.Damage[0], StringComparison.Ordinal);
        Assert.HasCount(78, salvaged);
        KeepAll all = new();
        await using RecordJournal journal = RecordJournal.Open(to, Small.Options, all);
        Assert.HasCount(39, all.Bodies);
    }

    [TestMethod]
    public async Task Salvage_SegmentHeaderDamaged_FramesReadAllTheSame()
    {
        MemoryStorage from = await WriteAsync();
        foreach (string name in from.List().Where(n => FileNames.IsSegment(n, out _)).ToArray())
            from.Damage(name, bytes =>
            {
                bytes[20] ^= 1;
                return bytes;
            });
        List<byte[]> salvaged = Salvage(from, new MemoryStorage(), out JournalReport report);
        Assert.HasCount(report.Segments.Count, report.Damage);
        Assert.HasCount(80, salvaged);
    }

    [TestMethod]
    public async Task Salvage_IntoAFolderThatIsNotEmpty_Refused()
    {
        MemoryStorage from = await WriteAsync();
        Assert.ThrowsExactly<JournalException>(() => Salvage(from, from.Crash(), out _));
    }

    private static List<byte[]> Salvage(MemoryStorage from, MemoryStorage to, out JournalReport report)
    {
        List<byte[]> salvaged = [];
        report = new JournalSalvage(from, to, Small.Options with { BytesMax = 1024 * 1024 }).Run((state, events) =>
        {
            salvaged.AddRange(events);
            return state;
        });
        return salvaged;
    }

    private static async Task<MemoryStorage> WriteAsync()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        for (int i = 0; i < 40; i++)
        {
            _ = book.AddNote(journal, i);
            Assert.AreNotEqual(0, book.AddThing(journal, i, 120));
            Assert.IsTrue(journal.CommitAll());
        }

        return storage.Crash();
    }

    private sealed class KeepAll : IJournalReplay
    {
        public long UpTo { get; private set; }

        public List<long> Bodies { get; } = [];

        public void Snapshot(ReadOnlySpan<byte> state, long upTo) => UpTo = upTo;

        public void Record(long position, RecordLife life, ReadOnlySpan<byte> record) => Assert.Fail("everything is in the snapshot");

        public bool IsLive(long position)
        {
            Bodies.Add(position);
            return true;
        }
    }
}
