using System.Buffers;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>SUBACK (5.0, 3.9).</summary>
[TestClass]
public sealed class SubAckTests
{
    [DecodeTest]
    public void SUBACK_Received_V311_Decoded()
    {
        SubAckPacket packet = Decode("90 06 00 0A 00 01 02 80", V311);
        Assert.AreEqual(10, packet.PacketId);
        CollectionAssert.AreEqual(
            new[] { ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.UnspecifiedError }, packet.ReasonCodes.ToArray());
    }

    [DecodeTest]
    public void SUBACK_Received_V5_Decoded()
    {
        SubAckPacket packet = Decode("90 : 00 0A 0B 1F <x> 26 <k> <v> 02 87", V5);
        Assert.AreEqual("x", packet.ReasonString);
        Assert.AreEqual(new UserProperty("k", "v"), packet.UserProperties.Single());
        CollectionAssert.AreEqual(new[] { ReasonCode.GrantedQoS2, ReasonCode.NotAuthorized }, packet.ReasonCodes.ToArray());
    }

    [TestMethod]
    public void SUBACK_Sent_ExactBytes()
    {
        var packet = new SubAckPacket { PacketId = 3, ReasonCodes = [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized], ReasonString = "x" };
        Wire.Writes("90 : 00 03 04 1F <x> 01 87", writer => packet.Write(writer, V5));
        Wire.Writes("90 04 00 03 01 80", writer => packet.Write(writer, V311)); // 0x80 is the only failure 3.1.1 knows
    }

    [TestMethod]
    public void SUBACK_Sent_WithoutCodeOrPacketId_IsOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<InvalidOperationException>(() => new SubAckPacket { PacketId = 1 }.Write(writer, V311));
        Assert.ThrowsExactly<ArgumentException>(() => new SubAckPacket { ReasonCodes = [ReasonCode.Success] }.Write(writer, V311));
    }

    private static SubAckPacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = SubAckPacket.TryDecode(Wire.Read(notation), version, out SubAckPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
