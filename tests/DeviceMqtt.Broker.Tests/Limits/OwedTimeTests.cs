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
    public async Task CONNECT_OfAUserThatOwes_WaitsForASecondAndWhatComesBehindUntilItIsPaid()
    {
        await using TestBroker gateway = Start();
        Assert.IsGreaterThan(3_000, Owe(gateway));
        TestClient client = gateway.Open(remote: Address);
        await client.SendAsync(ConnectAndSubscribe);
        TestClient other = await gateway.ConnectAsync("other");
        await other.ExpectNothingAsync();
        Assert.IsNull(client.TryReceiveNow(), "the CONNECT waits");

        gateway.Time.Advance(TimeSpan.FromSeconds(1));
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
        gateway.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        await other.ExpectNothingAsync();
        gateway.Time.Advance(TimeSpan.FromSeconds(10)); // by then it is paid, and it is read again
        await client.DropAsync();
        Assert.IsLessThan(1_000, gateway.Look(static b => b.Owners.Of(user: null, Address, ClientRole.Device)[Good.Memory].Used), "a device that is known is left");
        Assert.AreEqual(0, gateway.Look(static b => b.Owners.At(Address)[Good.Memory].Used));
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

    private static int Owe(TestBroker gateway, long spentUs = 1_000_000) => gateway.Look(b =>
    {
        // Others have had much just now: so it is scarce.
        _ = b.Owners.Spend(b.Owners.Of("other", remote: null, ClientRole.Device), b.Turn.MonotonicUs(), 1_000_000);
        return b.Owners.Spend(b.Owners.Of(user: null, Address, ClientRole.Device), b.Turn.MonotonicUs(), spentUs);
    });

    private static void ConnectAndSubscribe(IBufferWriter<byte> writer)
    {
        new ConnectPacket { ClientId = "client" }.Write(writer);
        new SubscribePacket { PacketId = 1, Requests = [new SubscriptionRequest(TestClient.Filter("a"), QoS.AtMostOnce)] }.Write(writer, ProtocolVersion.V311);
    }
}
