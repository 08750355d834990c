using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// What a Session leaves behind takes many turns to settle, and the gateway may be killed in the middle. Its commands are its user's: whoever is let in
/// under its Client Identifier next gets none of them, whether the next start reads the events or a snapshot.
/// </summary>
[TestClass]
internal sealed class FormerUserTests
{
    private const int Waiting = 1_500;

    private static void Limits(GatewayLimits limits) => limits.InflightMax = 4;

    [TestMethod]
    [DataRow(true, true, false), DataRow(false, true, false), DataRow(true, false, false), DataRow(false, false, false)]
    [DataRow(true, true, true), DataRow(false, true, true), DataRow(true, false, true), DataRow(false, false, true)]
    public async Task Session_OfAUserThatIsGoneIsEndingWhenTheGatewayIsKilled_NextUserGetsNoneOfItsCommands(bool isSnapshot, bool isDurable, bool isForgotten)
    {
        Users users = new();
        Queue<Jobs> soon = new();
        BrokerOnDisk gateway = Start(users, soon);
        TestClient publisher = await gateway.ConnectAsync("p");
        await EndInTheMiddleAsync(gateway, users, publisher, isDurable, isForgotten);
        gateway.Time.LookMs = 1;
        await gateway.Open().ConnectAsync("x", clean: !isDurable, userName: "bob");
        gateway.Time.LookMs = 0;

        await AssertNothingForBobAsync(await KillAsync(gateway, publisher, soon, isSnapshot), users, isDurable);
    }

    // Forgotten, and nobody has come since: the commands are nobody else's all the same.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Session_OfAUserThatIsGoneIsEndingWhenTheGatewayIsKilled_WhoComesAfterTheStartGetsNoneOfItsCommands(bool isSnapshot)
    {
        Users users = new();
        Queue<Jobs> soon = new();
        BrokerOnDisk gateway = Start(users, soon);
        TestClient publisher = await gateway.ConnectAsync("p");
        await EndInTheMiddleAsync(gateway, users, publisher, isDurable: true, isForgotten: true);

        await AssertNothingForBobAsync(await KillAsync(gateway, publisher, soon, isSnapshot), users, isDurable: false);
    }

    // Who comes is the same user, for there is one for all boards of the house: a power cut in the moment after "it is forgotten" gave the new board what the former one was to do.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task Device_IsForgottenWhileTheDiskIsBehindAndTheGatewayIsKilled_TheNextGetsNoneOfItsCommands(bool isSnapshot)
    {
        Users users = new();
        Queue<Jobs> soon = new();
        BrokerOnDisk gateway = Start(users, soon);
        TestClient publisher = await gateway.ConnectAsync("p");
        TestClient board = await LeaveMuchAsync(gateway, publisher, isDurable: true);
        await board.DropAsync();
        // What is in flight is a thing of the slice, too: a disk that is behind has it rest before the first.
        gateway.Time.LookMs = 1;
        Assert.IsFalse(gateway.Look(static b =>
        {
            while (!b.Turn.IsSliceOver)
            {
            }

            return b.Sessions.ForgetAway("x").IsNoRoom;
        }));
        gateway.Time.LookMs = 0;
        Assert.IsFalse(gateway.Look(static b => b.Mailboxes.IsKnown("x")));

        MemoryStorage left = await KillAsync(gateway, publisher, soon, isSnapshot);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, access: users);
        TestClient next = restarted.Open();
        await next.ConnectAsync("x", clean: false, userName: "ann");
        await next.ExpectNothingAsync();
        Assert.AreEqual(2, restarted.Counters.Dropped(DropReason.DroppedByOperator));
        restarted.AssertLedgerBalances();
    }

    // Jobs go on by hand.
    private static BrokerOnDisk Start(Users users, Queue<Jobs> soon)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), Limits, access: users, snapshotSteps: int.MaxValue);
        gateway.Broker.Turn.Jobs.RunSoon = soon.Enqueue;
        return gateway;
    }

    private static async Task<MemoryStorage> KillAsync(BrokerOnDisk gateway, TestClient publisher, Queue<Jobs> soon, bool isSnapshot)
    {
        Assert.HasCount(1, gateway.Look(static b => b.Sessions.Ending), "what ann left behind is settled already");
        if (isSnapshot)
        {
            using (Turn.Scope scope = gateway.Broker.Turn.Enter())
                gateway.State.SnapshotIfDue();
            _ = await publisher.PublishAsync("nobody", "commits", QoS.AtLeastOnce, retain: true);
            await Patience.Until(() => gateway.State.Status!.Value.Snapshots > 0, "the snapshot");
        }

        _ = await publisher.PublishAsync("nobody", "commits too", QoS.AtLeastOnce, retain: true);
        MemoryStorage left = gateway.Disk.Crash();
        gateway.Broker.Turn.Jobs.RunSoon = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false);
        while (soon.Count > 0)
            soon.Dequeue().Execute();
        await gateway.DisposeAsync();
        return left;
    }

    private static async Task AssertNothingForBobAsync(MemoryStorage left, Users users, bool isDurable)
    {
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, access: users);
        TestClient bob = restarted.Open();
        await bob.ConnectAsync("x", clean: !isDurable, userName: "bob");
        await bob.ExpectNothingAsync();
        Assert.AreEqual(2, restarted.Counters.Dropped(DropReason.UserGone));
        restarted.AssertLedgerBalances();
    }

    // Two commands are in flight to ann, and so much waits behind them that the end of her Session takes more than the slice at hand.
    private static async Task EndInTheMiddleAsync(BrokerOnDisk gateway, Users users, TestClient publisher, bool isDurable, bool isForgotten)
    {
        TestClient ann = await LeaveMuchAsync(gateway, publisher, isDurable);
        gateway.Time.LookMs = 1;
        if (isDurable)
            await ann.DropAsync();
        users.AreGone.Add("ann");
        gateway.Look(b =>
        {
            if (isDurable && isForgotten)
                b.Sessions.End(b.Sessions.Find("x")!).ForNobody();
            return 0;
        });
        if (!isDurable)
            await ann.DropAsync();
        if (isForgotten)
            gateway.Look(b =>
            {
                b.Mailboxes.ForgetIfGone("x");
                return 0;
            });
        gateway.Time.LookMs = 0;
        Assert.AreEqual(!isForgotten, gateway.Look(static b => b.Mailboxes.IsKnown("x")));
    }

    private static async Task<TestClient> LeaveMuchAsync(BrokerOnDisk gateway, TestClient publisher, bool isDurable)
    {
        TestClient ann = gateway.Open();
        await ann.ConnectAsync("x", clean: !isDurable, userName: "ann");
        await ann.SubscribeAsync("t", QoS.AtLeastOnce);
        for (int i = 0; i < 2; i++)
            _ = await publisher.PublishAsync("dm/p2p/x", $$"""{"id":"{{i}}","cmd":"relay.set","from":"p","ttl":9999}""", QoS.AtLeastOnce);
        for (int i = 0; i < Waiting; i++)
            _ = await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
        return ann;
    }

    private sealed class Users : IAccessRules
    {
        public HashSet<string> AreGone { get; } = [];

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => Recall(connect.ClientId, connect.UserName, ClientRole.Operator);

        public Admission Recall(string clientId, string? userName, ClientRole role) =>
            new(ClientRole.Operator, userName is not null && AreGone.Contains(userName) ? "no such user" : null) { UserName = userName };
    }
}
