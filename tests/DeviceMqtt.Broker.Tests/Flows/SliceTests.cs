using System.Net;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>What one connection has sent takes no more of the turn at a time than a slice. Counted are turns; the clock moves with each look at it, or not at all.</summary>
[TestClass]
internal sealed class SliceTests
{
    private const int Packets = 640;
    private static readonly IPEndPoint Address = IPEndPoint.Parse("192.0.2.1:1");

    [TestMethod]
    public async Task Read_LongerThanASlice_TheRestHasTurnsOfItsOwn()
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 100);
        TestClient client = await gateway.ConnectAsync("client");
        gateway.Time.LookMs = Broker.Turns.Turn.SliceMs;
        int turns = 0;
        OnTurn(gateway, () => turns++);
        Assert.AreEqual(Packets, await PingAsync(client));
        Assert.IsGreaterThan(Packets / 64, turns, "turns of a read that takes long");
    }

    [TestMethod]
    public async Task Read_NoLongerThanASlice_IsOneTurn()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient client = await gateway.ConnectAsync("client");
        int turns = 0;
        OnTurn(gateway, () => turns++);
        Assert.AreEqual(Packets, await PingAsync(client));
        Assert.IsLessThan(5, turns);
    }

    [TestMethod]
    public async Task Read_LongerThanASliceAndTheClientIsGone_AllOfItIsHandled()
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 100);
        TestClient client = await gateway.ConnectAsync("client");
        gateway.Time.LookMs = Broker.Turns.Turn.SliceMs;
        byte[] publish = [0x30, 4, 0, 1, (byte)'t', (byte)'x'];
        await client.SendAsync([.. Enumerable.Repeat(publish, Packets).SelectMany(static bytes => bytes)]);
        await client.DropAsync();
        Assert.AreEqual(Packets, gateway.Counters.MessagesReceived);
    }

    [TestMethod]
    public async Task Connection_ReadsThatTakeLong_ItsOwnerIsChargedInTheSameTurn()
    {
        await using TestBroker gateway = TestBroker.Start(null, static ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient client = gateway.Open(remote: Address);
        _ = await client.ConnectAsync("client");
        gateway.Advance(10); // whatever the CONNECT took is forgiven
        gateway.Time.LookMs = 1;
        await client.SendAsync(PingPackets.PingReq.ToArray());
        _ = await client.ReceiveAsync();
        gateway.Time.LookMs = 0;
        Assert.IsGreaterThan(0, WaitOf(gateway, spentUs: 5_000), "with what it has had it is more than its burst");
    }

    [TestMethod]
    public async Task Connection_EndedByTheGateway_ItsOwnerIsNotChargedForTheTimeThatItWasIdle()
    {
        await using TestBroker gateway = TestBroker.Start(null, static ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient idle = gateway.Open(remote: Address);
        _ = await idle.ConnectAsync("client", keepAliveSeconds: 1_000);
        gateway.Advance(2_000);
        await idle.ExpectCloseAsync(CloseReason.KeepAliveTimeout);
        Assert.AreEqual(0, WaitOf(gateway, spentUs: 1));
    }

    // A process that stood still for 100 ms, and one that has done so much.
    [TestMethod]
    [DataRow(0, 20), DataRow(5_000, 30), DataRow(20_000, 180)]
    public async Task Connection_TurnThatTookLong_ItsOwnerIsChargedForWhatWasDoneOrABurst(int deliveries, int waitMs)
    {
        await using TestBroker gateway = TestBroker.Start(static l => l.SharePercentMax = 50, static ground => ground.Access = new EverybodyIs(ClientRole.Device));
        _ = await gateway.Open(remote: Address).ConnectAsync("client");
        int owed = gateway.Look(b =>
        {
            MqttConnection connection = (MqttConnection)b.Sessions.Find("client")!.Connection!;
            connection.TurnBegan = b.Turn.BeganAt;
            b.Turn.Did(deliveries);
            gateway.Time.LookMs = 100;
            _ = b.Turn.MonotonicMs();
            gateway.Time.LookMs = 0;
            connection.CountTime(b.Turn.Time, b.Turn.WorkUs);
            connection.TurnBegan = 0;
            _ = b.Owners.Of("other", remote: null, ClientRole.Device).Pay(b.Turn.MonotonicUs(), 1_000_000); // others want the time, too
            return connection.Spend(b.Turn.MonotonicUs());
        });
        Assert.AreEqual(waitMs, owed);
    }

    // Others want the time, too.
    private static int WaitOf(TestBroker gateway, long spentUs) => gateway.Look(b =>
    {
        _ = b.Owners.Of("other", remote: null, ClientRole.Device).Pay(b.Turn.MonotonicUs(), 1_000_000);
        return b.Owners.Of(user: null, Address, ClientRole.Device).Pay(b.Turn.MonotonicUs(), spentUs);
    });

    private static void OnTurn(TestBroker gateway, Action act)
    {
        Action? atEnd = gateway.Broker.Turn.AtEnd;
        gateway.Broker.Turn.AtEnd = () =>
        {
            act();
            atEnd?.Invoke();
        };
    }

    private static async Task<int> PingAsync(TestClient client)
    {
        byte[] ping = PingPackets.PingReq.ToArray();
        await client.SendAsync([.. Enumerable.Repeat(ping, Packets).SelectMany(static bytes => bytes)]);
        int answers = 0;
        for (; answers < Packets; answers++)
            _ = await client.ReceiveAsync();
        return answers;
    }
}
