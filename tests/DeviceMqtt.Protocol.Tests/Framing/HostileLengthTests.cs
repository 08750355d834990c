using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>A peer that declares more than it sends, or more than it may, costs no memory. Measured, not believed.</summary>
[TestClass]
[DoNotParallelize]
public sealed class HostileLengthTests
{
    /// <summary>The largest length there is, with 3 bytes of the body.</summary>
    private static readonly byte[] Huge = Bytes.Of("30 FF FF FF 7F 00 01 74");

    [TestMethod]
    public void HugeLength_OverTheLimit_RefusedWithoutAllocation()
    {
        var scratch = new StraddleBuffer();
        Assert.AreEqual(DecodeStatus.Malformed, Read(Huge, 65_536, scratch));
        Assert.AreEqual(0, AllocatedBy(() => Read(Huge, 65_536, scratch)));
        Assert.AreEqual(0, scratch.HeldBytes);
    }

    [TestMethod]
    public void HugeLength_WithinTheLimitButNotArrived_CostsNothingWhileItWaits()
    {
        var scratch = new StraddleBuffer();
        Assert.AreEqual(DecodeStatus.NeedMore, Read(Huge, Wire.PacketBytesMax, scratch));
        Assert.AreEqual(0, AllocatedBy(() => Read(Huge, Wire.PacketBytesMax, scratch)));
        Assert.AreEqual(0, scratch.HeldBytes);
    }

    [TestMethod]
    [DataRow("10 : FF FF 'MQTT'")]
    [DataRow("10 : <MQTT> 04 02 00 3C FF FF 'a'")]
    [DataRow("10 : <MQTT> 05 02 00 3C FF FF FF 7F")]
    [DataRow("10 : <MQTT> 05 02 00 3C 05 15 FF FF 'a'")]
    [DataRow("30 : FF FF 't'")]
    [DataRow("82 : 00 01 FF FF 'a' 00")]
    public void HugeLength_InsideABody_AllocatesNoMoreThanThePacketIsLong(string packet)
    {
        byte[] bytes = Bytes.Of(packet);
        var scratch = new StraddleBuffer();
        DecodeAll(bytes, scratch);
        long allocated = AllocatedBy(() => DecodeAll(bytes, scratch));
        Assert.IsLessThan(1024, allocated, $"{allocated} bytes for a packet of {bytes.Length}");
    }

    [TestMethod]
    public void StraddleBuffer_GrowsToWholePacketsOnly_AndGivesLargeOnesBack()
    {
        var scratch = new StraddleBuffer();
        byte[] large = [0x30, 0x80, 0x80, 0x08, .. new byte[131_072]];
        Cut.Current = new Cut.At(100_000);
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(large);
        var reader = new FrameReader(buffer.Slice(0, large.Length - 1), Wire.PacketBytesMax, scratch);
        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        Assert.AreEqual(0, scratch.HeldBytes);

        reader = new FrameReader(buffer, Wire.PacketBytesMax, scratch);
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
        Assert.AreEqual(131_072, frame.Body.Length);
        Assert.IsGreaterThan(131_071, scratch.HeldBytes);
        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        Assert.IsLessThanOrEqualTo(StraddleBuffer.KeptBytesMax, scratch.HeldBytes);
    }

    [TestMethod]
    public void StraddleBuffer_SmallPackets_UseTheSameMemoryAgain()
    {
        var scratch = new StraddleBuffer();
        Cut.Current = new Cut.At(3);
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(Bytes.Of("30 07 00 03 'a/b' 'hi'"));
        Assert.AreEqual(DecodeStatus.Packet, new FrameReader(buffer, 100, scratch).TryRead(out _));
        Assert.AreEqual(0, AllocatedBy(() => new FrameReader(buffer, 100, scratch).TryRead(out _)));
    }

    private static DecodeStatus Read(byte[] bytes, int packetBytesMax, StraddleBuffer scratch) =>
        new FrameReader(new ReadOnlySequence<byte>(bytes), packetBytesMax, scratch).TryRead(out _);

    private static void DecodeAll(byte[] bytes, StraddleBuffer scratch)
    {
        _ = new FrameReader(new ReadOnlySequence<byte>(bytes), Wire.PacketBytesMax, scratch).TryRead(out Frame frame);
        _ = AnyPacket.Decode(frame, ProtocolVersion.V311, out MalformedReason reason);
        Assert.AreEqual(MalformedReason.BodyTooShort, reason);
    }

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
