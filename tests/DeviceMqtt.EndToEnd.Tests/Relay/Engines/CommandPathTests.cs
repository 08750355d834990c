using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>What crossed the wire tells whether a gateway or its upstream has lost a command: a gateway that loses one is not taken for an upstream that does.</summary>
[TestClass]
public sealed class CommandPathTests
{
    private const string Command = """{"id":"c1","cmd":"relay.set"}""";
    private const string Answer = """{"id":"c1","st":"ok","code":0}""";
    private readonly List<CrossedPacket> _crossed = [];
    private CommandPath Path => new("c1", _crossed);

    [TestMethod]
    public void NeverBrought_IsTheUpstreams()
    {
        Publish(isUp: false, "hall/p2p/lamp", Command.Replace("c1", "c11", StringComparison.Ordinal), packetId: 1);
        Ack(isUp: true, packetId: 1);
        Assert.IsFalse(Path.IsTheGateways);
        StringAssert.Contains(Path.ToString(), "never came", StringComparison.Ordinal);
    }

    [TestMethod]
    public void AcknowledgedAndNotEnded_IsTheGateways()
    {
        Publish(isUp: false, "hall/p2p/lamp", Command, packetId: 1);
        Ack(isUp: true, packetId: 1);
        Publish(isUp: true, "dm/receipt/desk", """{"st":"delivered","id":"c1"}""", packetId: 1);
        Ack(isUp: false, packetId: 1);
        Assert.IsTrue(Path.IsTheGateways);
        Assert.IsFalse(Path.IsEnded);
    }

    [TestMethod]
    public void NotAcknowledgedByAGatewayThatGoesOn_IsTheGateways()
    {
        Publish(isUp: false, "hall/p2p/lamp", Command, packetId: 1);
        Publish(isUp: true, "dm/lamp/tele/climate", """{"n":1}""", packetId: 7, afterSeconds: 3);
        Assert.IsTrue(Path.IsTheGateways);
    }

    [TestMethod]
    public void NotAcknowledgedOnAConnectionThatEnded_IsTheUpstreams()
    {
        Publish(isUp: false, "hall/p2p/lamp", Command, packetId: 1);
        Publish(isUp: true, "dm/lamp/tele/climate", """{"n":1}""", packetId: 7, afterSeconds: 3, connection: 2);
        Ack(isUp: true, packetId: 1, connection: 2);
        Assert.IsFalse(Path.IsTheGateways);
    }

    [TestMethod]
    [DataRow("hall/p2p/desk", Answer)]
    [DataRow("dm/receipt/desk", """{"st":"expired","id":"c1"}""")]
    public void ItsEndIsTheUpstreamsWithItsAcknowledgement(string topic, string text)
    {
        Publish(isUp: false, "hall/p2p/lamp", Command, packetId: 1);
        Ack(isUp: true, packetId: 1);
        Publish(isUp: true, topic, text, packetId: 1);
        Assert.IsTrue(Path.IsTheGateways);
        Ack(isUp: false, packetId: 1);
        Assert.IsFalse(Path.IsTheGateways);
        Assert.IsTrue(Path.IsEnded);
    }

    [TestMethod]
    public void PacketCutter_AnyPieces_TheSamePackets()
    {
        byte[] bytes = [.. RawBytes.Publish("a/b", new string('x', 300), 1, packetId: 5), 0x40, 2, 0, 5, 0xD0, 0];
        for (int size = 1; size <= bytes.Length; size++)
        {
            PacketCutter cutter = new();
            RawPacket[] packets = [.. bytes.Chunk(size).SelectMany(piece => cutter.Cut(piece))];
            CollectionAssert.AreEqual((RawType[])[RawType.Publish, RawType.PubAck, RawType.PingResp], packets.Select(static p => p.Type).ToArray(), $"pieces of {size}");
            Assert.AreEqual(300, packets[0].Text.Length);
            Assert.AreEqual(5, packets[1].PacketId);
        }
    }

    private void Publish(bool isUp, string topic, string text, ushort packetId, int afterSeconds = 0, int connection = 1) =>
        Add(isUp, new RawPacket(0x32, [0, (byte)topic.Length, .. Encoding.UTF8.GetBytes(topic), 0, (byte)packetId, .. Encoding.UTF8.GetBytes(text)]), afterSeconds, connection);

    private void Ack(bool isUp, ushort packetId, int connection = 1) => Add(isUp, new RawPacket(0x40, [0, (byte)packetId]), 0, connection);

    private void Add(bool isUp, RawPacket packet, int afterSeconds, int connection) =>
        _crossed.Add(new CrossedPacket(TimeSpan.FromSeconds(afterSeconds + (_crossed.Count == 0 ? 0 : _crossed[^1].At.TotalSeconds)), connection, isUp, packet));
}
