namespace DeviceMqtt.Journal.Tests;

/// <summary>Bytes that are on disks somewhere. Whoever changes one of these makes a new format version (gateway/docs/journal-format.md).</summary>
[TestClass]
public sealed class FrozenFormatTests
{
    [TestMethod]
    public void SegmentHeader_Written_TheseBytes()
    {
        byte[] bytes = new byte[SegmentHeader.Bytes];
        new SegmentHeader(2, 3, 0x11223344).Write(bytes);
        Assert.AreEqual("444D514A53454731" + "01000000" + "44332211" + "0200000000000000" + "0300000000000000" + new string('0', 56), Convert.ToHexString(bytes, 0, 60));
        Assert.AreEqual(new SegmentHeader(2, 3, 0x11223344), SegmentHeader.Read(bytes, "x"));
    }

    [TestMethod]
    public void Frame_OfAllKindsOfRecords_TheseBytes()
    {
        FrameBuffer frame = new();
        _ = frame.Add(7, (byte)RecordLife.Event, [0xAA], 0);
        _ = frame.Add(8, (byte)RecordLife.Body, "123456789"u8, 0);
        _ = frame.Add(9, RecordHeader.Copy, [0xBB], 5);
        FrameHeader.Write(frame.Span, 7, 3, salt: 1);
        string hex = Convert.ToHexString(frame.Span);
        Assert.StartsWith("46524D312A000000" + "0700000000000000" + "03000000", hex, StringComparison.Ordinal);
        Assert.EndsWith("0100000001AA" + "0900000002" + "839206E3" + "313233343536373839" + "0100000003" + hex[^26..^18] + "0500000000000000BB", hex, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Crc_OfTheCheckString_AsInRfc3720() => Assert.AreEqual(0xE3069283, Crc32C.Compute(0, "123456789"u8));

    [TestMethod]
    public void RecordLife_Values_AsOnDisk() => Assert.AreEqual((1, 2, 3), ((int)RecordLife.Event, (int)RecordLife.Body, (int)RecordHeader.Copy));
}
