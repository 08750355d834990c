using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>Every packet a connected client may not send: one reason in the log and the counter, and for 5.0 the reason code of the specification.</summary>
[TestClass]
internal sealed class MalformedPacketTests
{
    private const ProtocolVersion V311 = ProtocolVersion.V311;
    private const ProtocolVersion V5 = ProtocolVersion.V5;
    private const CloseReason Malformed = CloseReason.MalformedPacket;
    private const CloseReason Protocol = CloseReason.ProtocolError;

    [TestMethod]
    [DataRow("00 00", V311, Malformed, null, DisplayName = "packet type 0")]
    [DataRow("00 00", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "packet type 0 (5.0)")]
    [DataRow("30 FF FF FF FF 7F", V311, Malformed, null, DisplayName = "remaining length of five bytes")]
    [DataRow("30 FF FF FF FF 7F", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "remaining length of five bytes (5.0)")]
    [DataRow("C0 80 00", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "remaining length not in its shortest form (5.0)")]
    [DataRow("C1 00", V311, Malformed, null, DisplayName = "PINGREQ with reserved flags")]
    [DataRow("C0:00", V311, Malformed, null, DisplayName = "PINGREQ with a body")]
    [DataRow("F0 00", V311, Protocol, null, DisplayName = "AUTH, which 3.1.1 does not have")]
    [DataRow("F0 00", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "AUTH without an authentication method in CONNECT (5.0)")]
    [DataRow("20 02 00 00", V311, Protocol, null, DisplayName = "CONNACK")]
    [DataRow("20 03 00 00 00", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "CONNACK (5.0)")]
    [DataRow("90:0001 00", V311, Protocol, null, DisplayName = "SUBACK")]
    [DataRow("B0:0001", V311, Protocol, null, DisplayName = "UNSUBACK")]
    [DataRow("D0 00", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "PINGRESP (5.0)")]
    public Task Packet_Received_NotForAClientToSend_ConnectionClosed(string packet, ProtocolVersion version, CloseReason reason, ReasonCode? disconnect) =>
        ExpectCloseAsync(packet, version, reason, disconnect);

    [TestMethod]
    [DataRow("36:<t> 0001 'x'", V311, Malformed, null, DisplayName = "QoS 3")]
    [DataRow("36:<t> 0001 00 'x'", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "QoS 3 (5.0)")]
    [DataRow("38:<t> 'x'", V311, Malformed, null, DisplayName = "DUP at QoS 0")]
    [DataRow("38:<t> 00 'x'", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "DUP at QoS 0 (5.0)")]
    [DataRow("32:<t> 0000 'x'", V311, Malformed, null, DisplayName = "Packet Identifier 0")]
    [DataRow("34:<t> 0000 00 'x'", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "Packet Identifier 0 (5.0)")]
    [DataRow("30:<>", V311, Malformed, null, DisplayName = "empty topic")]
    [DataRow("30:<> 00", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "empty topic without an alias (5.0)")]
    [DataRow("30:<a/+>", V311, CloseReason.TopicNameInvalid, null, DisplayName = "+ in the topic")]
    [DataRow("30:<#> 00", V5, CloseReason.TopicNameInvalid, ReasonCode.TopicNameInvalid, DisplayName = "# in the topic (5.0)")]
    [DataRow("30:0002 C328", V311, CloseReason.TopicNameInvalid, null, DisplayName = "topic is no UTF-8")]
    [DataRow("30:0003 'a' 00 'b'", V311, CloseReason.TopicNameInvalid, null, DisplayName = "U+0000 in the topic")]
    [DataRow("30:0005 't'", V311, Malformed, null, DisplayName = "topic longer than the packet")]
    [DataRow("32:<t> 00", V311, Malformed, null, DisplayName = "half a Packet Identifier")]
    [DataRow("30:<t> 03 23 0000", V5, Malformed, ReasonCode.TopicAliasInvalid, DisplayName = "alias 0 (5.0)")]
    [DataRow("30:<> 03 23 0009", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "alias never defined (5.0)")]
    [DataRow("30:<t> 03 23 0041", V5, Protocol, ReasonCode.TopicAliasInvalid, DisplayName = "alias above the maximum (5.0)")]
    [DataRow("30:<t> 02 0B 07", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "Subscription Identifier from a client (5.0)")]
    [DataRow("30:<t> 04 01 01 01 01", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "property twice (5.0)")]
    [DataRow("30:<t> 02 01 02", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "payload format 2 (5.0)")]
    [DataRow("30:<t> 05 11 00000001", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "property of CONNECT in PUBLISH (5.0)")]
    [DataRow("30:<t> 02 7E 00", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "unknown property (5.0)")]
    [DataRow("30:<t> 04 08 <+>", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "wildcard in the response topic (5.0)")]
    [DataRow("30:<t> 7F 01", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "property length beyond the packet (5.0)")]
    public Task PUBLISH_Received_Wrong_ConnectionClosed(string packet, ProtocolVersion version, CloseReason reason, ReasonCode? disconnect) =>
        ExpectCloseAsync(packet, version, reason, disconnect);

