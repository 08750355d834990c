using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A board that moves between two gateways with one gateway above. See RoamingTests of the broker for what the upper one makes of what it is told.</summary>
[TestClass]
public sealed class RelayRoamingTests
{
    private const string Board = "dev1";

    [TestMethod]
    [DataRow("3.1.1"), DataRow("5.0")]
    public async Task Board_GoesToAnotherGatewayAndBack_CommandGoesWhereItIs(string link)
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        await using TestRelay a = await StartAsync(upper, "gw-a", link);
        await using TestRelay b = await StartAsync(new Beside(upper), "gw-b", link);
        _ = await OnlineAsync(a);
        await IsAtAsync(upper, "gw-a");
        _ = await OnlineAsync(b);
        await IsAtAsync(upper, "gw-b");

        TestClient board = await OnlineAsync(a); // its first connection there is open still
        await IsAtAsync(upper, "gw-a");

        await CommandArrivesAsync(upper, board);
        IsShown(upper, "true");
    }

    // No presence is told: over 5.0 SUBSCRIBE says that it has come.
    [TestMethod]
    public async Task Board_TellsNoPresence_CommandGoesWhereItIs()
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        await using TestRelay a = await StartAsync(upper, "gw-a", "5.0");
        await using TestRelay b = await StartAsync(new Beside(upper), "gw-b", "5.0");
        TestClient first = await a.Gateway.ConnectAsync(Board);
        await IsAtAsync(upper, "gw-a");
        _ = await b.Gateway.ConnectAsync(Board);
        await IsAtAsync(upper, "gw-b");
        await first.DropAsync();

        TestClient board = await a.Gateway.ConnectAsync(Board);
        await IsAtAsync(upper, "gw-a");

        await CommandArrivesAsync(upper, board);
    }

    // It came while the link was down.
    [TestMethod]
    public async Task Board_ComesWhileTheLinkIsDown_ToldWhenItIsBack()
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        await using TestRelay a = await StartAsync(upper, "gw-a", "5.0");
        await using TestRelay b = await StartAsync(new Beside(upper), "gw-b", "5.0");
        TestClient first = await a.Gateway.ConnectAsync(Board);
        await IsAtAsync(upper, "gw-a");
        TestClient second = await b.Gateway.ConnectAsync(Board);
        await IsAtAsync(upper, "gw-b");
        await first.DropAsync();
        await second.DropAsync();
        await upper.GoAwayAsync();

        TestClient board = await a.Gateway.ConnectAsync(Board);
        upper.ComeBack();
        await IsAtAsync(upper, "gw-a");

        await CommandArrivesAsync(upper, board);
    }

    [TestMethod]
    [DataRow("3.1.1"), DataRow("5.0")]
    public async Task GatewayItHasLeft_StartsAnew_CommandStillGoesWhereItIs(string link)
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        TestRelay a = await StartAsync(new Beside(upper), "gw-a", link, new MemoryStorage());
        await using TestRelay b = await StartAsync(upper, "gw-b", link);
        _ = await OnlineAsync(a);
        await IsAtAsync(upper, "gw-a");
        TestClient board = await OnlineAsync(b);
        await IsAtAsync(upper, "gw-b");

        a = await StartAsync(new Beside(upper), "gw-a", link, await a.CrashAsync());
        await using TestRelay owned = a;
        await a.Gateway.ConnectAsync("behind"); // asked for when all others have been
        await IsAtAsync(upper, "gw-a", "behind");

        await CommandArrivesAsync(upper, board);
        await a.WhenIdleAsync();
        IsShown(upper, "true");
    }

    [TestMethod]
    public async Task LateWillOfTheGatewayItHasLeft_BoardStaysOnline()
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        await using TestRelay a = await StartAsync(upper, "gw-a", "5.0");
        await using TestRelay b = await StartAsync(new Beside(upper), "gw-b", "5.0");
        TestClient first = await OnlineAsync(a);
        await IsAtAsync(upper, "gw-a");
        _ = await OnlineAsync(b);
        await IsAtAsync(upper, "gw-b");

        await first.ResetAsync();

        await Patience.Until(() => upper.Gateway.Counters.Dropped(DropReason.DeviceElsewhere) > 0, "the Will of the connection that it has left");
        IsShown(upper, "true");
    }

    [TestMethod]
    public async Task GatewayItHasLeft_IsKilled_BoardStaysOnline()
    {
        GatewayUpstream upper = GatewayUpstream.Start();
        TestRelay a = await StartAsync(new Beside(upper), "gw-a", "5.0", new MemoryStorage());
        await using TestRelay b = await StartAsync(upper, "gw-b", "5.0");
        _ = await OnlineAsync(a);
        await IsAtAsync(upper, "gw-a");
        _ = await OnlineAsync(b);
        await IsAtAsync(upper, "gw-b");

        _ = await a.CrashAsync();

        await Patience.Until(() => upper.Gateway.Look(static s => s.Sessions.Find($"gw-a/{Board}")) is null, "the end of the connection that held the Will");
        IsShown(upper, "true");
    }

    // Also where it goes down once more: it has been here, as it says itself when it comes back.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public async Task EachTheOthersUpstream_CommandForABoardThatSleeps_WaitsInItsMailboxOnce(bool isKnownToBeHere)
    {
        GatewayUpstream one = GatewayUpstream.Start();
        await using TestRelay two = await StartAsync(one, "gw-two", "5.0", role: ClientRole.Bridge);
        await using TestRelay back = await TestRelay.StartOnAsync(one.Gateway, GatewayUpstream.Of(two.Gateway), static o => (o.ClientId, o.Protocol) = ("gw-one", "5.0"));
        TestClient board = await one.Gateway.ConnectAsync(Board);
        await board.SubscribeAsync($"dm/p2p/{Board}", QoS.AtLeastOnce); // so it is one that expects commands
        await Patience.Until(() => two.Gateway.Look(static s => s.GatewaysBelow.Find(Board)) is not null, "the second gateway with the board of the first");
        await Patience.Until(() => one.Gateway.Look(static s => s.GatewaysBelow.IsClaimed(Board)), "the first gateway with its own board below the second");
        await board.DropAsync();
        if (!isKnownToBeHere)
            one.Gateway.Look(static s => s.GatewaysBelow).ForgottenHere(Board);
        TestClient here = await one.Gateway.ConnectAsync("here");
        TestClient there = await two.Gateway.ConnectAsync("there");

        await here.PublishAsync($"dm/p2p/{Board}", "from here", QoS.AtLeastOnce);
        await Patience.Until(() => one.Gateway.Look(static s => s.Mailboxes.Find(Board)?.Count) == 1, "the command in the mailbox");
        if (isKnownToBeHere)
            await there.PublishAsync($"dm/p2p/{Board}", "from there", QoS.AtLeastOnce);
        await Patience.Until(() => one.Gateway.Look(static s => s.Mailboxes.Find(Board)?.Count) == (isKnownToBeHere ? 2 : 1), "both commands in the mailbox");
        board = await one.Gateway.ConnectAsync(Board);
        Assert.AreEqual("from here", (await board.ReceivePublishAndAckAsync()).Payload);
        if (isKnownToBeHere)
            Assert.AreEqual("from there", (await board.ReceivePublishAndAckAsync()).Payload);
        await board.ExpectNothingAsync();
    }

    private static Task<TestRelay> StartAsync(IUpstream upper, string id, string link, MemoryStorage? disk = null, ClientRole role = ClientRole.Device) =>
        TestRelay.StartAsync(o => (o.ClientId, o.Protocol) = (id, link), upstream: upper, disk: disk, role: role);

    // As our boards do.
    private static async Task<TestClient> OnlineAsync(TestRelay at)
    {
        TestClient board = await at.Gateway.ConnectAsync(Board, will: new WillMessage { Topic = $"presence/{Board}", Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        await board.PublishAsync($"presence/{Board}", "true", QoS.AtLeastOnce, retain: true);
        // With RETAIN it goes up when the upper gateway holds the Will.
        await Patience.Until(() => at.Look(static s => s.WillsHeld) == 1, "the Will that the upper gateway holds");
        await at.WhenIdleAsync();
        return board;
    }

    private static Task IsAtAsync(GatewayUpstream upper, string gateway, string clientId = Board) =>
        Patience.Until(() => upper.Gateway.Look(b => b.GatewaysBelow.Find(clientId))?.ClientId == gateway, $"{gateway} with {clientId}");

    private static async Task CommandArrivesAsync(GatewayUpstream upper, TestClient board)
    {
        TestClient app = await upper.Gateway.ConnectAsync("app");
        await app.PublishAsync($"dm/p2p/{Board}", "command", QoS.AtLeastOnce);
        Assert.AreEqual("command", (await board.ReceivePublishAndAckAsync()).Payload);
    }

    private static void IsShown(GatewayUpstream upper, string word) =>
        Assert.AreEqual(word, System.Text.Encoding.UTF8.GetString(upper.Gateway.Look(static s => s.Retained.Find($"presence/{Board}"))!.Payload));

    /// <summary>The same upper gateway, for one more gateway below: it is the other one's to end.</summary>
    private sealed class Beside(GatewayUpstream upper) : IUpstream
    {
        public string Address => upper.Address;

        public Task EndAsync() => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
