using System.Globalization;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>
/// Every property of 5.0 in every packet that a client may send (table 2-4 and the sections of each packet, read for the
/// direction from client to server): it is taken where it belongs, and elsewhere refused with the code that section 2.2.2.2
/// names, 0x81; twice, it is a Protocol Error, 0x82, unless it may be repeated.
/// </summary>
[TestClass]
internal sealed class PropertyPlaceTests
{
    private const string Connect = "CONNECT", Will = "Will", Publish = "PUBLISH", Subscribe = "SUBSCRIBE", Unsubscribe = "UNSUBSCRIBE";
    private const string PubAck = "PUBACK", PubRec = "PUBREC", PubRel = "PUBREL", PubComp = "PUBCOMP", Disconnect = "DISCONNECT";
    private static readonly string[] Packets = [Connect, Will, Publish, PubAck, PubRec, PubRel, PubComp, Subscribe, Unsubscribe, Disconnect];

    // The property in its bytes, and the packets of clients that it belongs in.
    private static readonly (string Bytes, string Name, string[] Packets)[] Table =
    [
        ("01 01", "Payload Format Indicator", [Publish, Will]),
        ("02 0000003C", "Message Expiry Interval", [Publish, Will]),
        ("03 <text>", "Content Type", [Publish, Will]),
        ("08 <answer>", "Response Topic", [Publish, Will]),
        ("09 0002 0001", "Correlation Data", [Publish, Will]),
        ("0B 07", "Subscription Identifier", [Subscribe]),
        ("11 0000003C", "Session Expiry Interval", [Connect, Disconnect]),
        ("12 <id>", "Assigned Client Identifier", []),
        ("13 003C", "Server Keep Alive", []),
        ("15 <method>", "Authentication Method", [Connect]),
        ("16 0001 07", "Authentication Data", [Connect]),
        ("17 01", "Request Problem Information", [Connect]),
        ("18 0000003C", "Will Delay Interval", [Will]),
        ("19 00", "Request Response Information", [Connect]),
        ("1A <info>", "Response Information", []),
        ("1C <server>", "Server Reference", [Disconnect]),
        ("1F <why>", "Reason String", [PubAck, PubRec, PubRel, PubComp, Disconnect]),
        ("21 000A", "Receive Maximum", [Connect]),
        ("22 000A", "Topic Alias Maximum", [Connect]),
        ("23 0001", "Topic Alias", [Publish]),
        ("24 01", "Maximum QoS", []),
        ("25 01", "Retain Available", []),
        ("26 <name> <value>", "User Property", Packets),
        ("27 00010000", "Maximum Packet Size", [Connect]),
        ("28 01", "Wildcard Subscription Available", []),
        ("29 01", "Subscription Identifier Available", []),
        ("2A 01", "Shared Subscription Available", []),
    ];

    public static IEnumerable<object[]> Once() =>
        from row in Table
        from packet in Packets
        select new object[] { packet, row.Name, row.Bytes, (byte)CodeOfOne(packet, row.Name, row.Packets) };

    public static IEnumerable<object[]> Twice() =>
        from row in Table
        from packet in row.Packets
        select new object[] { packet, row.Name, $"{row.Bytes} {row.Bytes}", (byte)(row.Name == "User Property" ? ReasonCode.Success : ReasonCode.ProtocolError) };

    [TestMethod]
    public void Table_HasEveryPropertyOfTheSpecification() => CollectionAssert.AreEquivalent(
        Enum.GetValues<PropertyId>().Select(id => (byte)id).ToArray(),
        Table.Select(row => byte.Parse(row.Bytes.AsSpan(0, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray());

    [TestMethod]
    [DynamicData(nameof(Once))]
    public Task Property_InEveryPacketOfAClient_TakenOrRefusedWithItsCode(string packet, string property, string bytes, byte code) =>
        ExpectAsync(packet, property, bytes, (ReasonCode)code);

    [TestMethod]
    [DynamicData(nameof(Twice))]
    public Task Property_Twice_RefusedAsAProtocolErrorUnlessItMayBeRepeated(string packet, string property, string bytes, byte code) =>
        ExpectAsync(packet, property, bytes, (ReasonCode)code);

    private static ReasonCode CodeOfOne(string packet, string property, string[] belongsIn) => (packet, property) switch
    {
        // It belongs in PUBLISH, but in the other direction [MQTT-3.3.4-6].
        (Publish, "Subscription Identifier") => ReasonCode.ProtocolError,
        // It belongs there, together with a method (3.1.2.11.10); and the gateway knows no method (section 4.12).
        (Connect, "Authentication Data") => ReasonCode.ProtocolError,
        (Connect, "Authentication Method") => ReasonCode.BadAuthenticationMethod,
        // The Session was to end with the connection: it cannot be made to stay (3.14.2.2.2).
        (Disconnect, "Session Expiry Interval") => ReasonCode.ProtocolError,
        _ => belongsIn.Contains(packet) ? ReasonCode.Success : ReasonCode.MalformedPacket,
    };

    private static async Task ExpectAsync(string packet, string property, string bytes, ReasonCode code)
    {
        await using TestBroker gateway = TestBroker.Start();
        bool isConnect = packet is Connect or Will;
        TestClient client = isConnect ? gateway.Open(ProtocolVersion.V5) : await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SendAsync([.. Write(packet, bytes), .. PingPackets.PingReq]);
        ReasonCode answer = isConnect ? (ReasonCode)(await client.ReceiveConnAckAsync()).Code : await ReceiveAnswerAsync(client, packet);
        Assert.AreEqual(code, answer, $"{property} in {packet}");
    }

    // The code of the DISCONNECT; success when the client is still served, or is gone as it asked for.
    private static async Task<ReasonCode> ReceiveAnswerAsync(TestClient client, string packet)
    {
        while (await client.TryReceiveAsync() is { } received)
        {
            if (received.Type == PacketType.PingResp)
                return ReasonCode.Success;
            if (received.Type == PacketType.Disconnect)
                return (ReasonCode)received.Bytes[2];
        }

        return packet == Disconnect ? ReasonCode.Success : throw new AssertFailedException($"{packet} ended the connection without a word");
    }

    private static byte[] Write(string packet, string bytes)
    {
        string properties = $"{Packet.Of(bytes).Length:X2} {bytes}";
        return Packet.Of(packet switch
        {
            Connect => $"10:<MQTT> 05 02 0000 {properties} <client>",
            Will => $"10:<MQTT> 05 06 0000 00 <client> {properties} <gone> <x>",
            Publish => $"30:<t> {properties}",
            PubAck => $"40:0001 00 {properties}",
            PubRec => $"50:0001 00 {properties}",
            PubRel => $"62:0001 00 {properties}",
            PubComp => $"70:0001 00 {properties}",
            Subscribe => $"82:0001 {properties} <t> 00",
            Unsubscribe => $"A2:0001 {properties} <t>",
            _ => $"E0:00 {properties}",
        });
    }
}
