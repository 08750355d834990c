using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>
/// Every UTF-8 Encoded String that a 5.0 client may send, with what may not stand in one: the packet is malformed, 0x81, and
/// never anything else (1.5.4). Before 5.0 the connection is closed.
/// </summary>
[TestClass]
internal sealed class StringFieldTests
{
    // X stands for the string that is not sound.
    private static readonly (string Field, string Packet)[] OfConnect =
    [
        ("Client Identifier", "10:<MQTT> 05 02 0000 00 X"),
        ("Will Topic", "10:<MQTT> 05 06 0000 00 <a> 00 X <w>"),
        ("User Name", "10:<MQTT> 05 82 0000 00 <a> X"),
        ("Authentication Method", "10:<MQTT> 05 02 0000 P 15 X <a>"),
        ("User Property name", "10:<MQTT> 05 02 0000 P 26 X <v> <a>"),
        ("User Property value", "10:<MQTT> 05 02 0000 P 26 <n> X <a>"),
        ("Will Content Type", "10:<MQTT> 05 06 0000 00 <a> P 03 X <t> <w>"),
        ("Will Response Topic", "10:<MQTT> 05 06 0000 00 <a> P 08 X <t> <w>"),
    ];

    private static readonly (string Field, string Packet)[] OfTheRest =
    [
        ("Topic Name", "30:X 00"),
        ("Content Type", "30:<t> P 03 X"),
        ("Response Topic", "30:<t> P 08 X"),
        ("User Property of PUBLISH", "30:<t> P 26 <n> X"),
        ("Topic Filter of SUBSCRIBE", "82:0001 00 X 00"),
        ("User Property of SUBSCRIBE", "82:0001 P 26 X <v> <t> 00"),
        ("Topic Filter of UNSUBSCRIBE", "A2:0001 00 X"),
        ("User Property of UNSUBSCRIBE", "A2:0001 P 26 <n> X <t>"),
        ("Reason String of PUBACK", "40:0001 00 P 1F X"),
        ("Reason String of PUBREC", "50:0001 00 P 1F X"),
        ("Reason String of PUBREL", "62:0001 00 P 1F X"),
        ("Reason String of PUBCOMP", "70:0001 00 P 1F X"),
        ("Reason String of DISCONNECT", "E0:00 P 1F X"),
    ];

    private static readonly (string What, string Bytes)[] Unsound =
    [
        ("no UTF-8", "0002 C328"),
        ("cut short", "0002 E282"),
        ("overlong", "0002 C0AF"),
        ("a surrogate", "0003 EDA080"),
        ("above U+10FFFF", "0004 F4908080"),
        ("U+0000", "0003 61 00 62"),
    ];

    public static IEnumerable<object[]> Connects() => Rows(OfConnect);

    public static IEnumerable<object[]> Others() => Rows(OfTheRest);

    [TestMethod]
    [DynamicData(nameof(Connects))]
    public async Task CONNECT_StringUnsound_RefusedAsMalformed(string field, string what, string packet)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        await client.SendAsync(Packet.Of(packet));
        Assert.AreEqual(ReasonCode.MalformedPacket, (ReasonCode)(await client.ReceiveConnAckAsync()).Code, $"{field}: {what}");
        Assert.IsNull(await client.TryReceiveAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Others))]
    public async Task Packet_StringUnsound_DisconnectedAsMalformed(string field, string what, string packet)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client", ProtocolVersion.V5);
        await client.SendAsync(Packet.Of(packet));
        Assert.AreEqual(ReasonCode.MalformedPacket, (await client.ReceiveDisconnectAsync()).ReasonCode, $"{field}: {what}");
        Assert.IsNull(await client.TryReceiveAsync());
    }

    [TestMethod]
    [DataRow("90:0001 00 00", DisplayName = "SUBACK")]
    [DataRow("B0:0001 00 00", DisplayName = "UNSUBACK")]
    [DataRow("20:00 00 00", DisplayName = "CONNACK")]
    [DataRow("D0 00", DisplayName = "PINGRESP")]
    [DataRow("F0 00", DisplayName = "AUTH that says success")]
    [DataRow("F0:18 08 15 <m> 16 <d>", DisplayName = "AUTH that goes on")]
    [DataRow("F0:19 04 15 <m>", DisplayName = "AUTH that begins again")]
    public Task Packet_OfTheServerOrOfAnAuthenticationThatIsNotOn_ProtocolError(string packet) => Dialogue.RunAsync($"""
        a open
        a> 10:<MQTT> 05 02 0000 02 17 00 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> {packet}
        a< E0 01 82
        a closed
        """);

    private static IEnumerable<object[]> Rows((string Field, string Packet)[] fields) =>
        from field in fields
        from unsound in Unsound
        select new object[] { field.Field, unsound.What, Fill(field.Packet, unsound.Bytes) };

    // P stands for the length of the properties: of the one property behind it.
    private static string Fill(string packet, string unsound)
    {
        int at = packet.IndexOf(" P ", StringComparison.Ordinal);
        if (at < 0)
            return packet.Replace("X", unsound, StringComparison.Ordinal);
        string[] words = packet[(at + 3)..].Split(' ');
        int count = words[0] == "26" ? 3 : 2;
        string property = string.Join(' ', words.Take(count)).Replace("X", unsound, StringComparison.Ordinal);
        return $"{packet[..at]} {Packet.Of(property).Length:X2} {property} {string.Join(' ', words.Skip(count))}";
    }
}
