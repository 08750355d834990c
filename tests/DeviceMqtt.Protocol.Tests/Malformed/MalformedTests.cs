using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>The table of malformed packets, each with the reason it is refused for; the fixed header's own are in FrameReaderTests.</summary>
[TestClass]
public sealed class MalformedTests
{
    [DecodeTest]
    [DynamicData(nameof(MalformedPackets.Rows), typeof(MalformedPackets))]
    public void Packet_Malformed_RefusedWithItsReason(string packet, ProtocolVersion version, MalformedReason expected) =>
        Wire.Refuses(packet, version, expected);

    /// <summary>The same, cut short: a body that ends anywhere inside is refused too, and never read beyond.</summary>
    [TestMethod]
    [DynamicData(nameof(SoundPackets.Rows), typeof(SoundPackets))]
    public void Packet_Sound_WithABodyThatEndsEarly_NeverThrows(string packet, ProtocolVersion version)
    {
        byte[] bytes = Bytes.Of(packet);
        Frame whole = Wire.Read(bytes);
        Assert.IsNotNull(AnyPacket.Decode(whole, version, out MalformedReason reason), reason.ToText());
        for (int length = 0; length < whole.Body.Length; length++)
        {
            byte[] header = new byte[1 + VariableByteInteger.GetLength(length)];
            header[0] = bytes[0];
            _ = VariableByteInteger.Write(header.AsSpan(1), length);
            byte[] cut = [.. header, .. whole.Body[..length]];
            bool decoded = AnyPacket.Decode(Wire.Read(cut), version, out reason) is not null;
            Assert.AreEqual(decoded, reason == MalformedReason.None, Bytes.Hex(cut));
        }
    }

    [TestMethod]
    public void Table_EveryReason_HasARow()
    {
        // These are seen by FrameReader, before there is a packet to decode.
        MalformedReason[] ofTheHeader =
            [MalformedReason.None, MalformedReason.UnknownPacketType, MalformedReason.RemainingLengthTooLong, MalformedReason.PacketTooLarge];
        // These are of tests of their own: another decoder's packet (PingTests), the well-known defect, and strings of ours.
        MalformedReason[] elsewhere = [MalformedReason.UnexpectedPacketType, MalformedReason.NanoFrameworkWillDefect, MalformedReason.StringTooLong];
        MalformedReason[] missing =
            [.. Enum.GetValues<MalformedReason>().Except(ofTheHeader).Except(elsewhere).Except(MalformedPackets.Rows.Select(row => (MalformedReason)row[2]))];
        Assert.IsEmpty(missing, string.Join(", ", missing));
    }

    [TestMethod]
    public void Text_EveryReason_HasASentenceOfItsOwn()
    {
        string[] texts = [.. Enum.GetValues<MalformedReason>().Select(reason => reason.ToText())];
        Assert.AreEqual(texts.Length, texts.Distinct(StringComparer.Ordinal).Count());
        Assert.IsTrue(texts.All(text => !text.StartsWith("unknown", StringComparison.Ordinal)));
        Assert.StartsWith("unknown", ((MalformedReason)255).ToText(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void EveryDecoder_GivenAnotherPacket_SaysSo()
    {
        Frame ping = Wire.Read("C0 00");
        Frame publish = Wire.Read("30 : <t>");
        Assert.IsFalse(ConnectPacket.TryDecode(ping, out _, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(ConnAckPacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(PublishPacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(AckPacket.TryDecode(publish, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(SubscribePacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(SubAckPacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(UnsubscribePacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(UnsubAckPacket.TryDecode(ping, V311, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(DisconnectPacket.TryDecode(ping, V5, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
        Assert.IsFalse(AuthPacket.TryDecode(ping, V5, out _, out reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
    }
}
