using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>CONNECT that is refused, and what else may not open a connection.</summary>
[TestClass]
internal sealed class ConnectRefusedTests
{
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 5000);

    [TestMethod]
    public async Task CONNECT_Received_V311ClientIdEmptyNotClean_Refused() // [MQTT-3.1.3-8]
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        Assert.AreEqual((byte)ConnectReturnCode.IdentifierRejected, (await client.ConnectAsync("", clean: false)).Code);
        await client.ExpectCloseAsync(CloseReason.ClientIdRejected);
    }

    [TestMethod]
    [DataRow("a+b")]
    [DataRow("#")]
    [DataRow("line\nbreak")]
    [DataRow("bell\u0007")]
    [DataRow("p2p")]
    [DataRow("way-too-long-for-this-gateway")]
    public async Task CONNECT_Received_ClientIdForbidden_Refused(string clientId)
    {
        await using TestGateway gateway = TestGateway.Start(l => l.ClientIdBytesMax = 23);
        TestClient old = gateway.Open();
        Assert.AreEqual((byte)ConnectReturnCode.IdentifierRejected, (await old.ConnectAsync(clientId)).Code);
        await old.ExpectCloseAsync(CloseReason.ClientIdRejected);
        TestClient modern = gateway.Open(ProtocolVersion.V5);
        Assert.AreEqual((byte)ReasonCode.ClientIdentifierNotValid, (await modern.ConnectAsync(clientId)).Code);
        await modern.ExpectCloseAsync(CloseReason.ClientIdRejected);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Count));
    }

    [TestMethod]
    [DataRow("10:<MQTT> 06 02 0000 00 <x>")]
    [DataRow("10:<MQTT> 85 02 0000 00 <bridge>")] // 5.0 has no bridge bit
    [DataRow("10:<MQIsdp> 04 02 0000 <x>")]
    public async Task CONNECT_Received_ProtocolLevelUnknown_RefusedInTheFormOf311(string packet) // [MQTT-3.1.2-2]
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(Packet.Of(packet));
        Assert.AreEqual((byte)ConnectReturnCode.UnacceptableProtocolVersion, (await client.ReceiveConnAckAsync()).Code);
        await client.ExpectCloseAsync(CloseReason.UnsupportedProtocolVersion);
    }

    [TestMethod]
    public async Task CONNECT_Received_ProtocolNameUnknown_ClosedWithoutAnswer() // [MQTT-3.1.2-1]
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(Packet.Of("10:<HTTP> 04 02 0000 <x>"));
        await client.ExpectCloseAsync(CloseReason.MalformedPacket);
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(65_535)] // the longest there can be: what is said about it must fit a string too
    public async Task CONNECT_Received_AuthenticationMethod_Refused(int characters) // 5.0 section 4.12: the method is not supported
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open(ProtocolVersion.V5);
        ConnAckPacket connAck = await client.ConnectAsync("app", properties: new ConnectProperties { AuthenticationMethod = new string('S', characters) });
        Assert.AreEqual((byte)ReasonCode.BadAuthenticationMethod, connAck.Code);
        await client.ExpectCloseAsync(CloseReason.BadAuthenticationMethod);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.NotAuthorized)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.NotAuthorized)]
    public async Task CONNECT_Received_AnonymousFromElsewhere_Refused(ProtocolVersion version, byte code)
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open(version, Elsewhere);
        Assert.AreEqual(code, (await client.ConnectAsync("stranger")).Code);
        await client.ExpectCloseAsync(CloseReason.NotAuthorized);
    }

    [TestMethod]
    public async Task CONNECT_Received_PasswordFromElsewhere_OnlyTheRightOneAccepted()
    {
        await using TestGateway gateway = TestGateway.Start(security: s => (s.Users["ops"], s.Roles["ops"]) = ("right", "operator"));
        TestClient wrong = gateway.Open(remote: Elsewhere);
        Assert.AreNotEqual(0, (await wrong.ConnectAsync("a", userName: "ops", password: "wrong")).Code);
        await wrong.ExpectCloseAsync(CloseReason.NotAuthorized);
        TestClient right = gateway.Open(remote: Elsewhere);
        Assert.AreEqual(0, (await right.ConnectAsync("a", userName: "ops", password: "right")).Code);
        Assert.IsFalse(gateway.Log.Lines.Any(l => l.Contains("wrong\"", StringComparison.Ordinal) || l.Contains("right", StringComparison.Ordinal)), "a password stands in the log");
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task CONNECT_Received_Second_ConnectionClosed(ProtocolVersion version) // [MQTT-3.1.0-2]
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = await gateway.ConnectAsync("board", version);
        await client.SendConnectAsync("board");
        await client.ExpectCloseAsync(CloseReason.ProtocolError, version == ProtocolVersion.V5 ? ReasonCode.ProtocolError : null);
    }

    [TestMethod]
    [DataRow("C0 00")] // PINGREQ
    [DataRow("30:<t> 'x'")] // PUBLISH
    [DataRow("82:0001 <t> 00")] // SUBSCRIBE
    [DataRow("E0 00")] // DISCONNECT
    [DataRow("20 02 00 00")] // CONNACK
    public async Task FirstPacket_Received_NotConnect_ClosedWithoutAnswer(string packet) // [MQTT-3.1.0-1]
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(Packet.Of(packet));
        await client.ExpectCloseAsync(CloseReason.ProtocolError);
        Assert.AreEqual(0, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    public async Task CONNECT_Received_NanoFrameworkWillDefect_RefusedWithTheUpgradeInTheLog()
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(Packet.Of("10:<MQTT> 04 06 003C <board> 00 <presence/board> <false> 00"));
        await client.ExpectCloseAsync(CloseReason.MalformedPacket);
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.Contains("nanoFramework.M2Mqtt", StringComparison.Ordinal) && l.Contains("upgrade", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Connection_Opened_ClosedByItsClientBeforeConnect_Counted()
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync([0x10]);
        await client.DropAsync();
        Assert.AreEqual(CloseReason.ClientGone, client.CloseReason);
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.ClientGone));
    }

    [TestMethod]
    [DataRow("GET /mqtt HTTP/1.1\r\n", "the first byte is 0x47, which begins no CONNECT: if it is an HTTP request, this is the port of MQTT")]
    [DataRow("\u0016\u0003\u0001", "it begins a TLS handshake, and this port is plain MQTT (mqtts:// in the setting Listen makes one with TLS)")]
    [DataRow("\u0016\u0003\u0001\u0000\u0001\u0001", "it begins a TLS handshake, and this port is plain MQTT (mqtts:// in the setting Listen makes one with TLS)")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "the first byte is 0x50, which begins no CONNECT: if it is a PROXY header, its address is not in Security:TrustedProxies")]
    [DataRow("0", "the first byte is 0x30, which begins no CONNECT")]
    public async Task FirstByte_BeginsNoConnect_ClosedAtOnce(string sent, string named)
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient client = gateway.Open();
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(sent));
        await client.ExpectCloseAsync(CloseReason.ProtocolError);
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.EndsWith(named, StringComparison.Ordinal)), string.Join('\n', gateway.Log.Lines));
    }
}
