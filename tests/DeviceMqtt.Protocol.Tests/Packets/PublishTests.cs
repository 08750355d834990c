using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>PUBLISH (5.0, 3.3; 3.1.1, 3.3).</summary>
[TestClass]
public sealed class PublishTests
{
    [DecodeTest]
    [DataRow(V31)]
    [DataRow(V311)]
    public void PUBLISH_Received_QoS0_Decoded(ProtocolVersion version)
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 07 00 03 'a/b' 'hi'"), version, out PublishView view, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.None, reason);
        Assert.AreEqual("a/b", PublishCopy.Of(view).Topic);
        Assert.AreEqual("hi", PublishCopy.Of(view).Text);
        Assert.AreEqual(QoS.AtMostOnce, view.QoS);
        Assert.AreEqual(0, view.PacketId);
        Assert.IsFalse(view.Dup);
        Assert.IsFalse(view.Retain);
        Assert.IsTrue(view.Properties.IsEmpty);
        Assert.IsTrue(view.PropertiesPresent.IsEmpty);
    }

    [DecodeTest]
    public void PUBLISH_Received_DupQoS2Retain_FlagsAndPacketIdDecoded()
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("3D : <t> 12 34 'x'"), V311, out PublishView view, out _));
        Assert.IsTrue(view.Dup);
        Assert.IsTrue(view.Retain);
        Assert.AreEqual(QoS.ExactlyOnce, view.QoS);
        Assert.AreEqual(0x1234, view.PacketId);
    }

    [DecodeTest]
    [DataRow("30 : <t>", V311)]
    [DataRow("32 : <t> 00 01", V311)]
    [DataRow("30 : <t> 00", V5)]
    public void PUBLISH_Received_NoPayload_IsAllowed(string packet, ProtocolVersion version)
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read(packet), version, out PublishView view, out _));
        Assert.IsTrue(view.Payload.IsEmpty);
    }

    [DecodeTest]
    public void PUBLISH_Received_V5_PropertiesAsTheyStandAndTheirValues()
    {
        Frame frame = Wire.Read("32 : <t> 00 0A 0D 23 00 07 02 00 00 0E 10 26 00 00 00 00 'x'");
        Assert.IsTrue(PublishPacket.TryDecode(frame, V5, out PublishView view, out MalformedReason reason), reason.ToText());
        Assert.AreEqual("23 00 07 02 00 00 0E 10 26 00 00 00 00", Bytes.Hex(view.Properties));
        Assert.AreEqual(7, view.TopicAlias);
        Assert.AreEqual(3600u, view.MessageExpirySeconds);
        Assert.IsTrue(view.PropertiesPresent.Contains(PropertyId.UserProperty));
        Assert.IsFalse(view.PropertiesPresent.Contains(PropertyId.ContentType));
        Assert.AreEqual("x", PublishCopy.Of(view).Text);
    }

    [DecodeTest]
    public void PUBLISH_Received_V5_EmptyTopicWithAlias_IsAllowed()
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 : <> 03 23 FF FF 'x'"), V5, out PublishView view, out _));
        Assert.IsTrue(view.TopicName.IsEmpty);
        Assert.AreEqual(0xFFFF, view.TopicAlias);
    }

    [DecodeTest]
    public void PUBLISH_Received_V5_MessageExpiryZero_IsNotTheSameAsNone()
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 : <t> 05 02 00 00 00 00"), V5, out PublishView view, out _));
        Assert.AreEqual(0u, view.MessageExpirySeconds);
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 : <t> 00"), V5, out view, out _));
        Assert.IsNull(view.MessageExpirySeconds);
    }

    [DecodeTest]
    public void PUBLISH_Received_V5_ManySubscriptionIdentifiers_AreAllowed()
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 : <t> 07 0B 01 0B FF FF FF 7F"), V5, out PublishView view, out MalformedReason reason), reason.ToText());
        Assert.IsTrue(view.PropertiesPresent.Contains(PropertyId.SubscriptionIdentifier));
    }

    [DecodeTest]
    public void PUBLISH_Received_RemainingLengthOfTwoBytesWhereOneWouldDo_OnlyRefusedBy5()
    {
        Assert.IsTrue(PublishPacket.TryDecode(Wire.Read("30 83 00 <t>"), V311, out PublishView view, out _));
        Assert.AreEqual("t", PublishCopy.Of(view).Topic);
        Assert.IsFalse(PublishPacket.TryDecode(Wire.Read("30 84 00 <t> 00"), V5, out _, out MalformedReason reason)); // [MQTT-1.5.5-1]
        Assert.AreEqual(MalformedReason.RemainingLengthNotMinimal, reason);
    }

    [DecodeTest]
    public void PUBLISH_Layout_LeavesOnlyTheTopicCharactersUnchecked()
    {
        Assert.IsTrue(PublishPacket.TryDecodeLayout(Wire.Read("30 : <a/#>"), V311, out PublishView view, out _));
        Assert.IsFalse(PublishPacket.CheckTopicName(view.TopicName, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.TopicNameHasWildcard, reason);
        Assert.IsFalse(PublishPacket.TryDecodeLayout(Wire.Read("30 : <>"), V311, out _, out reason));
        Assert.AreEqual(MalformedReason.TopicNameEmpty, reason);
        Assert.IsFalse(PublishPacket.TryDecodeLayout(Wire.Read("32 : <a> 00 00"), V311, out _, out reason));
        Assert.AreEqual(MalformedReason.PacketIdZero, reason);
        Assert.IsFalse(PublishPacket.TryDecodeLayout(Wire.Read("30 : <a> 02 01 02"), V5, out _, out reason));
        Assert.AreEqual(MalformedReason.PropertyValueOutOfRange, reason);
    }

    [TestMethod]
    public void PUBLISH_Sent_QoS0_ExactBytes() =>
        Wire.Writes("30 07 00 03 'a/b' 'hi'", writer => PublishPacket.Write(writer, V311, "a/b"u8, default, "hi"u8, QoS.AtMostOnce, false, false, 99));

    [TestMethod]
    public void PUBLISH_Sent_DupQoS2Retain_ExactBytes() =>
        Wire.Writes("3D 05 00 01 't' FF FF", writer => PublishPacket.Write(writer, V31, "t"u8, default, default, QoS.ExactlyOnce, true, true, 0xFFFF));

    [TestMethod]
    public void PUBLISH_Sent_V5_PropertiesWithTheirLength() =>
        Wire.Writes("33 : <t> 00 01 02 01 01 'x'", writer => PublishPacket.Write(writer, V5, "t"u8, [1, 1], "x"u8, QoS.AtLeastOnce, true, false, 1));

    [TestMethod]
    public void PUBLISH_Sent_ToOlderClient_PropertiesLeftOut() =>
        Wire.Writes("30 : <t> 'x'", writer => PublishPacket.Write(writer, V311, "t"u8, [1, 1], "x"u8, QoS.AtMostOnce, false, false, 0));

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(124, 1)]
    [DataRow(125, 2)]
    [DataRow(16_380, 2)]
    [DataRow(16_381, 3)]
    [DataRow(2_097_148, 3)]
    [DataRow(2_097_149, 4)]
    public void PUBLISH_Sent_LengthIsWhatGetLengthSays(int payloadBytes, int lengthBytes)
    {
        byte[] packet = Wire.WriteBytes(writer => PublishPacket.Write(writer, V311, "t"u8, default, new byte[payloadBytes], QoS.AtMostOnce, false, false, 0));
        Assert.HasCount(1 + lengthBytes + 3 + payloadBytes, packet);
        Assert.AreEqual(packet.Length, PublishPacket.GetLength(V311, 1, 0, payloadBytes, QoS.AtMostOnce));
        Assert.AreEqual(payloadBytes, ((PublishCopy)AnyPacket.Decode(Wire.Read(packet), V311, out _)!).Payload.Length);
    }

    [TestMethod]
    public void PUBLISH_Sent_LargestThereIs_FitsAndOneMoreDoesNot()
    {
        Assert.AreEqual(VariableByteInteger.Max + 5, PublishPacket.GetLength(V311, 1, 0, VariableByteInteger.Max - 3, QoS.AtMostOnce));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PublishPacket.GetLength(V311, 1, 0, VariableByteInteger.Max - 2, QoS.AtMostOnce));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PublishPacket.GetLength(V5, 1, int.MaxValue, int.MaxValue, QoS.ExactlyOnce));
    }

    [TestMethod]
    public void PUBLISH_Sent_PacketIdZeroWithQoS1_IsOurBug() => Assert.ThrowsExactly<ArgumentException>(
        () => PublishPacket.Write(new ArrayBufferWriter<byte>(), V311, "t"u8, default, default, QoS.AtLeastOnce, false, false, 0));

    [TestMethod]
    public void PUBLISH_Sent_TopicOver65535Bytes_IsOurBug() => Assert.ThrowsExactly<ArgumentException>(
        () => PublishPacket.Write(new ArrayBufferWriter<byte>(), V311, new byte[65_536], default, default, QoS.AtMostOnce, false, false, 0));

    [TestMethod]
    public void PUBLISH_Encoded_ReturnsTheLengthAndTouchesNothingBehind()
    {
        byte[] destination = new byte[20];
        destination.AsSpan().Fill(0xEE);
        int length = PublishPacket.Encode(destination, V311, "t"u8, default, "x"u8, QoS.AtMostOnce, false, false, 0);
        Assert.AreEqual(6, length);
        Assert.AreEqual("30 04 00 01 74 78 EE EE", Bytes.Hex(destination.AsSpan(0, 8)));
    }
}