    [TestMethod]
    [DataRow("80:0001 <t> 00", V311, Malformed, null, DisplayName = "SUBSCRIBE with reserved flags 0")]
    [DataRow("80:0001 00 <t> 00", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "SUBSCRIBE with reserved flags 0 (5.0)")]
    [DataRow("82:0001", V311, Malformed, null, DisplayName = "SUBSCRIBE without a filter")]
    [DataRow("82:0001 00", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "SUBSCRIBE without a filter (5.0)")]
    [DataRow("82:0000 <t> 00", V311, Malformed, null, DisplayName = "SUBSCRIBE with Packet Identifier 0")]
    [DataRow("82:0001 <t> 03", V311, Malformed, null, DisplayName = "SUBSCRIBE with QoS 3")]
    [DataRow("82:0001 00 <t> 03", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "SUBSCRIBE with QoS 3 (5.0)")]
    [DataRow("82:0001 <t> 04", V311, Malformed, null, DisplayName = "SUBSCRIBE with reserved option bits")]
    [DataRow("82:0001 00 <t> 40", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "SUBSCRIBE with reserved option bits (5.0)")]
    [DataRow("82:0001 00 <t> 30", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "SUBSCRIBE with Retain Handling 3 (5.0)")]
    [DataRow("82:0001 00 <$share/g/t> 04", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "No Local on a shared subscription (5.0)")]
    [DataRow("82:0001 02 0B 00 <t> 00", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "Subscription Identifier 0 (5.0)")]
    [DataRow("82:0001 <a/#/b> 00", V311, Malformed, null, DisplayName = "# not last")]
    [DataRow("82:0001 00 <a+> 00", V5, Malformed, ReasonCode.TopicFilterInvalid, DisplayName = "+ not alone (5.0)")]
    [DataRow("82:0001 00 <$share/g> 00", V5, Malformed, ReasonCode.TopicFilterInvalid, DisplayName = "share without a filter (5.0)")]
    [DataRow("82:0001 <> 00", V311, Malformed, null, DisplayName = "empty filter")]
    [DataRow("82:0001 <t>", V311, Malformed, null, DisplayName = "SUBSCRIBE without options")]
    [DataRow("A0:0001 <t>", V311, Malformed, null, DisplayName = "UNSUBSCRIBE with reserved flags 0")]
    [DataRow("A2:0001", V311, Malformed, null, DisplayName = "UNSUBSCRIBE without a filter")]
    [DataRow("A2:0001 00", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "UNSUBSCRIBE without a filter (5.0)")]
    [DataRow("A2:0000 <t>", V311, Malformed, null, DisplayName = "UNSUBSCRIBE with Packet Identifier 0")]
    public Task SUBSCRIBE_Received_Wrong_ConnectionClosed(string packet, ProtocolVersion version, CloseReason reason, ReasonCode? disconnect) =>
        ExpectCloseAsync(packet, version, reason, disconnect);

    [TestMethod]
    [DataRow("40:0000", V311, Malformed, null, DisplayName = "PUBACK with Packet Identifier 0")]
    [DataRow("40:0000", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "PUBACK with Packet Identifier 0 (5.0)")]
    [DataRow("42:0001", V311, Malformed, null, DisplayName = "PUBACK with reserved flags")]
    [DataRow("40:0001 00", V311, Malformed, null, DisplayName = "PUBACK with a reason code, which 3.1.1 does not have")]
    [DataRow("40:0001 04", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "PUBACK with a code of DISCONNECT (5.0)")]
    [DataRow("50:00", V311, Malformed, null, DisplayName = "PUBREC too short")]
    [DataRow("60:0001", V311, Malformed, null, DisplayName = "PUBREL with reserved flags 0")]
    [DataRow("60:0001", V5, Malformed, ReasonCode.MalformedPacket, DisplayName = "PUBREL with reserved flags 0 (5.0)")]
    [DataRow("62:0000", V311, Malformed, null, DisplayName = "PUBREL with Packet Identifier 0")]
    [DataRow("70:0001 00 01", V311, Malformed, null, DisplayName = "PUBCOMP too long")]
    [DataRow("E1 00", V311, Malformed, null, DisplayName = "DISCONNECT with reserved flags")]
    [DataRow("E0:00", V311, Malformed, null, DisplayName = "DISCONNECT with a reason code, which 3.1.1 does not have")]
    [DataRow("E0:01", V5, Malformed, ReasonCode.ProtocolError, DisplayName = "DISCONNECT with a code of SUBACK (5.0)")]
    [DataRow("E0:00 05 11 0000003C", V5, Protocol, ReasonCode.ProtocolError, DisplayName = "DISCONNECT that makes a Session of one that had none (5.0)")]
    public Task Ack_Received_Wrong_ConnectionClosed(string packet, ProtocolVersion version, CloseReason reason, ReasonCode? disconnect) =>
        ExpectCloseAsync(packet, version, reason, disconnect);

