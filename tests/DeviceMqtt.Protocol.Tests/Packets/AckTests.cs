using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP (5.0, 3.4 to 3.7), which have one form.</summary>
[TestClass]
public sealed class AckTests
{
    [DecodeTest]
    [DataRow("40 02 12 34", PacketType.PubAck)]
    [DataRow("50 02 12 34", PacketType.PubRec)]
    [DataRow("62 02 12 34", PacketType.PubRel)]
    [DataRow("70 02 12 34", PacketType.PubComp)]
    public void ACK_Received_TwoBytes_IsSuccessInEveryVersion(string packet, PacketType type)
    {
        foreach (ProtocolVersion version in All)
        {
            Frame frame = Wire.Read(packet);
            Assert.AreEqual(type, frame.Type);
            Assert.IsTrue(AckPacket.TryDecode(frame, version, out AckView view, out MalformedReason reason), reason.ToText());
            Assert.AreEqual(0x1234, view.PacketId);
            Assert.AreEqual(ReasonCode.Success, view.Reason);
            Assert.IsTrue(view.Properties.IsEmpty);
        }
    }

    [DecodeTest]
    public void PUBREL_Received_V31_SentAgainWithDup_IsAllowed()
    {
        Assert.IsTrue(AckPacket.TryDecode(Wire.Read("6A 02 00 01"), V31, out AckView view, out _));
        Assert.AreEqual(1, view.PacketId);
        Wire.Refuses("6A 02 00 01", V311, MalformedReason.ReservedFlags);
    }

    [DecodeTest]
    public void PUBACK_Received_V5_ReasonWithoutProperties_Decoded()
    {
        Assert.IsTrue(AckPacket.TryDecode(Wire.Read("40 03 00 01 10"), V5, out AckView view, out _));
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, view.Reason);
    }

    [DecodeTest]
    public void PUBREC_Received_V5_ReasonAndProperties_Decoded()
    {
        Assert.IsTrue(AckPacket.TryDecode(Wire.Read("50 : 00 01 97 0B 1F <x> 26 <k> <v>"), V5, out AckView view, out MalformedReason reason), reason.ToText());
        Assert.AreEqual(ReasonCode.QuotaExceeded, view.Reason);
        Assert.AreEqual("1F 00 01 78 26 00 01 6B 00 01 76", Bytes.Hex(view.Properties));
    }

    [DecodeTest]
    public void PUBCOMP_Received_V5_EmptyPropertiesBehindSuccess_AreAllowed()
    {
        Assert.IsTrue(AckPacket.TryDecode(Wire.Read("70 04 00 01 00 00"), V5, out AckView view, out _));
        Assert.AreEqual(ReasonCode.Success, view.Reason);
    }

    [TestMethod]
    [DataRow(PacketType.PubAck, "40 02 00 07")]
    [DataRow(PacketType.PubRec, "50 02 00 07")]
    [DataRow(PacketType.PubRel, "62 02 00 07")]
    [DataRow(PacketType.PubComp, "70 02 00 07")]
    public void ACK_Sent_Success_FourBytesInEveryVersion(PacketType type, string expected)
    {
        foreach (ProtocolVersion version in All)
            Wire.Writes(expected, writer => AckPacket.Write(writer, type, version, 7));
    }

    [TestMethod]
    public void ACK_Sent_V5_ReasonAndProperties_ExactBytes()
    {
        Wire.Writes("40 03 00 07 97", writer => AckPacket.Write(writer, PacketType.PubAck, V5, 7, ReasonCode.QuotaExceeded));
        Wire.Writes("40 : 00 07 97 04 1F <x>", writer => AckPacket.Write(writer, PacketType.PubAck, V5, 7, ReasonCode.QuotaExceeded, Bytes.Of("1F <x>")));
        Wire.Writes("40 : 00 07 00 04 1F <x>", writer => AckPacket.Write(writer, PacketType.PubAck, V5, 7, ReasonCode.Success, Bytes.Of("1F <x>")));
    }

    [TestMethod]
    public void ACK_Sent_ToOlderClient_ReasonAndPropertiesLeftOut() => Wire.Writes(
        "50 02 00 07", writer => AckPacket.Write(writer, PacketType.PubRec, V311, 7, ReasonCode.QuotaExceeded, Bytes.Of("1F <x>")));

    [TestMethod]
    public void ACK_Sent_PacketIdZeroOrOtherType_IsOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<ArgumentException>(() => AckPacket.Write(writer, PacketType.PubAck, V311, 0));
        Assert.ThrowsExactly<ArgumentException>(() => AckPacket.Write(writer, PacketType.Publish, V311, 1));
        Assert.ThrowsExactly<ArgumentException>(() => AckPacket.Write(writer, PacketType.SubAck, V311, 1));
    }
}
