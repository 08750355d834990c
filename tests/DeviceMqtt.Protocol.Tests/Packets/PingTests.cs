using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>PINGREQ and PINGRESP (5.0, 3.12 and 3.13).</summary>
[TestClass]
public sealed class PingTests
{
    [TestMethod]
    public void PING_Sent_ExactBytes()
    {
        Assert.AreEqual("C0 00", Bytes.Hex(PingPackets.PingReq));
        Assert.AreEqual("D0 00", Bytes.Hex(PingPackets.PingResp));
    }

    [DecodeTest]
    [DataRow("C0 00", PacketType.PingReq)]
    [DataRow("D0 00", PacketType.PingResp)]
    public void PING_Received_Decoded(string packet, PacketType type)
    {
        foreach (ProtocolVersion version in All)
        {
            Frame frame = Wire.Read(packet);
            Assert.AreEqual(type, frame.Type);
            Assert.IsTrue(PingPackets.TryDecode(frame, version, out MalformedReason reason));
            Assert.AreEqual(MalformedReason.None, reason);
        }
    }

    [DecodeTest]
    public void PING_Received_OtherPacket_IsRefused()
    {
        Assert.IsFalse(PingPackets.TryDecode(Wire.Read("E0 00"), V311, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.UnexpectedPacketType, reason);
    }
}
