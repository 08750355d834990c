using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>UNSUBSCRIBE (5.0, 3.10).</summary>
[TestClass]
public sealed class UnsubscribeTests
{
    [DecodeTest]
    [DataRow("A2 : 00 0A <a/b> <c/#>", V31)]
    [DataRow("AA : 00 0A <a/b> <c/#>", V31)] // sent again, with DUP
    [DataRow("A2 : 00 0A <a/b> <c/#>", V311)]
    [DataRow("A2 : 00 0A 00 <a/b> <c/#>", V5)]
    public void UNSUBSCRIBE_Received_DecodedInOrder(string bytes, ProtocolVersion version)
    {
        UnsubscribePacket packet = Decode(bytes, version);
        Assert.AreEqual(10, packet.PacketId);
        CollectionAssert.AreEqual(new[] { "a/b", "c/#" }, packet.Filters.Select(filter => filter.Value).ToArray());
        Assert.IsEmpty(packet.UserProperties);
    }

    [DecodeTest]
    public void UNSUBSCRIBE_Received_V5_UserProperties_Decoded() =>
        Assert.AreEqual(new UserProperty("k", "v"), Decode("A2 : 00 0A 07 26 <k> <v> <a>", V5).UserProperties.Single());

    [TestMethod]
    public void UNSUBSCRIBE_Sent_ExactBytes()
    {
        Assert.IsTrue(TopicFilter.TryParse("a/+", out TopicFilter filter, out _));
        var packet = new UnsubscribePacket { PacketId = 1, Filters = [filter], UserProperties = [new UserProperty("k", "v")] };
        Wire.Writes("A2 : 00 01 07 26 <k> <v> <a/+>", writer => packet.Write(writer, V5));
        Wire.Writes("A2 : 00 01 <a/+>", writer => packet.Write(writer, V311));
    }

    [TestMethod]
    public void UNSUBSCRIBE_Sent_WithoutFilterOrPacketId_IsOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<InvalidOperationException>(() => new UnsubscribePacket { PacketId = 1 }.Write(writer, V311));
        Assert.ThrowsExactly<ArgumentException>(() => new UnsubscribePacket().Write(writer, V311));
    }

    private static UnsubscribePacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = UnsubscribePacket.TryDecode(Wire.Read(notation), version, out UnsubscribePacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
