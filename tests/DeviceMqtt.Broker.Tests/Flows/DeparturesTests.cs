using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>An access point takes many boards along: those who are still there are served before all of them are settled. Counted are connections; the clock stands still, or moves with each look at it.</summary>
[TestClass]
internal sealed class DeparturesTests
{
    private const int Boards = 60;

    [TestMethod]
    public async Task ManyEndAtOnce_OthersAreServedInBetweenAndEveryWillGoesOut()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient[] boards = await ConnectBoardsAsync(gateway, keepAliveSeconds: 0);
        List<Jobs> soon = HoldJobs(gateway);

        await LeaveAsync(boards);
        int left = gateway.Table.Count;
        Assert.IsGreaterThan(Boards / 2, left, "all were settled where they ended");
        Assert.HasCount(1, soon, "one job for all");

        gateway.Time.LookMs = 1;
        soon[0].Execute();
        Assert.IsLessThan(left, gateway.Table.Count, "a slice settles some");
        Assert.IsGreaterThan(1, gateway.Table.Count, "a slice settles no more than there is time for");
        gateway.Time.LookMs = 0;
        HashSet<string> wills = await PingAmongWillsAsync(watcher);
        Assert.IsLessThan(Boards, wills.Count, "the PINGRESP came behind all Wills");

