using System.Buffers;
using System.Runtime.InteropServices;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>CONNECT (5.0, 3.1; 3.1.1, 3.1; 3.1, 3.1).</summary>
[TestClass]
public sealed class ConnectTests
{
    [DecodeTest]
    public void CONNECT_Received_V311_Smallest_Decoded()
    {
        ConnectPacket packet = Decode("10 0C 00 04 'MQTT' 04 02 00 3C 00 00");
        Assert.AreEqual(V311, packet.Version);
        Assert.AreEqual("", packet.ClientId);
        Assert.IsTrue(packet.CleanStart);
        Assert.AreEqual(60, packet.KeepAliveSeconds);
        Assert.IsNull(packet.UserName);
        Assert.IsNull(packet.Password);
        Assert.IsNull(packet.Will);
        Assert.AreSame(ConnectProperties.Default, packet.Properties);
    }

    [DecodeTest]
    public void CONNECT_Received_V311_Everything_Decoded()
    {
        ConnectPacket packet = Decode("10 : <MQTT> 04 EE FF FF <id> <w/t> 00 02 00 FF <us\u00e9r> 00 03 01 00 02");
        Assert.AreEqual("id", packet.ClientId);
        Assert.IsTrue(packet.CleanStart);
        Assert.AreEqual(65_535, packet.KeepAliveSeconds);
        Assert.AreEqual("us\u00e9r", packet.UserName);
        Assert.AreEqual("01 00 02", Bytes.Hex(packet.Password));
        Assert.IsNotNull(packet.Will);
        Assert.AreEqual("w/t", packet.Will.Topic);
        Assert.AreEqual("00 FF", Bytes.Hex(packet.Will.Payload));
        Assert.AreEqual(QoS.AtLeastOnce, packet.Will.QoS);
        Assert.IsTrue(packet.Will.Retain);
        Assert.AreSame(WillProperties.Default, packet.Will.Properties);
    }

    [DecodeTest]
    public void CONNECT_Received_V31_Decoded()
    {
        ConnectPacket packet = Decode("10 : <MQIsdp> 03 00 00 0A <a-client-identifier-over-23-characters>");
        Assert.AreEqual(V31, packet.Version);
        Assert.AreEqual("a-client-identifier-over-23-characters", packet.ClientId);
        Assert.IsFalse(packet.CleanStart);
    }

    [DecodeTest]
    [DataRow("12 : <MQIsdp> 03 02 00 0A <a>")] // librabbitmq sends QoS 1 in the fixed header of a 3.1 CONNECT
    [DataRow("10 : <MQIsdp> 03 03 00 0A <a>")] // the reserved bit is only "unused"
    [DataRow("10 : <MQIsdp> 03 3A 00 0A <a>")] // Will QoS and Will Retain without a Will are ignored
    [DataRow("10 : <MQIsdp> 03 C2 00 0A <a>")] // flags for user name and password, and neither there
    [DataRow("10 : <MQIsdp> 03 42 00 0A <a> <p>")] // a password alone
    public void CONNECT_Received_V31_LaxerThan311(string packet) => Assert.AreEqual("a", Decode(packet).ClientId);

    [DecodeTest]
    public void CONNECT_Received_V31_UserNameWithoutThePasswordItsFlagPromises_IsAllowed()
    {
        ConnectPacket packet = Decode("10 : <MQIsdp> 03 C2 00 0A <a> <u>");
        Assert.AreEqual("u", packet.UserName);
        Assert.IsNull(packet.Password);
    }

    [DecodeTest]
    public void CONNECT_Received_EmptyUserNameAndPassword_AreThere()
    {
        ConnectPacket packet = Decode("10 : <MQTT> 04 C2 00 0A <a> <> <>");
        Assert.AreEqual("", packet.UserName);
        Assert.IsNotNull(packet.Password);
        Assert.IsEmpty(packet.Password);
    }

    [DecodeTest]
    public void CONNECT_Received_V5_NoProperties_HasDefaults()
    {
        ConnectPacket packet = Decode("10 : <MQTT> 05 00 00 3C 00 <a>");
        Assert.AreEqual(V5, packet.Version);
        Assert.IsNull(packet.Properties.SessionExpirySeconds);
        Assert.AreEqual(65_535, packet.Properties.ReceiveMaximum);
        Assert.IsNull(packet.Properties.MaximumPacketSize);
        Assert.AreEqual(0, packet.Properties.TopicAliasMaximum);
        Assert.IsFalse(packet.Properties.RequestResponseInformation);
        Assert.IsTrue(packet.Properties.RequestProblemInformation);
        Assert.IsEmpty(packet.Properties.UserProperties);
        Assert.IsNull(packet.Properties.AuthenticationMethod);
    }

