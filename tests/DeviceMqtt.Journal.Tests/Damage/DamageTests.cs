namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// The medium changes or loses bytes that were on it. A journal says so, with file and place, or shows a state that it was
/// in; never one that it was not in.
/// </summary>
[TestClass]
public sealed class DamageTests
{
    [TestMethod]
    public async Task Segment_EachByteFlipped_RefusedOrASoundPrefix()
    {
        (MemoryStorage storage, Book book, long _) = await WriteAsync(snapshots: false);
        foreach (string name in Segments(storage))
            for (int at = 0; at < 700; at += at < 200 ? 1 : 37)
                await AssertNeverWrongAsync(storage, book, name, at, isLast: name == Segments(storage)[^1]);
    }

    [TestMethod]
    public async Task SegmentBeforeTheLast_FrameFlipped_RefusedWithFileAndByte()
    {
        (MemoryStorage storage, _, _) = await WriteAsync(snapshots: false);
        string first = Segments(storage)[0];
        MemoryStorage damaged = storage.Crash();
        damaged.Damage(first, bytes => Flip(bytes, SegmentHeader.Bytes + FrameHeader.Bytes + 3));
        JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(damaged, out _));
        Assert.AreEqual(JournalFault.Damaged, refused.Fault);
        Assert.Contains(first, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"byte {SegmentHeader.Bytes}", refused.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Segment_EachMissing_RefusedUnlessItIsTheLast()
    {
        (MemoryStorage storage, Book book, _) = await WriteAsync(snapshots: false);
        string[] names = Segments(storage);
        Assert.IsGreaterThan(2, names.Length);
        foreach (string name in names)
        {
            MemoryStorage damaged = storage.Crash();
            damaged.Lose(name);
            if (name == names[^1])
                await AssertSoundPrefixAsync(damaged, book, name);
            else
                Assert.AreEqual(JournalFault.Damaged, Assert.ThrowsExactly<JournalException>(() => Small.Open(damaged, out _), name).Fault);
        }
    }

    [TestMethod]
    public async Task Segment_MissingAfterASnapshot_Refused()
    {
        (MemoryStorage storage, _, _) = await WriteAsync(snapshots: true);
        foreach (string name in Segments(storage))
        {
            MemoryStorage damaged = storage.Crash();
            damaged.Lose(name);
            Assert.AreEqual(JournalFault.Damaged, Assert.ThrowsExactly<JournalException>(() => Small.Open(damaged, out _), name).Fault);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(10)]
    [DataRow(63)]
    [DataRow(64)]
    [DataRow(500)]
    public async Task SegmentBeforeTheLast_Truncated_Refused(int length)
    {
        (MemoryStorage storage, _, _) = await WriteAsync(snapshots: false);
        storage.Damage(Segments(storage)[0], bytes => bytes[..length]);
        Assert.AreEqual(JournalFault.Damaged, Assert.ThrowsExactly<JournalException>(() => Small.Open(storage, out _)).Fault);
    }

    [TestMethod]
    public async Task Snapshot_EachByteFlipped_Refused()
    {
        (MemoryStorage storage, _, _) = await WriteAsync(snapshots: true);
        string newest = storage.List().Where(n => FileNames.IsSnapshot(n, out _)).Order(StringComparer.Ordinal).Last();
        int length = storage.Read(newest).Length;
        for (int at = 0; at < length; at++)
        {
            MemoryStorage damaged = storage.Crash();
            damaged.Damage(newest, bytes => Flip(bytes, at));
            JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(damaged, out _), $"byte {at}");
            Assert.Contains(newest, refused.Message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task Format_Newer_RefusedAsSuch()
    {
        (MemoryStorage storage, _, _) = await WriteAsync(snapshots: false);
        storage.Damage(Segments(storage)[0], bytes =>
        {
            bytes[8] = 2;
            BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Compute(0, bytes.AsSpan(0, 60)));
            return bytes;
        });
        JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(storage, out _));
        Assert.AreEqual(JournalFault.NewerFormat, refused.Fault);
        Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Body_DamagedWhileOpen_NotReadWrongly()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        long thing = book.AddThing(journal, 1, 100);
        Assert.IsTrue(journal.CommitAll());
        storage.Damage(Segments(storage)[0], bytes => Flip(bytes, SegmentHeader.Bytes + FrameHeader.Bytes + RecordHeader.BodyBytes + 50));
        Assert.IsFalse(journal.TryRead(thing, new System.Buffers.ArrayBufferWriter<byte>()));
    }

    [TestMethod]
    public async Task Body_DamagedWhileOpen_SaidWithTheFile()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        List<string> said = [];
        journal.Damage = said.Add;
        long thing = book.AddThing(journal, 1, 100);
        Assert.IsTrue(journal.CommitAll());
        storage.Damage(Segments(storage)[0], bytes => Flip(bytes, SegmentHeader.Bytes + FrameHeader.Bytes + RecordHeader.BodyBytes + 50));
        Assert.IsFalse(journal.TryRead(thing, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.HasCount(1, said);
        Assert.Contains(Segments(storage)[0], said[0], StringComparison.Ordinal);
        Assert.AreEqual(1, journal.Status.Damaged);
    }

    /// <summary>With nothing sound behind it in its segment such a frame once passed for one that was being written, and live Bodies were lost without a word.</summary>
    [TestMethod]
    public async Task LastFrame_OfEachSegmentThatASnapshotCovers_DamageIsRefused()
    {
        (MemoryStorage storage, Book book) = await WriteLivelyAsync();
        int lookedAt = 0;
        foreach (string name in Segments(storage))
        {
            byte[] bytes = storage.Read(name);
            SegmentScan scan = new(name, SegmentHeader.Read(bytes, name), bytes);
            scan.Run((long p, in RecordHeader record, int offset, ReadOnlySpan<byte> own) => { });
            for (int at = scan.LastFrame; at < scan.End && scan.LastFrame > 0; at += 7)
            {
                MemoryStorage damaged = storage.Crash();
                damaged.Damage(name, b => Flip(b, at));
                JournalException refused = Assert.ThrowsExactly<JournalException>(() => Small.Open(damaged, out _), $"{name} byte {at} of the frame at {scan.LastFrame}");
                Assert.AreEqual(JournalFault.Damaged, refused.Fault);
                Assert.IsNotEmpty(new JournalInspector(damaged).Inspect().Damage, $"{name} byte {at}: verify finds nothing");
                lookedAt++;
            }
        }

        Assert.IsGreaterThan(50, lookedAt);
        Assert.IsEmpty(new JournalInspector(storage).Inspect().Damage);
        await using RecordJournal sound = Small.Open(storage, out Book read);
        Assert.AreEqual(book.State, read.State);
    }

    /// <summary>Segments with live Bodies, some gone between, and a snapshot of all of it.</summary>
    private static async Task<(MemoryStorage Storage, Book Book)> WriteLivelyAsync()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book, Small.Options with { SparesMax = 0 });
        for (int i = 0; i < 60; i++)
        {
            long thing = book.AddThing(journal, i, 400);
            if (i is >= 20 and < 40)
                _ = book.TakeThing(journal, thing);
            Assert.IsTrue(journal.CommitAll());
        }

        journal.SnapshotAll(book);
        Assert.IsTrue(journal.CommitAll());
        return (storage.Crash(), book);
    }

    [TestMethod]
    public void Scan_OfAnyBytes_EndsWithASoundPrefixOrAJournalException()
    {
        Random random = new(20261121);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[4096];
            random.NextBytes(bytes.AsSpan(0, random.Next(bytes.Length)));
            SegmentHeader header = new(1, 1, 7);
            header.Write(bytes);
            int offset = SegmentHeader.Bytes;
            long position = 1;
            FrameBuffer frame = new();
            for (int i = random.Next(4); i > 0; i--)
            {
                frame.Clear();
                _ = frame.Add(position, (byte)RecordLife.Event, Book.BytesOf(position, random.Next(60)), 0);
                FrameHeader.Write(frame.Span, position++, 1, header.Salt);
                frame.Span.CopyTo(bytes.AsSpan(offset));
                offset += frame.Length;
            }

            for (int i = random.Next(3); i > 0; i--)
                bytes[random.Next(SegmentHeader.Bytes, bytes.Length)] ^= (byte)(1 << random.Next(8));
            SegmentScan scan = new("fuzz", header, bytes);
            try
            {
                scan.Run((long p, in RecordHeader record, int at, ReadOnlySpan<byte> own) =>
                    CollectionAssert.AreEqual(Book.BytesOf(p, own.Length), own.ToArray(), $"round {round}: record {p}"));
                Assert.IsLessThan(position, scan.LastPosition);
            }
            catch (JournalException)
            {
                // What it is there to say.
            }
        }
    }

