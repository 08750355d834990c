namespace DeviceMqtt.Journal.Tests;

/// <summary>What is read of the disk for Bodies that follow each other, and for those that do not.</summary>
[TestClass]
public sealed class ReadAheadTests
{
    private const int BodyBytes = 100;
    private const int Distance = 150;
    private const int FileBytes = 1024 * 1024;

    [TestMethod]
    public void Bodies_InTheirOrder_OneReadForMany()
    {
        using PatternFile file = new();
        using Segment segment = new(new SegmentHeader(1, 1, 7), file, FileBytes);
        ReadAhead ahead = new();

        for (int offset = SegmentHeader.Bytes; offset + BodyBytes <= FileBytes; offset += Distance)
            AssertReads(ahead, segment, offset, FileBytes);

        Assert.IsLessThan(60, file.Reads);
    }

    [TestMethod]
    public void Bodies_HereAndThere_NoByteMoreThanTheirs()
    {
        using PatternFile file = new();
        using Segment segment = new(new SegmentHeader(1, 1, 7), file, FileBytes);
        using PatternFile otherFile = new();
        using Segment other = new(new SegmentHeader(2, 1, 7), otherFile, FileBytes);
        ReadAhead ahead = new();
        int bodies = 0;

        for (int offset = FileBytes - BodyBytes; offset > 0; offset -= 10_000, bodies++)
            AssertReads(ahead, bodies % 3 == 0 ? other : segment, offset, FileBytes);

        Assert.AreEqual((long)bodies * BodyBytes, file.BytesRead + otherFile.BytesRead);
    }

    [TestMethod]
    public void Body_AtTheEndOfWhatIsWritten_NothingBehindItIsRead()
    {
        using PatternFile file = new();
        using Segment segment = new(new SegmentHeader(1, 1, 7), file, FileBytes);
        ReadAhead ahead = new();

        for (int offset = SegmentHeader.Bytes; offset < 50_000; offset += Distance)
        {
            AssertReads(ahead, segment, offset, end: offset + BodyBytes);
            Assert.AreEqual(offset + BodyBytes, file.ReadUpTo);
        }
    }

    [TestMethod]
    public void Body_BeforeOneThatCannotBeRead_IsRead()
    {
        using PatternFile file = new() { BadFrom = 20_000 };
        using Segment segment = new(new SegmentHeader(1, 1, 7), file, FileBytes);
        ReadAhead ahead = new();

        int offset = SegmentHeader.Bytes;
        for (; offset + BodyBytes <= file.BadFrom; offset += Distance)
            AssertReads(ahead, segment, offset, FileBytes);

        Assert.IsFalse(ahead.TryRead(segment, offset, BodyBytes, FileBytes, out _));
        Assert.IsNotNull(ahead.Failure);
        AssertReads(ahead, segment, SegmentHeader.Bytes, FileBytes);
        Assert.IsNull(ahead.Failure);
    }

    [TestMethod]
    public void Body_LongerThanWhatIsReadAhead_IsReadAndDoesNotStay()
    {
        using PatternFile file = new();
        using Segment segment = new(new SegmentHeader(1, 1, 7), file, FileBytes);
        ReadAhead ahead = new();

        AssertReads(ahead, segment, 100, FileBytes, length: 5 * ReadAhead.BytesMax);
        AssertReads(ahead, segment, 100 + (5 * ReadAhead.BytesMax), FileBytes);

        Assert.IsLessThanOrEqualTo((5 * ReadAhead.BytesMax) + ReadAhead.BytesMax, file.BytesRead);
        Assert.AreEqual(2, file.Reads);
        Assert.IsLessThanOrEqualTo(ReadAhead.BytesMax, ahead.BufferBytes);
    }

    private static void AssertReads(ReadAhead ahead, Segment segment, int offset, long end, int length = BodyBytes)
    {
        Assert.IsTrue(ahead.TryRead(segment, offset, length, end, out ReadOnlySpan<byte> body));
        Assert.AreEqual(length, body.Length);
        for (int i = 0; i < body.Length; i++)
            Assert.AreEqual(PatternFile.At(offset + i), body[i]);
    }

    private sealed class PatternFile : IJournalFile
    {
        public int BadFrom { get; init; } = int.MaxValue;

        public int Reads { get; private set; }

        public long BytesRead { get; private set; }

        public long ReadUpTo { get; private set; }

        public long Length => FileBytes;

        public static byte At(long offset) => (byte)((offset * 31) + (offset >> 8));

        public int Read(long offset, Span<byte> bytes)
        {
            if (offset + bytes.Length > BadFrom)
                throw new IOException("a sector cannot be read");
            Reads++;
            BytesRead += bytes.Length;
            ReadUpTo = offset + bytes.Length;
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = At(offset + i);
            return bytes.Length;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

        public void Sync() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