    [DecodeTest]
    public void CONNECT_Received_V5_AllProperties_Decoded()
    {
        ConnectPacket packet = Decode(
            "10 : <MQTT> 05 02 00 3C 2E 11 00 00 00 78 21 00 14 27 00 01 00 00 22 00 0A 19 01 17 00 26 <k> <v> 26 <k> <w> 15 <SCRAM> 16 00 01 FF <a>");
        ConnectProperties properties = packet.Properties;
        Assert.AreEqual(120u, properties.SessionExpirySeconds);
        Assert.AreEqual(20, properties.ReceiveMaximum);
        Assert.AreEqual(65_536u, properties.MaximumPacketSize);
        Assert.AreEqual(10, properties.TopicAliasMaximum);
        Assert.IsTrue(properties.RequestResponseInformation);
        Assert.IsFalse(properties.RequestProblemInformation);
        CollectionAssert.AreEqual(new[] { new UserProperty("k", "v"), new UserProperty("k", "w") }, properties.UserProperties.ToArray());
        Assert.AreEqual("SCRAM", properties.AuthenticationMethod);
        Assert.AreEqual("FF", Bytes.Hex(properties.AuthenticationData));
    }

    [DecodeTest]
    [DataRow("0B 18 00 00 00 05 01 01 03 <c>", 5u, "01 01 03 00 01 63")]
    [DataRow("0B 01 01 18 00 00 00 05 03 <c>", 5u, "01 01 03 00 01 63")]
    [DataRow("0B 01 01 03 <c> 18 00 00 00 05", 5u, "01 01 03 00 01 63")]
    [DataRow("05 18 FF FF FF FF", uint.MaxValue, "")]
    [DataRow("02 01 00", 0u, "01 00")]
    public void CONNECT_Received_V5_WillProperties_DelayApartFromThoseOfThePublish(string properties, uint delaySeconds, string publishProperties)
    {
        ConnectPacket packet = Decode($"10 : <MQTT> 05 06 00 3C 00 <a> {properties} <w> 00 01 78");
        Assert.IsNotNull(packet.Will);
        Assert.AreEqual(delaySeconds, packet.Will.Properties.DelaySeconds);
        Assert.AreEqual(publishProperties, Bytes.Hex(packet.Will.Properties.PublishProperties));
        Assert.AreEqual("78", Bytes.Hex(packet.Will.Payload));
    }

    [DecodeTest]
    public void CONNECT_Received_V5_PasswordWithoutUserName_IsAllowed()
    {
        ConnectPacket packet = Decode("10 : <MQTT> 05 42 00 3C 00 <a> <token>");
        Assert.IsNull(packet.UserName);
        Assert.AreEqual("74 6F 6B 65 6E", Bytes.Hex(packet.Password));
    }

    [DecodeTest]
    [DataRow("10 : <MQTT> 06 02 00 3C <a>", (byte)6)]
    [DataRow("10 : <MQTT> 85 02 00 3C 00 <a>", (byte)0x85)] // the mark of a bridge is one of 3.x
    [DataRow("10 : <MQIsdp> 04 02 00 3C <a>", (byte)4)]
    [DataRow("10 : <MQTT> 03 02 00 3C <a>", (byte)3)]
    public void CONNECT_Received_UnknownLevel_IsToldApartWithItsLevel(string packet, byte level)
    {
        Wire.Refuses(packet, V311, MalformedReason.ProtocolLevelUnsupported);
        Assert.IsTrue(ConnectPacket.TryReadProtocolLevel(Wire.Read(packet), out byte actual));
        Assert.AreEqual(level, actual);
    }

    [DecodeTest]
    [DataRow("10 : <MQTT> 84 02 00 3C <a>", ProtocolVersion.V311)]
    [DataRow("10 : <MQIsdp> 83 02 00 3C <a>", ProtocolVersion.V31)]
    public void CONNECT_Received_BridgeBit_IsABridge(string notation, ProtocolVersion version)
    {
        ConnectPacket packet = Decode(notation);
        Assert.IsTrue(packet.IsBridge);
        Assert.AreEqual(version, packet.Version);
        Assert.IsFalse(Decode("10 : <MQTT> 04 02 00 3C <a>").IsBridge);
    }

    [TestMethod]
    public void CONNECT_Sent_Bridge_SetsTheTopBitOfTheLevel() =>
        Wire.Writes("10 0D <MQTT> 84 02 00 3C 00 01 'a'", new ConnectPacket { ClientId = "a", KeepAliveSeconds = 60, IsBridge = true }.Write);