    private static async Task AssertNeverWrongAsync(MemoryStorage storage, Book book, string name, int at, bool isLast)
    {
        MemoryStorage damaged = storage.Crash();
        damaged.Damage(name, bytes => Flip(bytes, at));
        try
        {
            await AssertSoundPrefixAsync(damaged, book, $"{name} byte {at}");
        }
        catch (JournalException)
        {
            return; // told
        }

        // Only the very last frame can be mistaken for one that was being written.
        Assert.IsTrue(isLast || at >= storage.Read(name).Length || !IsUsed(storage, name, at), $"{name} byte {at}: the damage went unnoticed");
    }

    private static bool IsUsed(MemoryStorage storage, string name, int at)
    {
        byte[] bytes = storage.Read(name);
        SegmentScan scan = new(name, SegmentHeader.Read(bytes, name), bytes);
        scan.Run((long p, in RecordHeader record, int offset, ReadOnlySpan<byte> own) => { });
        return at < scan.End && at is < 36 or >= SegmentHeader.Bytes - sizeof(uint);
    }

    private static async Task AssertSoundPrefixAsync(MemoryStorage storage, Book book, string context)
    {
        await using RecordJournal journal = Small.Open(storage, out Book read);
        Assert.AreEqual(book.At(journal.LastPosition), read.State, context);
        journal.AssertHolds(read);
    }

    /// <summary>Some segments of things and notes.</summary>
    private static async Task<(MemoryStorage Storage, Book Book, long Durable)> WriteAsync(bool snapshots)
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        for (int i = 0; i < 60; i++)
        {
            _ = book.AddNote(journal, i);
            if (book.AddThing(journal, i, 150) is not 0 and var thing && i % 4 != 0)
                _ = book.TakeThing(journal, thing);
            Assert.IsTrue(journal.CommitAll());
            if (snapshots && i % 20 == 19)
                journal.SnapshotAll(book);
        }

        return (storage.Crash(), book, journal.DurablePosition);
    }

    private static string[] Segments(MemoryStorage storage) => [.. storage.List().Where(n => FileNames.IsSegment(n, out _)).Order(StringComparer.Ordinal)];

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 0x10;
        return bytes;
    }
}
