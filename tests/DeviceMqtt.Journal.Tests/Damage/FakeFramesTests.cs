namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// What a former use of a segment left behind is what devices have sent. It may look like the beginnings of many frames, each of which claims to be long: to compute
/// the checksum of each over all that it claims would take minutes for one segment.
/// </summary>
[TestClass]
public sealed class FakeFramesTests
{
    private const int SegmentBytes = 4 * 1024 * 1024;
    private const int FakesMax = SegmentBytes / FrameHeader.Bytes;
    private static readonly JournalOptions Options = new() { BytesMax = 16L * SegmentBytes, FreeFloorBytes = 0 };

    /// <param name="firstPosition">That the fakes claim; a device may have counted.</param>
    [TestMethod]
    [DataRow(1L << 62)]
    [DataRow(100_000L)]
    [DataRow(3L)]
    public async Task Segment_IsFullOfFakes_OpensAndIsVerified(long firstPosition)
    {
        MemoryStorage storage = await MakeAsync();
        int free = SegmentHeader.Bytes + (int)new JournalInspector(storage).Inspect().Segments[0].Bytes;
        storage.Damage(Segment(storage), bytes => WithFakes(bytes, firstPosition, free));
        await using (RecordJournal journal = RecordJournal.Open(storage, Options, new Book()))
            Assert.AreEqual(2, journal.LastPosition);
        Assert.IsEmpty(new JournalInspector(storage).Inspect().Damage);
        storage.Damage(Segment(storage), static bytes => [.. new byte[SegmentHeader.Bytes], .. bytes.AsSpan(SegmentHeader.Bytes)]);
        JournalReport report = new JournalInspector(storage).Inspect();
        Assert.AreEqual(2, report.LastPosition, string.Join('\n', report.Damage));
    }

    [TestMethod]
    [DataRow(1L << 62, 0)]
    [DataRow(SegmentBytes, 0)]
    [DataRow(3L, FakesMax)]
    public void Search_AmongFakes_LooksOnlyAtWhatMayBeOne(long firstPosition, int computedMax)
    {
        byte[] bytes = WithFakes(new byte[SegmentBytes], firstPosition, from: SegmentHeader.Bytes);
        FrameSearch search = new(bytes);
        Assert.IsNull(search.Find(SegmentHeader.Bytes, salt: 7, (3, SegmentHeader.Bytes), long.MaxValue, out _));
        Assert.IsLessThanOrEqualTo(computedMax, search.Computed);
        Assert.IsNull(search.FindSalt());
    }

    [TestMethod]
    public void Search_ASoundFrameAmongFakes_IsFound()
    {
        byte[] bytes = WithFakes(new byte[SegmentBytes], 3, from: SegmentHeader.Bytes);
        FrameBuffer frame = new();
        for (int i = 0; i < 10; i++)
            _ = frame.Add(30 + i, (byte)RecordLife.Event, new byte[1000], copyOf: 0);
        FrameHeader.Write(frame.Span, 30, frame.Count, 7);
        const int At = 1_000_003;
        frame.Span.CopyTo(bytes.AsSpan(At));
        FrameSearch search = new(bytes);
        Assert.AreEqual(At, search.Find(SegmentHeader.Bytes, salt: 7, (3, SegmentHeader.Bytes), long.MaxValue, out FrameHeader found));
        Assert.AreEqual((30L, 10), (found.FirstPosition, found.Count));
        Assert.IsNull(search.Find(SegmentHeader.Bytes, salt: 7, (31, SegmentHeader.Bytes), long.MaxValue, out _), "it lies before");
        Assert.IsNull(search.Find(SegmentHeader.Bytes, salt: 7, (3, SegmentHeader.Bytes), before: 30, out _), "a later segment has it");
        Assert.IsNull(search.Find(SegmentHeader.Bytes, salt: 8, (3, SegmentHeader.Bytes), long.MaxValue, out _), "it is of a former use");
        Assert.IsNull(search.Find(SegmentHeader.Bytes, salt: 7, (3, At - (26 * RecordHeader.EventBytes)), long.MaxValue, out _), "so many records have no room between");
    }

    [TestMethod]
    public void Checksum_OfAStretch_IsThatOfItsBytes()
    {
        Random random = new(1);
        byte[] bytes = new byte[100_000];
        random.NextBytes(bytes);
        StretchChecksums checksums = new(bytes);
        for (int i = 0; i < 2000; i++)
        {
            int from = random.Next(bytes.Length + 1);
            int to = i < 100 ? from : random.Next(from, bytes.Length + 1);
            uint seed = (uint)random.NextInt64(1L << 32);
            uint expected = Crc32C.Compute(seed, bytes.AsSpan(from..to));
            Assert.AreEqual(expected, checksums.Compute(seed, from, to), $"{from} to {to}");
            Assert.AreEqual(seed, checksums.SeedOf(expected, from, to), $"{from} to {to}");
        }
    }

    private static async Task<MemoryStorage> MakeAsync()
    {
        MemoryStorage storage = new();
        Book book = new();
        await using RecordJournal journal = RecordJournal.Open(storage, Options, book);
        for (int i = 0; i < 2; i++)
        {
            Assert.IsTrue(book.AddNote(journal, 1));
            Assert.IsTrue(journal.CommitAll());
        }

        return storage;
    }

    private static string Segment(MemoryStorage storage) => storage.List().Single(static n => n.EndsWith(".segment", StringComparison.Ordinal));

    private static byte[] WithFakes(byte[] bytes, long firstPosition, int from)
    {
        for (int at = from; at + FrameHeader.Bytes <= bytes.Length; at += FrameHeader.Bytes)
        {
            FrameHeader.MagicBytes.CopyTo(bytes.AsSpan(at));
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 4), 2_000_000);
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 8), firstPosition);
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 16), 1);
            BitConverter.TryWriteBytes(bytes.AsSpan(at + FrameHeader.CrcOffset), 0);
        }

        return bytes;
    }
}
