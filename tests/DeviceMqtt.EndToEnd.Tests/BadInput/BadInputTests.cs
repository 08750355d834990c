using System.Reflection;
using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.BadInput;

/// <summary>What breaks the protocol ends its own connection with one log line, and disturbs nobody else.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static GatewayProcess? _gateway;

    private static GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("the gateway was not started");

    [ClassInitialize]
    public static async Task Start(TestContext context) => _gateway = await GatewayProcess.Start("--set", "Limits:PacketBytesMax=65536", "--set", "Log:ClosedLinesPerMinuteMax=1000000");

    [ClassCleanup]
    public static async Task Stop() => await Gateway.DisposeAsync();

    public static IEnumerable<object[]> PacketsAfterConnect() =>
    [
        ["packet type 0", "ProtocolError|MalformedPacket", (byte[])[0x00, 0x00]],
        ["packet type 15", "ProtocolError|MalformedPacket", (byte[])[0xF0, 0x00]],
        ["Remaining Length of five bytes", "MalformedPacket", (byte[])[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]],
        ["PUBLISH of QoS 3", "MalformedPacket", RawBytes.Publish("a", "x", qos: 3, packetId: 1)],
        ["PUBLISH with DUP at QoS 0", "MalformedPacket", RawBytes.Publish("a", "x", dup: true)],
        ["PUBLISH with Packet Identifier 0", "MalformedPacket|ProtocolError", RawBytes.Publish("a", "x", qos: 1, packetId: 0)],
        ["PUBLISH to an empty topic", "TopicNameInvalid|MalformedPacket", RawBytes.Publish("", "x")],
        ["PUBLISH to a topic with +", "TopicNameInvalid", RawBytes.Publish("a/+", "x")],
        ["PUBLISH to a topic with #", "TopicNameInvalid", RawBytes.Publish("a/#", "x")],
        ["PUBLISH to a topic with U+0000", "TopicNameInvalid|MalformedPacket", RawBytes.Publish("a\0b", "x")],
        ["PUBLISH to a topic that is not UTF-8", "TopicNameInvalid|MalformedPacket", RawBytes.Packet(0x30, [0x00, 0x02, 0xC3, 0x28])],
        ["PUBLISH whose topic is longer than the packet", "MalformedPacket", RawBytes.Packet(0x30, [0x00, 0x09, 0x61])],
        ["PUBLISH of QoS 1 without Packet Identifier", "MalformedPacket", RawBytes.Packet(0x32, [0x00, 0x01, 0x61])],
        ["PUBACK of one byte", "MalformedPacket", RawBytes.Packet(0x40, [0x00])],
        ["PUBREL with flags 0", "MalformedPacket", RawBytes.Packet(0x60, [0x00, 0x01])],
        ["SUBSCRIBE with flags 0", "MalformedPacket", RawBytes.Packet(0x80, [0x00, 0x01, 0x00, 0x01, 0x61, 0x00])],
        ["SUBSCRIBE without a filter", "MalformedPacket|ProtocolError", RawBytes.Packet(0x82, [0x00, 0x01])],
        ["SUBSCRIBE asking for QoS 3", "MalformedPacket|ProtocolError", RawBytes.Subscribe(1, qos: 3, "a")],
        ["SUBSCRIBE whose filter is longer than the packet", "MalformedPacket", RawBytes.Packet(0x82, [0x00, 0x01, 0x00, 0xFF, 0x61])],
        ["UNSUBSCRIBE without a filter", "MalformedPacket|ProtocolError", RawBytes.Packet(0xA2, [0x00, 0x01])],
        ["PINGREQ with a body", "MalformedPacket", RawBytes.Packet(0xC0, [0x00])],
        ["DISCONNECT with flags", "MalformedPacket", (byte[])[0xE1, 0x00]],
        ["CONNACK from a client", "ProtocolError", RawBytes.Packet(0x20, [0x00, 0x00])],
        ["a second CONNECT", "ProtocolError", RawBytes.Connect("second")],
        ["a packet over the limit", "PacketTooLarge", (byte[])[0x30, .. RawBytes.RemainingLength(65_536)]],
        ["a packet that claims 256 MB", "PacketTooLarge", (byte[])[0x30, .. RawBytes.RemainingLength(268_435_455)]],
    ];

    public static IEnumerable<object[]> FirstBytes() =>
    [
        ["PINGREQ before CONNECT", "ProtocolError", RawBytes.PingReq],
        ["PUBLISH before CONNECT", "ProtocolError", RawBytes.Publish("a", "x")],
        ["an HTTP request", "ProtocolError|MalformedPacket", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: gateway\r\nUser-Agent: a browser with a long name\r\nAccept: */*\r\n\r\n")],
        ["a TLS ClientHello", "ProtocolError|MalformedPacket|PacketTooLarge", (byte[])[0x16, 0x03, 0x01, 0x00, 0xC8, 0x01, 0x00, 0x00, 0xC4, 0x03, 0x03]],
        ["another protocol name", "MalformedPacket|UnsupportedProtocolVersion", RawBytes.Packet(0x10, [.. RawBytes.Text("AMQP"), 4, 2, 0, 60, .. RawBytes.Text("x")])],
        ["the reserved flag of CONNECT", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 3, 0, 60, .. RawBytes.Text("x")])],
        ["a Will of QoS 3", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 0x1E, 0, 60, .. RawBytes.Text("x"), .. RawBytes.Text("w"), .. RawBytes.Text("m")])],
        ["a Will to a topic with #", "MalformedPacket|TopicNameInvalid", RawBytes.Connect("x", will: new Will("w/#", "m"))],
        ["a password without a user name", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 0x42, 0, 60, .. RawBytes.Text("x"), .. RawBytes.Text("p")])],
        ["a CONNECT that ends too early", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 2, 0])],
        ["a CONNECT with bytes behind its end", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 2, 0, 60, .. RawBytes.Text("x"), 0x00])],
        ["a Client Identifier longer than the packet", "MalformedPacket", RawBytes.Packet(0x10, [.. RawBytes.Text("MQTT"), 4, 2, 0, 60, 0xFF, 0xFF, 0x61])],
        ["a CONNECT that claims 256 MB", "PacketTooLarge", (byte[])[0x10, .. RawBytes.RemainingLength(268_435_455)]],
    ];

    public static string NameOfCase(MethodInfo method, object[] data) => $"{method.Name} ({data[0]})";

    [TestMethod]
    [DynamicData(nameof(PacketsAfterConnect), DynamicDataDisplayName = nameof(NameOfCase))]
    public async Task BadPacket_AfterCONNECT_ConnectionClosedAndLogged(string name, string reasons, byte[] bytes)
    {
        string clientId = Unique.Name("bad");
        string topic = Unique.Name("witness");
        await using RawMqtt witness = await RawMqtt.Connect(Gateway, Unique.Name("witness"));
        await witness.Subscribe(topic);
        await using RawMqtt bad = await RawMqtt.Connect(Gateway, clientId);

        await bad.SendUntilClosed(bytes);

        await bad.WaitForClose();
        await RequireLogLine($"client '{clientId}' (no user, ", reasons, name);
        await witness.Send(RawBytes.Publish(topic, "undisturbed"));
        Assert.AreEqual("undisturbed", (await witness.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    [DynamicData(nameof(FirstBytes), DynamicDataDisplayName = nameof(NameOfCase))]
    public async Task BadPacket_First_ConnectionClosedAndLogged(string name, string reasons, byte[] bytes)
    {
        await using RawMqtt bad = await RawMqtt.Open(Gateway);

        await bad.SendUntilClosed(bytes);

        await bad.WaitForClose();
        await RequireLogLine(bad, reasons, name);
    }

    [TestMethod]
    [DataRow("a+b"), DataRow("#"), DataRow("line\nbreak"), DataRow("delete\u007f"), DataRow("c1\u0085"), DataRow("p2p")]
    public async Task CONNECT_ForbiddenClientId_CONNACKIdentifierRejectedAndLogged(string clientId)
    {
        await using RawMqtt bad = await RawMqtt.Open(Gateway);

        await bad.Send(RawBytes.Connect(clientId));

        Assert.AreEqual("0002", (await bad.Next(RawType.ConnAck)).Hex);
        await bad.WaitForClose();
        string line = await RequireLogLine(bad, "ClientIdRejected", clientId);
        Assert.IsFalse(line.Any(char.IsControl), "a stranger's control characters stay out of the log");
    }

    [TestMethod]
    public async Task CONNECT_NeverSent_ConnectionClosedAndLogged()
    {
        await using GatewayProcess impatient = await GatewayProcess.Start("--set", "Limits:ConnectSecondsMax=1");
        await using RawMqtt silent = await RawMqtt.Open(impatient);

        await silent.WaitForClose();

        await impatient.Process.Output.WaitFor(line => line.Contains("ConnectTimeout", StringComparison.Ordinal), "the log line of ConnectTimeout");
    }

    private static Task<string> RequireLogLine(RawMqtt connection, string reasons, string name) => Require(Gateway.WaitForEndOf(connection), reasons, name);

    private static Task<string> RequireLogLine(string part, string reasons, string name) =>
        Require(Gateway.Process.Output.WaitFor(text => text.Contains(part, StringComparison.Ordinal), $"the log line of {name}"), reasons, name);

    private static async Task<string> Require(Task<string> logged, string reasons, string name)
    {
        string line = await logged;
        string reason = line[(line.IndexOf(" closed, ", StringComparison.Ordinal) + " closed, ".Length)..].Split(':')[0];
        Assert.Contains(reason, reasons.Split('|'), $"{name}: {line}");
        return line;
    }
}
