using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>What one owner may have of what all share, and what one client may have in memory. Each test is named after its limit.</summary>
[TestClass]
internal sealed class ShareLimitTests
{
    private static readonly IPEndPoint One = new(IPAddress.Parse("10.0.0.1"), 1000);
    private static readonly IPEndPoint Other = new(IPAddress.Parse("10.0.0.2"), 1000);

    private static TestBroker Start(Action<GatewayLimits> limits, ClientRole role = ClientRole.Device) =>
        TestBroker.Start(limits, ground => ground.Access = new EverybodyIs(role));

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task SharePercentMax_Sessions_OneAddressHasAQuarterAndOthersGetIn(ProtocolVersion version)
    {
        await using TestBroker gateway = Start(l => l.SessionsMax = 20);
        for (int i = 0; i < 5; i++)
            Assert.AreEqual(0, (await gateway.Open(version, One).ConnectAsync($"one-{i}")).Code);
        TestClient sixth = gateway.Open(version, One);
        Assert.AreEqual(version == ProtocolVersion.V5 ? (byte)ReasonCode.QuotaExceeded : (byte)ConnectReturnCode.ServerUnavailable, (await sixth.ConnectAsync("one-6")).Code);
        await sixth.ExpectCloseAsync(CloseReason.QuotaExceeded);
        Assert.AreEqual(0, (await gateway.Open(version, Other).ConnectAsync("other")).Code);
    }

    [TestMethod]
    public async Task SharePercentMax_RetainedMessages_OneAddressHasAQuarter()
    {
        await using TestBroker gateway = Start(l => l.RetainedMessagesMax = 8);
        TestClient one = gateway.Open(remote: One);
        _ = await one.ConnectAsync("one");
        for (int i = 0; i < 5; i++)
            await one.PublishAsync($"one/{i}", "x", retain: true);
        Assert.AreEqual((2, 3L), (gateway.Look(b => b.Retained.Count), gateway.Counters.Dropped(DropReason.RetainedFull)));
        TestClient other = gateway.Open(remote: Other);
        _ = await other.ConnectAsync("other");
        await other.PublishAsync("other", "x", retain: true);
        Assert.IsNotNull(gateway.Look(b => b.Retained.Find("other")));
    }

    [TestMethod]
    public async Task SharePercentMax_KnownDevices_TheOwnOldestIsForgotten()
    {
        await using TestBroker gateway = Start(l => l.KnownDevicesMax = 8);
        TestClient other = gateway.Open(remote: Other);
        _ = await other.ConnectAsync("other");
        await other.DisconnectAsync();
        for (int i = 0; i < 10; i++)
        {
            TestClient one = gateway.Open(remote: One);
            _ = await one.ConnectAsync($"one-{i}");
            await one.DisconnectAsync();
        }

        Assert.IsTrue(gateway.Look(b => b.Mailboxes.IsKnown("other")));
        CollectionAssert.AreEqual((string[])["other", "one-8", "one-9"], gateway.Look(b => b.Mailboxes.InOrder().Select(d => d.ClientId).ToArray()));
    }

