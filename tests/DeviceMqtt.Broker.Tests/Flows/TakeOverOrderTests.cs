using System.Buffers;
using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>
/// At a take-over, what the old connection had sent counts first: its DISCONNECT, and messages too. The new CONNECT is held
/// until that is read, and no longer than <see cref="GatewayLimits.TakeOverMs"/>.
/// </summary>
[TestClass]
internal sealed class TakeOverOrderTests
{
    private const int Unread = 7; // bytes in the kernel; how many does not matter

    private static WillMessage Will => new() { Topic = "presence/board", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce };

    private static async Task<TestClient> WatchAsync(TestBroker gateway)
    {
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#", QoS.AtLeastOnce);
        return watcher;
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task DISCONNECT_SentBeforeTheTakeOverAndNotRead_ItsWillIsNotPublished(ProtocolVersion version) // [MQTT-3.1.2-10]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        HeldScheduler reading = new();
        TestClient old = gateway.Open(version, reading: reading);
        await old.ConnectAsync("board", will: Will);
        reading.Hold();
        await old.SendAsync(w => w.Write(DisconnectPacket.Normal));

        TestClient young = gateway.Open(version);
        await young.SendConnectAsync("board");
        reading.Release();

        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        await old.WaitForEndAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, old.CloseReason);
        await watcher.ExpectNothingAsync();
        await young.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_HeldForATakeOver_TakesMemoryUntilItIsAnswered()
    {
        await using TestBroker gateway = TestBroker.Start();
        HeldScheduler reading = new();
        TestClient old = gateway.Open(reading: reading);
        await old.ConnectAsync("board");
        reading.Hold();
        await old.SendAsync(PingPackets.PingReq.ToArray());
        TestClient young = gateway.Open();
        await young.SendConnectAsync("board", will: new WillMessage { Topic = "t", Payload = new byte[20_000] });
        await Patience.Until(() => StrangersOf(gateway) > 3 * 20_000, "memory for the CONNECT that waits");
        reading.Release();
        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(0, StrangersOf(gateway));
    }

    private static long StrangersOf(TestBroker gateway) => gateway.Look(static b => b.Owners.At(new IPEndPoint(IPAddress.Loopback, 40_000))[Good.Memory].Used);

    [TestMethod]
    public async Task DISCONNECT_StillInTheKernelAtTheTakeOver_ItsWillIsNotPublished()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient old = await gateway.ConnectAsync("board", will: Will);
        old.Transport.BytesUnread = Unread;
        TestClient young = gateway.Open();
        await young.SendConnectAsync("board");
        await watcher.ExpectNothingAsync();

