using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>DISCONNECT (5.0, 3.14).</summary>
[TestClass]
public sealed class DisconnectTests
{
    [DecodeTest]
    public void DISCONNECT_Received_Empty_IsNormalInEveryVersion()
    {
        foreach (ProtocolVersion version in All)
            Assert.AreEqual(ReasonCode.Success, Decode("E0 00", version).ReasonCode);
    }

    [DecodeTest]
    [DataRow("E0 01 04")]
    [DataRow("E0 02 04 00")]
    public void DISCONNECT_Received_V5_WithoutProperties_Decoded(string packet) =>
        Assert.AreEqual(ReasonCode.DisconnectWithWillMessage, Decode(packet, V5).ReasonCode);

    [DecodeTest]
    public void DISCONNECT_Received_V5_AllProperties_Decoded()
    {
        const string Packet = "E0 : 9C 14 11 00 00 00 05 1F <x> 26 <k> <v> 1C <s>";
        DisconnectPacket packet = Decode(Packet, V5);
        Assert.AreEqual(ReasonCode.UseAnotherServer, packet.ReasonCode);
        Assert.AreEqual(5u, packet.SessionExpirySeconds);
        Assert.AreEqual("x", packet.ReasonString);
        Assert.AreEqual(new UserProperty("k", "v"), packet.UserProperties.Single());
        Assert.AreEqual("s", packet.ServerReference);
        Wire.Writes(Packet, writer => packet.Write(writer, V5));
    }

    [TestMethod]
    public void DISCONNECT_Sent_ExactBytes()
    {
        Assert.AreEqual("E0 00", Bytes.Hex(DisconnectPacket.Normal));
        Wire.Writes("E0 00", writer => new DisconnectPacket().Write(writer, V5));
        Wire.Writes("E0 01 8E", writer => new DisconnectPacket { ReasonCode = ReasonCode.SessionTakenOver }.Write(writer, V5));
        Wire.Writes("E0 : 00 05 11 00 00 00 00", writer => new DisconnectPacket { SessionExpirySeconds = 0 }.Write(writer, V5));
        Wire.Writes("E0 00", writer => new DisconnectPacket { ReasonCode = ReasonCode.SessionTakenOver }.Write(writer, V311));
    }

    private static DisconnectPacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = DisconnectPacket.TryDecode(Wire.Read(notation), version, out DisconnectPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
