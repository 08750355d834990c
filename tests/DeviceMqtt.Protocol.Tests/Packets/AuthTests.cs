using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>AUTH (5.0, 3.15).</summary>
[TestClass]
public sealed class AuthTests
{
    [DecodeTest]
    public void AUTH_Received_Everything_Decoded()
    {
        const string Packet = "F0 : 18 17 15 <SCRAM> 16 00 01 FF 1F <x> 26 <k> <v>";
        AuthPacket packet = Decode(Packet);
        Assert.AreEqual(ReasonCode.ContinueAuthentication, packet.ReasonCode);
        Assert.AreEqual("SCRAM", packet.AuthenticationMethod);
        Assert.AreEqual("FF", Bytes.Hex(packet.AuthenticationData));
        Assert.AreEqual("x", packet.ReasonString);
        Assert.AreEqual(new UserProperty("k", "v"), packet.UserProperties.Single());
        Wire.Writes(Packet, packet.Write);
    }

    [DecodeTest]
    public void AUTH_Received_Empty_IsSuccess()
    {
        AuthPacket packet = Decode("F0 00");
        Assert.AreEqual(ReasonCode.Success, packet.ReasonCode);
        Assert.IsNull(packet.AuthenticationMethod);
        Wire.Writes("F0 00", packet.Write);
    }

    [DecodeTest]
    public void AUTH_Received_BeforeV5_IsRefused()
    {
        Wire.Refuses("F0 00", V311, MalformedReason.PacketNotInVersion);
        Wire.Refuses("F0 00", V31, MalformedReason.PacketNotInVersion);
    }

    private static AuthPacket Decode(string notation)
    {
        bool decoded = AuthPacket.TryDecode(Wire.Read(notation), V5, out AuthPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