        await old.SendAsync(w => w.Write(DisconnectPacket.Normal));

        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        await old.WaitForEndAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, old.CloseReason);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task PUBLISH_SentBeforeTheTakeOverAndNotRead_DeliveredBeforeTheWill()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        HeldScheduler reading = new();
        TestClient old = gateway.Open(ProtocolVersion.V5, reading: reading);
        await old.ConnectAsync("board", will: Will);
        reading.Hold();
        _ = await old.SendPublishAsync("t", "zero");
        ushort id = await old.SendPublishAsync("t", "one", QoS.AtLeastOnce);

        TestClient young = gateway.Open();
        await young.SendConnectAsync("board");
        reading.Release();

        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        Assert.AreEqual("zero", (await watcher.ReceivePublishAsync()).Payload);
        Assert.AreEqual("one", (await watcher.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(ReasonCode.Success, await old.ExpectAckAsync(PacketType.PubAck, id));
        await old.ExpectCloseAsync(CloseReason.SessionTakenOver, ReasonCode.SessionTakenOver);
    }

    [TestMethod]
    public async Task TakeOverMs_OldConnectionIsStuck_TakenOverAfterIt()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.TakeOverMs = 2000);
        TestClient watcher = await WatchAsync(gateway);
        TestClient old = await gateway.ConnectAsync("board", will: Will);
        old.Transport.BytesUnread = Unread;
        TestClient young = gateway.Open();
        await young.SendConnectAsync("board");
        gateway.Advance(1.9);
        await watcher.ExpectNothingAsync();
        Assert.IsNull(young.TryReceiveNow());

        gateway.Advance(0.1);

        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        Assert.AreEqual("false", (await watcher.ReceivePublishAndAckAsync()).Payload);
        await old.ExpectCloseAsync(CloseReason.SessionTakenOver);
    }

    [TestMethod]
    public async Task TakeOverMs_Zero_NobodyIsHeld()
    {
        await using TestBroker gateway = TestBroker.Start(l => l.TakeOverMs = 0);
        TestClient old = await gateway.ConnectAsync("board");
        old.Transport.BytesUnread = Unread;
        _ = await gateway.ConnectAsync("board");
        await old.ExpectCloseAsync(CloseReason.SessionTakenOver);
    }

    [TestMethod]
    public async Task CONNECT_HeldAndANewerOneComes_TheNewestWins()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("board");
        old.Transport.BytesUnread = Unread;
        TestClient second = gateway.Open();
        await second.SendConnectAsync("board");
        TestClient third = gateway.Open();
        await third.SendConnectAsync("board");
        await second.ExpectCloseAsync(CloseReason.SessionTakenOver);

        old.Transport.BytesUnread = 0;
        await old.SendAsync(PingPackets.PingReq.ToArray());

        Assert.AreEqual(0, (await third.ReceiveConnAckAsync()).Code);
        await old.WaitForEndAsync();
        Assert.AreEqual(CloseReason.SessionTakenOver, old.CloseReason);
        await third.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_HeldWithMoreBehindIt_TheRestFollowsTheConnAckAndItsEndIsSeen()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient old = await gateway.ConnectAsync("board");
        old.Transport.BytesUnread = Unread;
        TestClient young = gateway.Open();
        await young.SendAsync(w =>
        {
            new ConnectPacket { ClientId = "board", Will = Will }.Write(w);
            w.Write(Packet.Of("30:<t>'x'"));
        });
        // A separate read, and then the end of the connection: neither is looked at before the CONNACK.
        await young.SendAsync(w => w.Write(DisconnectPacket.Normal));
        await young.Transport.ToGateway.CompleteAsync();
        await watcher.ExpectNothingAsync();

        gateway.Advance(1);

        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        Assert.AreEqual("x", (await watcher.ReceivePublishAsync()).Payload);
        await young.WaitForEndAsync();
        Assert.AreEqual(CloseReason.ClientDisconnected, young.CloseReason);
        await watcher.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_HeldForTooLong_ClosedAndTheOldConnectionLives()
    {
        await using TestBroker gateway = TestBroker.Start(l => (l.ConnectSecondsMax, l.TakeOverMs) = (2, 10_000));
        TestClient old = await gateway.ConnectAsync("board");
        old.Transport.BytesUnread = Unread;
        TestClient young = gateway.Open();
        await young.SendConnectAsync("board");
        gateway.Advance(3);
        await young.ExpectCloseAsync(CloseReason.ConnectTimeout);
        old.Transport.BytesUnread = 0;
        await old.ExpectNothingAsync();
        gateway.Advance(10);
        await old.ExpectNothingAsync();
        await gateway.ConnectAsync("board"); // and may be taken over from later
        await old.WaitForEndAsync();
    }

    [TestMethod]
    public async Task OldConnection_NeverStopsSending_TakenOverAllTheSame()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("board");
        old.Transport.BytesUnread = Unread;
        TestClient young = gateway.Open();
        await young.SendConnectAsync("board");
        string payload = new('x', 100_000);
        for (int i = 0; i < 11; i++)
            _ = await old.SendPublishAsync("t", payload);
        Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
        await old.WaitForEndAsync();
        Assert.AreEqual(CloseReason.SessionTakenOver, old.CloseReason);
    }

    [TestMethod]
    public async Task TwoThatFightForOneIdentifier_ToldOnceWithBothAddressesAndSlowed()
    {
        await using TestBroker gateway = TestBroker.Start();
        IPEndPoint[] remotes = [new(IPAddress.Parse("192.0.2.1"), 1), new(IPAddress.Parse("192.0.2.2"), 2)];
        TestClient last = gateway.Open(remote: remotes[0]);
        await last.ConnectAsync("board");
        for (int i = 1; i <= 5; i++)
        {
            last = gateway.Open(remote: remotes[i % 2]);
            await last.ConnectAsync("board");
        }

        TestClient slowed = gateway.Open(remote: remotes[0]);
        await slowed.SendConnectAsync("board");
        await last.ExpectNothingAsync();
        await last.ExpectNothingAsync();
        Assert.IsNull(slowed.TryReceiveNow());
        gateway.Advance(1);
        Assert.AreEqual(0, (await slowed.ReceiveConnAckAsync()).Code);
        string[] told = [.. gateway.Log.Lines.Where(l => l.StartsWith("fought", StringComparison.Ordinal))];
        CollectionAssert.AreEqual(new[] { "fought 'board' by 192.0.2.1:1 and 192.0.2.2:2" }, told);

        // Peace for a while: nobody is slowed any more.
        gateway.Advance(11);
        await gateway.ConnectAsync("board");
    }
}