    [TestMethod]
    [DataRow("10:<MQTT> 05 03 0000 00 <x>", ReasonCode.MalformedPacket, DisplayName = "reserved connect flag")]
    [DataRow("10:<MQTT> 05 02 0000 03 21 0000 <x>", ReasonCode.ProtocolError, DisplayName = "Receive Maximum 0")]
    [DataRow("10:<MQTT> 05 02 0000 05 27 00000000 <x>", ReasonCode.ProtocolError, DisplayName = "Maximum Packet Size 0")]
    [DataRow("10:<MQTT> 05 02 0000 04 16 0001 00 <x>", ReasonCode.ProtocolError, DisplayName = "authentication data without a method")]
    [DataRow("10:<MQTT> 05 06 0000 00 <x> 00 <a/#> <gone>", ReasonCode.TopicNameInvalid, DisplayName = "wildcard in the Will topic")]
    [DataRow("10:<MQTT> 05 1E 0000 00 <x> 00 <t> <gone>", ReasonCode.MalformedPacket, DisplayName = "Will QoS 3")]
    [DataRow("10:<MQTT> 05 02 0000 00 <x> 00", ReasonCode.MalformedPacket, DisplayName = "surplus bytes")]
    [DataRow("12:<MQTT> 05 02 0000 00 <x>", ReasonCode.MalformedPacket, DisplayName = "reserved flags")]
    public async Task CONNECT_Received_V5Wrong_AnsweredAndClosed(string packet, ReasonCode code) // section 3.1.4
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open(V5);
        await client.SendAsync(Packet.Of(packet));
        ConnAckPacket connAck = await client.ReceiveConnAckAsync();
        Assert.AreEqual(code, (ReasonCode)connAck.Code);
        Assert.IsFalse(connAck.SessionPresent);
        await client.ExpectCloseAsync(Malformed);
    }

    [TestMethod]
    [DataRow("10:<MQTT> 04 03 0000 <x>", DisplayName = "reserved connect flag")]
    [DataRow("10:<MQTT> 04 42 0000 <x> <secret>", DisplayName = "password without a user name")]
    [DataRow("10:<MQTT> 04 02 0000", DisplayName = "no Client Identifier")]
    [DataRow("10:<MQTT> 04 02 0000 0002 C328", DisplayName = "Client Identifier that is no UTF-8")]
    [DataRow("10:<MQTT> 04", DisplayName = "nothing behind the level")]
    [DataRow("10:00", DisplayName = "not even a protocol name")]
    public async Task CONNECT_Received_V311Wrong_ClosedWithoutAnswer(string packet) // section 4.8
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(Packet.Of(packet));
        await client.ExpectCloseAsync(Malformed);
    }

    private static async Task ExpectCloseAsync(string packet, ProtocolVersion version, CloseReason reason, ReasonCode? disconnect)
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient bystander = await gateway.ConnectAsync("bystander");
        TestClient client = await gateway.ConnectAsync("client", version);
        // What was sound before is handled, what comes behind is not looked at.
        await client.SendAsync([.. PingPackets.PingReq, .. Packet.Of(packet), .. PingPackets.PingReq]);
        Assert.AreEqual(PacketType.PingResp, (await client.ReceiveAsync()).Type);
        await client.ExpectCloseAsync(reason, disconnect);
        Assert.AreEqual(1, gateway.Counters.Closed(reason));
        Assert.AreEqual(1, gateway.Log.Lines.Count(l => l.StartsWith("Warning 103", StringComparison.Ordinal) && l.Contains("'client'", StringComparison.Ordinal)));
        await bystander.ExpectNothingAsync();
    }
}
