using System.Buffers;
using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>Who has had more than its share of the time of the turn gains nothing by a new connection.</summary>
[TestClass]
internal sealed class OwedTimeTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Parse("192.0.2.7"), 1234);

    [TestMethod]
    public async Task CONNECT_OfAUserThatOwes_WaitsForFiveSecondsAndWhatComesBehindUntilItIsPaid()
    {
        await using TestBroker gateway = Start();
        Assert.IsGreaterThan(10_000, Owe(gateway, spentUs: 3_000_000));
        TestClient client = gateway.Open(remote: Address);
        await client.SendAsync(ConnectAndSubscribe);
        TestClient other = await gateway.ConnectAsync("other");
        await other.ExpectNothingAsync();
        Assert.IsNull(client.TryReceiveNow(), "the CONNECT waits");

        gateway.Time.Advance(TimeSpan.FromSeconds(1));
        await other.ExpectNothingAsync();
        Assert.IsNull(client.TryReceiveNow(), "it is not paid in a second");
        gateway.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        await other.ExpectNothingAsync();
        Assert.IsNull(client.TryReceiveNow(), "what came with the CONNECT waits");

        gateway.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.AreEqual(PacketType.SubAck, (await client.ReceiveAsync()).Type);
        Assert.AreEqual(1, gateway.Look(static b => b.Sessions.Find("client")!.Subscriptions.Count));
    }

    [TestMethod]
    public async Task CONNECT_ThatWaitsUntilItIsPaid_TakesMemoryUntilThen()
    {
        await using TestBroker gateway = Start();
        _ = Owe(gateway);
        WillMessage will = new() { Topic = "t", Payload = new byte[20_000] };
        TestClient client = gateway.Open(remote: Address);
        await client.SendConnectAsync("client", will: will);
        TestClient other = await gateway.ConnectAsync("other");
        await other.ExpectNothingAsync();
        Assert.IsGreaterThan(MemoryCost.Connection + (3 * 20_000), gateway.Look(static b => b.Owners.At(Address)[Good.Memory].Used));
        gateway.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        await other.ExpectNothingAsync();
        gateway.Time.Advance(TimeSpan.FromSeconds(10)); // by then it is paid, and it is read again
        await client.DropAsync();
        Assert.IsLessThan(1_000, gateway.Look(static b => b.Owners.Of(user: null, Address, ClientRole.Device)[Good.Memory].Used), "a device that is known is left");
        Assert.AreEqual(0, gateway.Look(static b => b.Owners.At(Address)[Good.Memory].Used));
    }

    // Another client of its user owes half a minute: it had its PINGRESP then, and a client with a short Keep Alive went away before.
    [TestMethod]
    public async Task PINGREQ_OfAUserThatOwesForSeconds_IsAnsweredBeforeThatIsPaid()
    {
        await using TestBroker gateway = Start();
        TestClient client = gateway.Open(remote: Address);
        _ = await client.ConnectAsync("client", keepAliveSeconds: 4);
        Assert.IsGreaterThan(30_000, Owe(gateway, spentUs: 9_000_000));
        int timers = gateway.Time.TimerCount;
        for (int second = 0; second < 10; second++)
        {
            await PingAsync(client); // with the first it is seen that it owes
            await Patience.Until(() => gateway.Time.TimerCount > timers, "it waits");
            gateway.Advance(1);
        }

        Assert.IsGreaterThan(10_000, gateway.Look(static b => b.Owners.Of(user: null, Address, ClientRole.Device).OwesMs(b.Turn.MonotonicUs())));
        Assert.AreEqual(0, gateway.Counters.Closed(CloseReason.KeepAliveTimeout));
        await PingAsync(client);
        await Patience.Until(
            () =>
            {
                gateway.Advance(1);
                return gateway.Counters.Closed(CloseReason.KeepAliveTimeout) == 1;
            },
            "the end: it is silent when it is read again, and says nothing");
    }

    // Hundreds of its connections had a read each in every second, whatever it owed.
    [TestMethod]
    public async Task Connections_ManyOfAUserThatOwes_AllTogetherAreReadSeldom()
    {
        const int Many = 200;
        await using TestBroker gateway = Start();
        List<TestClient> clients = [];
        for (int i = 0; i < Many; i++)
        {
            clients.Add(gateway.Open(remote: Address));
            _ = await clients[i].ConnectAsync($"client-{i}", keepAliveSeconds: 4);
        }

        TestClient other = await gateway.ConnectAsync("other");
        Assert.IsGreaterThan(30_000, Owe(gateway, spentUs: 9_000_000));
        foreach (TestClient client in clients)
        {
            await PingAsync(client); // with this read it is seen that it owes
            await client.SendAsync(PingPackets.PingReq.ToArray());
        }

        await other.ExpectNothingAsync();
        Assert.AreEqual(Many, gateway.Look(static b => b.Owners.Of(user: null, Address, ClientRole.Device).WaitingForTime));
        int answered = 0;
        for (int second = 1; second <= 8; second++)
        {
            gateway.Advance(1);
            await other.ExpectNothingAsync();
            answered += clients.Count(static client => client.TryReceiveNow() is not null);
            Assert.IsLessThanOrEqualTo(25 * second, answered, "reads of 40 ms each");
        }

        await Patience.Until(() => (answered += clients.Count(static client => client.TryReceiveNow() is not null)) == Many, "each has its turn");
        Assert.AreEqual(0, gateway.Counters.Closed(CloseReason.KeepAliveTimeout));
    }

    [TestMethod]
    public async Task Connection_OfAUserThatOwesClosedMeanwhile_EndsAtOnce()
    {
        await using TestBroker gateway = Start();
        TestClient client = gateway.Open(remote: Address);
        _ = await client.ConnectAsync("client");
        _ = Owe(gateway);
        await PingAsync(client);
        _ = gateway.Look(static b =>
        {
            b.Sessions.Find("client")!.Connection!.Close(CloseReason.EndedByOperator);
            return true;
        });
        await client.WaitForEndAsync();
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.EndedByOperator));
    }

    // It waits for up to half of the time that a CONNECT has: so long it had a place that nobody else got.
    [TestMethod]
    public async Task HalfOpenConnectionsMax_AllWaitForTheirTime_TheNewestOfAnAddressThatHasMoreEnds()
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.HalfOpenConnectionsMax = 8, static ground => ground.Access = new EverybodyIs(ClientRole.Device));
        List<TestClient> waiting = [];
        for (int i = 0; i < 8; i++)
        {
            IPEndPoint remote = new(new IPAddress([203, 0, (byte)(i / 2), 1]), 1234);
            _ = Owe(gateway, remote: remote);
            waiting.Add(gateway.Open(remote: remote));
            await waiting[^1].SendConnectAsync($"client-{i}");
        }

        TestClient board = await gateway.ConnectAsync("board");
        await waiting[1].WaitForEndAsync();
        await board.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.QuotaExceeded));
    }

    private static async Task PingAsync(TestClient client)
    {
        await client.SendAsync(PingPackets.PingReq.ToArray());
        Assert.AreEqual(PacketType.PingResp, (await client.ReceiveAsync()).Type);
    }

    // The owner is forgotten when nothing is its own: not while it owes.
    [TestMethod]
    public async Task Owner_WithoutAConnection_OwesStillWhenItIsBack()
    {
        await using TestBroker gateway = Start();
        _ = Owe(gateway);
        bool owes = gateway.Look(static b =>
        {
            for (int i = 0; i < 200; i++)
                _ = b.Owners.Of($"user-{i}", remote: null, ClientRole.Device);
            return b.Owners.Of(user: null, Address, ClientRole.Device).OwesMs(b.Turn.MonotonicUs()) > 0;
        });
        Assert.IsTrue(owes);
        gateway.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.AreEqual(0, gateway.Look(static b => b.Owners.Of(user: null, Address, ClientRole.Device).OwesMs(b.Turn.MonotonicUs())));
    }

    // A Session takes as long to end as it took to begin.
    [TestMethod]
    public async Task Connection_Ended_ItsOwnerHasHadThatTime()
    {
        TestBroker? started = null;
        await using TestBroker gateway = started = TestBroker.Start(null, ground =>
        {
            ground.Access = new EverybodyIs(ClientRole.Device);
            ground.Watch = new SlowWatch(() => started!.Time.Advance(TimeSpan.FromMilliseconds(50)));
        });
        TestClient client = gateway.Open(remote: Address);
        _ = await client.ConnectAsync("client", will: new WillMessage { Topic = "t", Payload = "gone"u8.ToArray() });
        gateway.Time.Advance(TimeSpan.FromSeconds(60));
        await client.DropAsync();
        Assert.IsGreaterThan(0, Owe(gateway, spentUs: 5_000), "with what it has had it is more than its burst");
    }

    /// <summary>To publish a message takes its time.</summary>
    private sealed class SlowWatch(Action published) : IMessageWatch
    {
        public void Published(ref Publication publication) => published();

        public bool Takes(in Publication publication) => false;

        public void ReceiptCame(string target, string commandId, string status, string why)
        {
        }
    }

    private static TestBroker Start() => TestBroker.Start(null, static ground => ground.Access = new EverybodyIs(ClientRole.Device));

    private static int Owe(TestBroker gateway, long spentUs = 1_000_000, IPEndPoint? remote = null) => gateway.Look(b =>
    {
        // Others have had much just now: so it is scarce.
        _ = b.Owners.Of("other", remote: null, ClientRole.Device).Pay(b.Turn.MonotonicUs(), 1_000_000);
        return b.Owners.Of(user: null, remote ?? Address, ClientRole.Device).Pay(b.Turn.MonotonicUs(), spentUs);
    });

    private static void ConnectAndSubscribe(IBufferWriter<byte> writer)
    {
        new ConnectPacket { ClientId = "client" }.Write(writer);
        new SubscribePacket { PacketId = 1, Requests = [new SubscriptionRequest(TestClient.Filter("a"), QoS.AtMostOnce)] }.Write(writer, ProtocolVersion.V311);
    }
}