        Finish(gateway, soon);
        await ReceiveAllAsync(watcher, wills);
        foreach (TestClient board in boards)
            await board.WaitForEndAsync();
        Assert.AreEqual(1, gateway.Table.Count);
    }

    [TestMethod]
    public async Task ManyEndAtOnceWithoutAWill_AreSettledWhereTheyEnd()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient[] boards = new TestClient[Boards];
        for (int i = 0; i < Boards; i++)
            boards[i] = await gateway.ConnectAsync(Name(i));
        List<Jobs> soon = HoldJobs(gateway);

        await LeaveAsync(boards);

        Assert.IsEmpty(soon, "another thread was asked to settle them");
        Assert.AreEqual(0, gateway.Table.Count);
    }

    [TestMethod]
    public async Task ManyAreOverdueAtOnce_AreClosedInSlicesAndThoseThatAreBackStay()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient[] boards = await ConnectBoardsAsync(gateway, keepAliveSeconds: 10);
        List<Jobs> soon = HoldJobs(gateway);
        gateway.Time.Advance(TimeSpan.FromSeconds(16));
        gateway.Time.LookMs = 1;
        gateway.Mqtt.Beat();
        gateway.Time.LookMs = 0;
        Assert.HasCount(1, soon);
        Assert.IsGreaterThan(Boards / 2, IsOpen(gateway), "all were closed in the turn that looked for them");

        // Its PINGREQ was on the way, and comes before its turn to be closed.
        await boards[^1].SendAsync(PingPackets.PingReq.ToArray());
        Finish(gateway, soon);
        Assert.AreEqual(PacketType.PingResp, (await boards[^1].ReceiveAsync()).Type);
        foreach (TestClient board in boards[..^1])
            await board.WaitForEndAsync();
        Assert.AreEqual(Boards - 1, gateway.Counters.Closed(CloseReason.KeepAliveTimeout));
        await boards[^1].ExpectNothingAsync();
    }

    private static int IsOpen(TestBroker gateway) => gateway.Table.Open.Count(static connection => connection.IsOpen);

    [TestMethod]
    public async Task EndsAndIsBackBeforeItIsSettled_TheWillOfTheOldOneComesFirst()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient watcher = await WatchAsync(gateway);
        TestClient[] boards = await ConnectBoardsAsync(gateway, keepAliveSeconds: 0);
        List<Jobs> soon = HoldJobs(gateway);
        await LeaveAsync(boards);

        TestClient again = gateway.Open();
        await again.SendConnectAsync(Name(Boards - 1));
        Finish(gateway, soon);
        await ReceiveAllAsync(watcher, []);
        Assert.AreEqual(0, (await again.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(2, gateway.Table.Count, "the watcher, and the one that is back");
    }

    // A Will of one is written to the next, which is settled in the same turn, before what was written is flushed.
    [TestMethod]
    public async Task ManyEndAtOnce_TheWillsOfTheOthersAreForThem_TheirMemoryIsGivenBack()
    {
        await using TestBroker gateway = TestBroker.Start(static limits => limits.KnownDevicesMax = 1);
        TestClient[] boards = await ConnectBoardsAsync(gateway, keepAliveSeconds: 0, willBytes: 6_000, networkBytes: 1_000);
        foreach (TestClient board in boards)
            _ = await board.SubscribeAsync("gone/#");
        List<Jobs> soon = HoldJobs(gateway);
        await LeaveAsync(boards);
        Finish(gateway, soon);
        foreach (TestClient board in boards)
            await board.WaitForEndAsync();
        Assert.AreEqual(0, gateway.Table.Count);
        gateway.Advance(1);
        Assert.AreEqual(0, gateway.Look(static b => b.Owners[Good.Memory].Used - b.Owners.OwnBytes - b.Mailboxes.InOrder().Sum(static device => (long)MemoryCost.Device(device.ClientId))));
    }

    // A user that takes all its Sessions away at once does not stand in front of the Will of somebody else's board.
    [TestMethod]
    public async Task ManyOfOneUserEndAtOnce_OneOfAnotherIsSettledInItsTurn()
    {
        await using TestBroker gateway = TestBroker.Start(null, static ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient[] boards = await ConnectBoardsAsync(gateway, keepAliveSeconds: 0);
        TestClient other = gateway.Open(remote: new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.7"), 1234));
        _ = await other.ConnectAsync("other", will: new WillMessage { Topic = "gone/other", Payload = "x"u8.ToArray() });
        List<Jobs> soon = HoldJobs(gateway);
        await LeaveAsync(boards);
        await LeaveAsync([other]);
        Assert.IsTrue(IsThere());
        gateway.Time.LookMs = 1;
        for (int slice = 0; slice < 4; slice++)
            soon[0].Execute();
        gateway.Time.LookMs = 0;
        Assert.IsFalse(IsThere(), "it waits behind all of the other user");
        Assert.IsGreaterThan(Boards / 2, gateway.Table.Count);
        Finish(gateway, soon);

        bool IsThere() => gateway.Look(static b => b.Sessions.Find("other")) is not null;
    }

    private static string Name(int board) => $"board{board:00}";

    private static async Task<TestClient[]> ConnectBoardsAsync(TestBroker gateway, ushort keepAliveSeconds, int willBytes = 1, int networkBytes = 0)
    {
        TestClient[] boards = new TestClient[Boards];
        for (int i = 0; i < Boards; i++)
        {
            boards[i] = gateway.Open(networkBytes: networkBytes);
            _ = await boards[i].ConnectAsync(Name(i), keepAliveSeconds: keepAliveSeconds, will: new WillMessage { Topic = $"gone/{Name(i)}", Payload = new byte[willBytes] });
        }

        return boards;
    }

    private static async Task<TestClient> WatchAsync(TestBroker gateway)
    {
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("gone/#");
        return watcher;
    }

    // Without DISCONNECT, and without waiting for the gateway.
    private static async Task LeaveAsync(TestClient[] boards)
    {
        foreach (TestClient board in boards)
            await board.Transport.ToGateway.CompleteAsync();
    }

    private static List<Jobs> HoldJobs(TestBroker gateway)
    {
        List<Jobs> soon = [];
        gateway.Broker.Turn.Jobs.RunSoon = soon.Add;
        return soon;
    }

    private static void Finish(TestBroker gateway, List<Jobs> soon)
    {
        gateway.Broker.Turn.Jobs.RunSoon = static jobs => jobs.Execute();
        soon[0].Execute();
    }

    private static async Task<HashSet<string>> PingAmongWillsAsync(TestClient watcher)
    {
        await watcher.SendAsync(PingPackets.PingReq.ToArray());
        HashSet<string> wills = [];
        while (await watcher.ReceiveAsync() is { Type: PacketType.Publish } packet)
            _ = wills.Add(packet.ToString());
        return wills;
    }

    private static async Task ReceiveAllAsync(TestClient watcher, HashSet<string> wills)
    {
        while (wills.Count < Boards)
        {
            ReceivedPacket packet = await watcher.ReceiveAsync();
            Assert.AreEqual(PacketType.Publish, packet.Type);
            Assert.IsTrue(wills.Add(packet.ToString()), "a Will came twice");
        }
    }
}