    [TestMethod]
    public async Task SharePercentMax_QueueBytes_TheOldestOfItsOwnGoes()
    {
        await using TestBroker gateway = Start(l => l.QueueBytesTotalMax = 20_000);
        TestClient absent = gateway.Open(remote: One);
        _ = await absent.ConnectAsync("absent", clean: false);
        await absent.SubscribeAsync("q", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = gateway.Open(remote: Other);
        _ = await publisher.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("q", new string('x', 1_000), QoS.AtLeastOnce);
        Assert.AreEqual(4, gateway.Look(b => b.Sessions.Find("absent")!.Queue.Count));
        Assert.AreEqual((6L, 0L), (gateway.Counters.Dropped(DropReason.SessionQueueFull), gateway.Counters.Dropped(DropReason.AllQueuesFull)));
    }

    [TestMethod]
    public async Task OperatorSharePercentMax_Default_AnOperatorMayHaveAll()
    {
        await using TestBroker gateway = Start(l => l.SessionsMax = 4, ClientRole.Operator);
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(0, (await gateway.Open(remote: One).ConnectAsync($"one-{i}")).Code);
    }

    [TestMethod]
    public async Task BridgeSharePercentMax_Default_AGatewayBelowHasHalf()
    {
        await using TestBroker gateway = Start(l => l.SessionsMax = 4, ClientRole.Bridge);
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(i < 2 ? 0 : (byte)ConnectReturnCode.ServerUnavailable, (await gateway.Open(remote: One).ConnectAsync($"one-{i}")).Code);
    }

    [TestMethod]
    public async Task HalfOpenConnectionsMax_Share_TheOldestOfThatAddressEndsForTheNewest()
    {
        await using TestBroker gateway = Start(l => l.HalfOpenConnectionsMax = 8);
        TestClient other = gateway.Open(remote: Other);
        TestClient[] silent = [.. Enumerable.Range(0, 5).Select(_ => gateway.Open(remote: One))];
        await silent[0].ExpectCloseAsync(CloseReason.QuotaExceeded);
        await silent[2].ExpectCloseAsync(CloseReason.QuotaExceeded);
        Assert.AreEqual(0, (await other.ConnectAsync("other")).Code);
        Assert.AreEqual(0, (await silent[4].ConnectAsync("who speaks gets in")).Code);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311)]
    [DataRow(ProtocolVersion.V5)]
    public async Task MemoryBytesMax_Filters_RefusedAndTheOthersGoOn(ProtocolVersion version)
    {
        await using TestBroker gateway = Start(static l => (l.MemoryBytesMax, l.WaitingMemoryBytesMax, l.RouteCacheBytesMax) = (16 * 1024 * 1024, 0, 4096));
        TestClient one = gateway.Open(version, One);
        _ = await one.ConnectAsync("one");
        ReasonCode last = ReasonCode.Success;
        int granted = 0;
        for (int i = 0; i < 100 && last < ReasonCode.UnspecifiedError; i++, granted++)
            last = await one.SubscribeAsync($"{i}/{new string('x', 60_000)}", QoS.AtLeastOnce);
        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError, last);
        Assert.IsLessThan(30, granted);
        TestClient other = gateway.Open(version, Other);
        _ = await other.ConnectAsync("other");
        Assert.AreEqual(ReasonCode.GrantedQoS1, await other.SubscribeAsync("small", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task MemoryBytesMax_UnfinishedPackets_ThatClientIsClosed()
    {
        await using TestBroker gateway = Start(static l => (l.MemoryBytesMax, l.WaitingMemoryBytesMax) = (16 * 1024 * 1024, 0));
        List<TestClient> clients = [];
        for (int i = 0; i < 8; i++)
        {
            TestClient client = gateway.Open(remote: One);
            clients.Add(client);
            _ = await client.ConnectAsync($"one-{i}");
            await client.SendAsync([0x30, 0xC0, 0x84, 0x3D, .. new byte[900_000]]);
        }

        await Patience.Until(() => gateway.Counters.Closed(CloseReason.QuotaExceeded) >= 4, "the end of those that have no memory");
        Assert.AreEqual(0, (await gateway.Open(remote: Other).ConnectAsync("other")).Code);
        foreach (TestClient client in clients)
            await client.DropAsync();
        await Patience.Until(() => gateway.Look(b => b.Owners[Good.Connections].Used) == 1, "the end of them all");
    }

    [TestMethod]
    public async Task SharePercentMax_TimeIsScarceAndMemoryIsGone_WhoSendsLittleGoesOn()
    {
        await using TestBroker gateway = Start(static l => (l.MemoryBytesMax, l.WaitingMemoryBytesMax) = (16 * 1024 * 1024, 0));
        TestClient board = gateway.Open(remote: One);
        _ = await board.ConnectAsync("board");
        for (int i = 0; gateway.Counters.Closed(CloseReason.QuotaExceeded) == 0; i++)
        {
            TestClient greedy = gateway.Open(remote: One);
            if ((await greedy.ConnectAsync($"greedy-{i}")).Code != 0)
                break;
            await greedy.SendAsync([0x30, 0xC0, 0x84, 0x3D, .. new byte[40_000]]);
        }

        gateway.Time.LookMs = 30; // each turn takes that long, and more
        for (int i = 0; i < 10; i++)
            Assert.AreEqual(ReasonCode.Success, await board.PublishAsync("reading", "20.5", QoS.AtLeastOnce));
    }

    [TestMethod]
    public async Task Connection_WhoseTransportTakesMemory_ItCountsUntilItsEnd()
    {
        const int TlsBytes = 38 * 1024;
        await using TestBroker gateway = Start(static _ => { });
        TestTransport transport = new(networkBytes: 0);
        Task served = gateway.Mqtt.ServeAsync(transport, One, static () => { }, transportBytes: TlsBytes);
        Assert.AreEqual(MemoryCost.Connection + TlsBytes, gateway.Look(static b => b.Owners[Good.Memory].Used - b.Owners.OwnBytes));
        await transport.ToGateway.CompleteAsync();
        await Patience.Within(served, "the end of the connection");
        Assert.AreEqual(0, gateway.Look(static b => b.Owners[Good.Memory].Used - b.Owners.OwnBytes));
    }

    [TestMethod]
    public async Task ConnectionMemoryBytesMax_Will_RefusedWithTheCodeForIt()
    {
        await using TestBroker gateway = Start(l => l.ConnectionMemoryBytesMax = 64 * 1024);
        WillMessage will = new() { Topic = "will", Payload = new byte[60_000] };
        TestClient client = gateway.Open(ProtocolVersion.V5, One);
        Assert.AreEqual((byte)ReasonCode.QuotaExceeded, (await client.ConnectAsync("client", will: will)).Code);
        await client.ExpectCloseAsync(CloseReason.QuotaExceeded);
    }

    [TestMethod]
    public async Task InflightBytesMax_Reached_TheRestWaitsForAcknowledgements()
    {
        await using TestBroker gateway = Start(l => l.InflightBytesMax = 10_000);
        TestClient reader = await gateway.ConnectDurableAsync("reader");
        await reader.SubscribeAsync("q", QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 10; i++)
            await publisher.PublishAsync("q", new string('x', 4_000), QoS.AtLeastOnce);
        Assert.AreEqual((2, 8), gateway.Look(b => (b.Sessions.Find("reader")!.InflightCount, b.Sessions.Find("reader")!.Queue.Count)));
        for (int i = 0; i < 10; i++)
            _ = await reader.ReceivePublishAndAckAsync();
        await Patience.Until(() => gateway.Look(b => b.Sessions.Find("reader")!.InflightCount + b.Sessions.Find("reader")!.Queue.Count) == 0, "all of them");
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task InflightBytesMax_Reached_ASmallCommandDoesNotPassALargeOne(bool hasSession)
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.InflightBytesMax = 10_000);
        TestClient device = hasSession ? await gateway.ConnectDurableAsync("device") : await gateway.ConnectAsync("device");
        TestClient app = await gateway.ConnectAsync("app");
        string[] commands = ["1" + new string('x', 6_000), "2" + new string('x', 6_000), "3", "4" + new string('x', 6_000), "5"];

        foreach (string command in commands)
            Assert.AreEqual(ReasonCode.Success, await app.PublishAsync("dm/p2p/device", command, QoS.AtLeastOnce));

        foreach (string command in commands)
            Assert.AreEqual(command, (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public void RouteCacheBytesMax_ManyRecipients_TheCacheStartsAnew()
    {
        TopicTree tree = new();
        RouteCache cache = new(tree, new GatewayLimits { RouteCacheBytesMax = 100_000 });
        for (int i = 0; i < 100; i++)
            tree.Set(new Subscription(Make.Session($"s{i}"), Make.Filter("#")));
        Route first = cache.Get("t/0");
        for (int i = 0; i < 100; i++)
            _ = cache.Get($"t/{i}");
        Assert.IsLessThanOrEqualTo(100_000L, cache.Bytes);
        Assert.IsFalse(first.IsCached);
        Assert.IsEmpty(first.Recipients);
        Assert.HasCount(100, cache.Get("t/0").Recipients);
    }
}
