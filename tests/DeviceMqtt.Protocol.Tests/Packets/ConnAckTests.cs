using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>CONNACK (5.0, 3.2).</summary>
[TestClass]
public sealed class ConnAckTests
{
    [DecodeTest]
    [DataRow("20 02 00 00", false, (byte)0)]
    [DataRow("20 02 01 00", true, (byte)0)]
    [DataRow("20 02 00 05", false, (byte)ConnectReturnCode.NotAuthorized)]
    public void CONNACK_Received_V311_Decoded(string bytes, bool sessionPresent, byte code)
    {
        ConnAckPacket packet = Decode(bytes, V311);
        Assert.AreEqual(sessionPresent, packet.SessionPresent);
        Assert.AreEqual(code, packet.Code);
        Assert.IsNull(packet.Properties);
    }

    [DecodeTest]
    public void CONNACK_Received_V31_FirstByteIsNotUsed() => Assert.IsFalse(Decode("20 02 FF 00", V31).SessionPresent);

    [DecodeTest]
    public void CONNACK_Received_V5_NoProperties_HasDefaults()
    {
        ConnAckProperties? properties = Decode("20 03 00 00 00", V5).Properties;
        Assert.IsNotNull(properties);
        Assert.IsNull(properties.SessionExpirySeconds);
        Assert.AreEqual(65_535, properties.ReceiveMaximum);
        Assert.AreEqual(QoS.ExactlyOnce, properties.MaximumQoS);
        Assert.IsTrue(properties.RetainAvailable);
        Assert.IsTrue(properties.WildcardSubscriptionAvailable);
        Assert.IsTrue(properties.SubscriptionIdentifierAvailable);
        Assert.IsTrue(properties.SharedSubscriptionAvailable);
        Assert.IsNull(properties.ServerKeepAliveSeconds);
    }

    [DecodeTest]
    public void CONNACK_Received_V5_AllProperties_Decoded()
    {
        const string All = "11 00 00 00 01 21 00 02 24 01 25 00 27 00 00 00 03 12 <id> 22 00 04 1F <why> 26 <k> <v> 28 00 29 00 2A 00 13 00 05 "
            + "1A <ri> 1C <srv> 15 <am> 16 00 01 FF";
        int length = Bytes.Of(All).Length;
        ConnAckPacket packet = Decode($"20 : 01 00 {length:X2} {All}", V5);
        ConnAckProperties properties = packet.Properties!;
        Assert.IsTrue(packet.SessionPresent);
        Assert.AreEqual(1u, properties.SessionExpirySeconds);
        Assert.AreEqual(2, properties.ReceiveMaximum);
        Assert.AreEqual(QoS.AtLeastOnce, properties.MaximumQoS);
        Assert.IsFalse(properties.RetainAvailable);
        Assert.AreEqual(3u, properties.MaximumPacketSize);
        Assert.AreEqual("id", properties.AssignedClientId);
        Assert.AreEqual(4, properties.TopicAliasMaximum);
        Assert.AreEqual("why", properties.ReasonString);
        Assert.AreEqual(new UserProperty("k", "v"), properties.UserProperties.Single());
        Assert.IsFalse(properties.WildcardSubscriptionAvailable);
        Assert.IsFalse(properties.SubscriptionIdentifierAvailable);
        Assert.IsFalse(properties.SharedSubscriptionAvailable);
        Assert.AreEqual((ushort)5, properties.ServerKeepAliveSeconds);
        Assert.AreEqual("ri", properties.ResponseInformation);
        Assert.AreEqual("srv", properties.ServerReference);
        Assert.AreEqual("am", properties.AuthenticationMethod);
        Assert.AreEqual("FF", Bytes.Hex(properties.AuthenticationData));
        Wire.Writes($"20 : 01 00 {length:X2} {All}", writer => packet.Write(writer, V5));
    }

    [TestMethod]
    public void CONNACK_Sent_ExactBytes()
    {
        Wire.Writes("20 02 01 00", writer => new ConnAckPacket { SessionPresent = true }.Write(writer, V311));
        Wire.Writes("20 02 00 00", writer => new ConnAckPacket { SessionPresent = true }.Write(writer, V31)); // 3.1 has no such bit
        Wire.Writes("20 02 00 04", writer => new ConnAckPacket { Code = (byte)ConnectReturnCode.BadUserNameOrPassword }.Write(writer, V311));
        Wire.Writes("20 03 01 00 00", writer => new ConnAckPacket { SessionPresent = true }.Write(writer, V5));
        Wire.Writes("20 03 00 85 00", writer => new ConnAckPacket { Code = (byte)ReasonCode.ClientIdentifierNotValid }.Write(writer, V5));
    }

    private static ConnAckPacket Decode(string notation, ProtocolVersion version)
    {
        bool decoded = ConnAckPacket.TryDecode(Wire.Read(notation), version, out ConnAckPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        return packet!;
    }
}