    [DecodeTest]
    public void CONNECT_Received_Malformed_ItsLevelIsStillKnown()
    {
        Assert.IsTrue(ConnectPacket.TryReadProtocolLevel(Wire.Read("10 : <MQTT> 05 FF"), out byte level));
        Assert.AreEqual(5, level);
        Assert.IsFalse(ConnectPacket.TryReadProtocolLevel(Wire.Read("10 : <HTTP> 05"), out _));
        Assert.IsFalse(ConnectPacket.TryReadProtocolLevel(Wire.Read("10 : <MQTT>"), out _));
    }

    [TestMethod]
    public void CONNECT_Sent_V311_ExactBytes() =>
        Wire.Writes("10 0D <MQTT> 04 02 00 3C 00 01 'a'", new ConnectPacket { ClientId = "a", KeepAliveSeconds = 60 }.Write);

    [TestMethod]
    public void CONNECT_Sent_V31_ExactBytes() => Wire.Writes(
        "10 : <MQIsdp> 03 F4 00 00 <a> <w> 00 01 78 <u> <p>",
        new ConnectPacket
        {
            Version = V31,
            ClientId = "a",
            CleanStart = false,
            UserName = "u",
            Password = "p"u8.ToArray(),
            Will = new WillMessage { Topic = "w", Payload = "x"u8.ToArray(), QoS = QoS.ExactlyOnce, Retain = true },
        }.Write);

    [TestMethod]
    public void CONNECT_Sent_V5_DefaultsAreLeftOut() =>
        Wire.Writes("10 : <MQTT> 05 06 00 00 00 <> 00 <w> 00 00", new ConnectPacket { Version = V5, Will = new WillMessage { Topic = "w" } }.Write);

    [TestMethod]
    public void CONNECT_Sent_V5_PropertiesAndWillProperties_ExactBytes() => Wire.Writes(
        "10 : <MQTT> 05 06 00 00 08 11 00 00 00 0A 21 00 05 <a> 07 18 00 00 00 03 01 01 <w> 00 00",
        new ConnectPacket
        {
            Version = V5,
            ClientId = "a",
            Properties = new ConnectProperties { SessionExpirySeconds = 10, ReceiveMaximum = 5 },
            Will = new WillMessage { Topic = "w", Properties = new WillProperties { DelaySeconds = 3, PublishProperties = [1, 1] } },
        }.Write);

    [TestMethod]
    public void CONNECT_Sent_V311_PasswordWithoutUserName_IsOurBug() => Assert.ThrowsExactly<InvalidOperationException>(
        () => new ConnectPacket { Password = [1] }.Write(new ArrayBufferWriter<byte>()));

    [TestMethod]
    public void CONNECT_Sent_ClientIdThatUtf8CannotSay_IsOurBug()
    {
        foreach (string clientId in new[] { "a\0b", "\ud800", "\udc00\ud800", "a\udc00" })
            Assert.ThrowsExactly<ArgumentException>(() => new ConnectPacket { ClientId = clientId }.Write(new ArrayBufferWriter<byte>()), Bytes.Hex(MemoryMarshal.AsBytes<char>(clientId)));
    }

    [TestMethod]
    public void CONNECT_Sent_FieldsOver65535Bytes_AreOurBug()
    {
        var writer = new ArrayBufferWriter<byte>();
        Assert.ThrowsExactly<ArgumentException>(() => new ConnectPacket { ClientId = new string('\u20ac', 21_846) }.Write(writer));
        Assert.ThrowsExactly<ArgumentException>(() => new ConnectPacket { UserName = "u", Password = new byte[65_536] }.Write(writer));
        new ConnectPacket { ClientId = new string('\u20ac', 21_845) }.Write(writer);
        Assert.AreEqual(1 + 3 + 10 + 2 + 65_535, writer.WrittenCount);
    }

    [TestMethod]
    public void CONNECT_Sent_AfterOneThatFailed_IsNotMixedWithIt()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new ConnectPacket { ClientId = "\ud800" }.Write(new ArrayBufferWriter<byte>()));
        CONNECT_Sent_V311_ExactBytes();
    }

    private static ConnectPacket Decode(string notation)
    {
        bool decoded = ConnectPacket.TryDecode(Wire.Read(notation), out ConnectPacket? packet, out MalformedReason reason);
        Assert.IsTrue(decoded, reason.ToText());
        Assert.AreEqual(MalformedReason.None, reason);
        return packet!;
    }
}
