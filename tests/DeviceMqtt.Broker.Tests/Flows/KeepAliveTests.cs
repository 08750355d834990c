using System.Buffers;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Keep Alive: section 3.1.2.10, and the time a client has for its CONNECT.</summary>
[TestClass]
internal sealed class KeepAliveTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task KeepAlive_OneAndAHalfTimesSilent_ConnectionClosed(ProtocolVersion version) // [MQTT-3.1.2-24]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open(version);
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        gateway.Advance(15);
        await client.ExpectNothingAsync(); // one and a half times is still in time
        gateway.Advance(15.1);
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout, version == ProtocolVersion.V5 ? ReasonCode.KeepAliveTimeout : null);
    }

    [TestMethod]
    public async Task KeepAlive_AnyPacketInTime_ConnectionStays()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        for (int i = 0; i < 5; i++)
        {
            gateway.Advance(14);
            await client.SendPublishAsync("t", "not a PINGREQ");
        }

        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task KeepAlive_HalfAPacket_IsNoPacket()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        gateway.Advance(14);
        await client.SendAsync([0xC0]); // the first byte of a PINGREQ
        gateway.Advance(2);
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
    }

    [TestMethod]
    public async Task KeepAlive_LargePacketOverASlowLink_ConnectionStays()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("picture");
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        byte[] packet = PacketOf(new string('x', 20_000));
        foreach (byte[] piece in packet.Chunk(2_000)) // 200 bytes a second
        {
            gateway.Advance(10);
            await client.SendAsync(piece);
        }

        Assert.AreEqual(20_000, (await watcher.ReceivePublishAsync()).Payload.Length);
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task KeepAlive_LargePacketThatStops_ConnectionClosed()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        await client.SendAsync(PacketOf(new string('x', 20_000))[..19_000]);
        gateway.Advance(15.1);
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
    }

    [TestMethod]
    public async Task KeepAlive_AByteNowAndThen_ConnectionClosed()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        byte[] packet = PacketOf(new string('x', 20_000));
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync([packet[i]]);
            gateway.Advance(5);
        }

        await client.SendAsync([packet[3]]);
        gateway.Advance(0.1);
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
    }

    [TestMethod]
    public async Task PacketStallSecondsMax_PacketThatStopsWithoutKeepAlive_ConnectionClosed()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PacketStallSecondsMax = 30);
        TestClient client = gateway.Open(ProtocolVersion.V5);
        await client.ConnectAsync("board", keepAliveSeconds: 0);
        gateway.Advance(3600);
        await client.SendAsync(PacketOf(new string('x', 20_000))[..19_000]);
        gateway.Advance(30);
        Assert.AreEqual(0, gateway.Counters.Closed(CloseReason.PacketStalled));
        gateway.Advance(11); // looked at each 10 s
        await client.ExpectCloseAsync(CloseReason.PacketStalled, ReasonCode.ImplementationSpecificError);
    }

    [TestMethod]
    public async Task PacketStallSecondsMax_AByteNowAndThen_ConnectionClosed()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PacketStallSecondsMax = 30);
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 0);
        foreach (byte piece in PacketOf(new string('x', 20_000))[..4])
        {
            await client.SendAsync([piece]);
            gateway.Advance(10.5);
        }

        await client.ExpectCloseAsync(CloseReason.PacketStalled);
    }

    [TestMethod]
    public async Task PacketStallSecondsMax_LargePacketOverASlowLink_ConnectionStays()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.PacketStallSecondsMax = 30);
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("picture");
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 0);
        foreach (byte[] piece in PacketOf(new string('x', 20_000)).Chunk(2_000)) // 100 bytes a second
        {
            gateway.Advance(20);
            await client.SendAsync(piece);
        }

        Assert.AreEqual(20_000, (await watcher.ReceivePublishAsync()).Payload.Length);
    }

    [TestMethod]
    public async Task CONNECT_ReceivedInPieces_DoesNotProlongItsTime()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(i == 0 ? [0x10, 0x90, 0x4E] : new byte[5_000]);
            gateway.Advance(5);
        }

        await client.SendAsync(new byte[100]);
        gateway.Advance(0.1);
        await client.ExpectCloseAsync(CloseReason.ConnectTimeout);
    }

    [TestMethod]
    public async Task KeepAlive_ToldByTheGateway_IsTheOneThatIsSaid() // [MQTT-3.2.2-21]
    {
        await using TestBroker gateway = TestBroker.Start(l => l.KeepAliveSecondsMax = 30);
        await gateway.Open(ProtocolVersion.V5).ConnectAsync("board", keepAliveSeconds: 600);
        StringAssert.EndsWith(gateway.Log.Lines.Single(l => l.StartsWith("connected", StringComparison.Ordinal)), "keep alive 30", StringComparison.Ordinal);
    }

    private static byte[] PacketOf(string payload)
    {
        ArrayBufferWriter<byte> packet = new();
        PublishPacket.Write(packet, ProtocolVersion.V311, "picture"u8, properties: default, Encoding.UTF8.GetBytes(payload), QoS.AtMostOnce, retain: false, dup: false, packetId: 0);
        return packet.WrittenSpan.ToArray();
    }

    [TestMethod]
    public async Task KeepAlive_MessagesToTheClientOnly_ConnectionClosed() // what the server sends does not count
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        await client.ConnectAsync("board", keepAliveSeconds: 10);
        await client.SubscribeAsync("t");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        gateway.Advance(8);
        await publisher.PublishAsync("t", "x");
        gateway.Advance(8);
        Assert.AreEqual("x", (await client.ReceivePublishAsync()).Payload);
        await client.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
    }

    [TestMethod]
    public async Task KeepAlive_Zero_NeverClosed()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("board");
        gateway.Advance(365 * 24 * 3600);
        await client.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task KeepAlive_Expired_WillPublished()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("presence/+");
        TestClient board = gateway.Open();
        await board.ConnectAsync("board", keepAliveSeconds: 10, will: new WillMessage { Topic = "presence/board", Payload = "false"u8.ToArray() });
        gateway.Advance(16);
        await board.WaitForEndAsync();
        Assert.AreEqual("false", (await watcher.ReceivePublishAsync()).Payload);
    }

    // The process stood still, as on a machine that swaps, and sees its clock before its sockets: what the client has sent waits there.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Overdue_ItsBytesWaitToBeRead_StaysUntilTheyAre(bool hasConnected)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = gateway.Open();
        if (hasConnected)
            Assert.AreEqual(0, (await client.ConnectAsync("c", keepAliveSeconds: 10)).Code);
        client.Transport.BytesUnread = 20;
        gateway.Advance(60);
        gateway.Advance(60);
        Assert.AreEqual(1, gateway.Table.Count);

        client.Transport.BytesUnread = 0;
        gateway.Advance(60);
        await client.ExpectCloseAsync(hasConnected ? CloseReason.KeepAliveTimeout : CloseReason.ConnectTimeout);
    }
}
