using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>The fixed header (5.0, 2.1), and cutting a stream of bytes into packets.</summary>
[TestClass]
public sealed class FrameReaderTests
{
    private const string ThreePackets = "C0 00 30 07 00 03 61 2F 62 68 69 40 02 00 01";

    [DecodeTest]
    public void Stream_OfThreePackets_IsCutIntoThem()
    {
        byte[] bytes = Bytes.Of(ThreePackets);
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(bytes);
        var reader = new FrameReader(buffer, 100, new StraddleBuffer());
        string[] expected = ["C0 00", "30 07 00 03 61 2F 62 68 69", "40 02 00 01"];
        foreach (string packet in expected)
        {
            Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
            Assert.AreEqual(packet, Bytes.Hex(frame.Packet));
            Assert.AreEqual(packet.Length > 5 ? packet[6..] : "", Bytes.Hex(frame.Body));
        }

        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        Assert.AreEqual(bytes.Length, Wire.LengthTo(buffer, reader.Consumed));
        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        Assert.AreEqual(MalformedReason.None, reader.Reason);
    }

    [DecodeTest]
    public void Stream_CutShortAnywhere_NeedsMoreAndConsumesOnlyWholePackets()
    {
        byte[] all = Bytes.Of(ThreePackets);
        int[] ends = [0, 2, 11, 15];
        for (int arrived = 0; arrived < all.Length; arrived++)
        {
            ReadOnlySequence<byte> buffer = Cut.Current.Lay(all[..arrived]);
            var reader = new FrameReader(buffer, 100, new StraddleBuffer());
            DecodeStatus status;
            while ((status = reader.TryRead(out _)) == DecodeStatus.Packet)
            {
            }

            Assert.AreEqual(DecodeStatus.NeedMore, status);
            Assert.AreEqual(ends.Last(end => end <= arrived), Wire.LengthTo(buffer, reader.Consumed));
        }
    }

    [TestMethod]
    public void Stream_NothingYet_NeedsMore()
    {
        var reader = new FrameReader(default, 100, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        ReadOnlySequence<byte> empty = ReadOnlySequence<byte>.Empty;
        reader = new FrameReader(empty, 100, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        Assert.AreEqual(0, Wire.LengthTo(empty, reader.Consumed));
    }

    [TestMethod]
    [DataRow("30 7F", 127, 2)]
    [DataRow("30 80 01", 128, 3)]
    [DataRow("30 FF 7F", 16_383, 3)]
    [DataRow("30 80 80 01", 16_384, 4)]
    [DataRow("30 FF FF 7F", 2_097_151, 4)]
    [DataRow("30 80 80 80 01", 2_097_152, 5)]
    public void RemainingLength_OfEverySize_IsRead(string header, int bodyBytes, int headerBytes)
    {
        byte[] start = Bytes.Of(header);
        byte[] packet = new byte[start.Length + bodyBytes];
        start.CopyTo(packet, 0);
        packet[^1] = 0xAB;
        for (int offset = 0; offset < 8; offset++) // large, so cut only in and around the length
        {
            Cut.Current = new Cut.At(offset);
            Frame frame = Wire.Read(packet);
            Assert.AreEqual(bodyBytes, frame.Body.Length);
            Assert.AreEqual(0xAB, frame.Body[^1]);
            Assert.AreEqual(headerBytes, frame.Packet.Length - frame.Body.Length);
            Assert.IsTrue(frame.HasMinimalLength);
        }
    }

    [DecodeTest]
    [DataRow("C0 80 00")]
    [DataRow("C0 80 80 80 00")]
    [DataRow("40 82 00 00 01")]
    public void RemainingLength_LongerThanNeeded_IsReadAndSeen(string packet) => Assert.IsFalse(Wire.Read(packet).HasMinimalLength);

    [DecodeTest]
    [DataRow("30 FF FF FF FF", MalformedReason.RemainingLengthTooLong)]
    [DataRow("30 80 80 80 80 01", MalformedReason.RemainingLengthTooLong)]
    [DataRow("00 00", MalformedReason.UnknownPacketType)]
    [DataRow("0F", MalformedReason.UnknownPacketType)]
    [DataRow("30 62", MalformedReason.PacketTooLarge)] // 2 + 98 is within 100, 2 + 99 not; see below for the exact edge
    public void Header_ThatCannotBe_IsRefusedBeforeTheBodyArrives(string header, MalformedReason expected)
    {
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(Bytes.Of(header));
        var reader = new FrameReader(buffer, 99, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Malformed, reader.TryRead(out _));
        Assert.AreEqual(expected, reader.Reason);
        Assert.AreEqual(0, Wire.LengthTo(buffer, reader.Consumed));
        Assert.AreEqual(DecodeStatus.Malformed, reader.TryRead(out _), "A reader stays malformed.");
    }

    [DecodeTest]
    public void Header_AtTheLimit_IsAcceptedAndOneMoreRefusedWithBothNumbers()
    {
        ReadOnlySequence<byte> buffer = Cut.Current.Lay([0x30, 98, .. new byte[98]]);
        var reader = new FrameReader(buffer, 100, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out _));
        buffer = Cut.Current.Lay([0x30, 99, .. new byte[99]]);
        reader = new FrameReader(buffer, 100, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Malformed, reader.TryRead(out _));
        Assert.AreEqual(MalformedReason.PacketTooLarge, reader.Reason);
        Assert.AreEqual(101, reader.DeclaredLength);
    }

    [DecodeTest]
    public void Stream_GoodPacketsBeforeABadOne_AreStillHandedOut()
    {
        ReadOnlySequence<byte> buffer = Cut.Current.Lay(Bytes.Of("C0 00 40 02 00 01 00 00"));
        var reader = new FrameReader(buffer, 100, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out _));
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out _));
        Assert.AreEqual(DecodeStatus.Malformed, reader.TryRead(out _));
        Assert.AreEqual(6, Wire.LengthTo(buffer, reader.Consumed));
    }

    [TestMethod]
    public void Frame_TypeAndFlags_AreTheHalvesOfTheFirstByte()
    {
        Frame frame = Wire.Read("3D 00");
        Assert.AreEqual(PacketType.Publish, frame.Type);
        Assert.AreEqual(0x0D, frame.Flags);
        Assert.AreEqual(0x3D, frame.FirstByte);
    }
}
