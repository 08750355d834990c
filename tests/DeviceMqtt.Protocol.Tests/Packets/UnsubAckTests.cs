using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>UNSUBACK (5.0, 3.11).</summary>
[TestClass]
public sealed class UnsubAckTests
{
    [DecodeTest]
    [DataRow(V31)]
    [DataRow(V311)]
    public void UNSUBACK_Received_BeforeV5_OnlyThePacketId(ProtocolVersion version)
    {
        UnsubAckPacket packet = Decode("B0 02 00 0A", version);
        Assert.AreEqual(10, packet.PacketId);
        Assert.IsEmpty(packet.ReasonCodes);
    }

    [DecodeTest]
    public void UNSUBACK_Received_V5_Decoded()
    {
        UnsubAckPacket packet = Decode("B0 : 00 0A 04 1F <x> 00 11 87", V5);
        Assert.AreEqual("x", packet.ReasonString);
        CollectionAssert.AreEqual(new[] { ReasonCode.Success, ReasonCode.NoSubscriptionExisted, ReasonCode.NotAuthorized }, packet.ReasonCodes.ToArray());
    }

    [TestMethod]
    public void UNSUBACK_Sent_ExactBytes()
    {
        var packet = new UnsubAckPacket { PacketId = 3, ReasonCodes = [ReasonCode.Success, ReasonCode.NoSubscriptionExisted] };
        Wire.Writes("B0 05 00 03 00 00 11", writer => packet.Write(writer, V5));
        Wire.Writes("B0 02 00 03", writer => packet.Write(writer, V311));
    }

    [TestMethod]
    public void UNSUBACK_Sent_WithoutCodeInV5OrPacketId_IsOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<InvalidOperationException>(() => new UnsubAckPacket { PacketId = 1 }.Write(writer, V5));
        Assert.ThrowsExactly<ArgumentException>(() => new UnsubAckPacket().Write(writer, V311));
    }

    private static UnsubAckPacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = UnsubAckPacket.TryDecode(Wire.Read(notation), version, out UnsubAckPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
