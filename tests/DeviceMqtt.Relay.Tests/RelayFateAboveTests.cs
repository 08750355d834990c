using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A sender here learns what the gateway above does with its command, where a rule brings the receipts down (P2P rules 7 and 10).</summary>
[TestClass]
public sealed class RelayFateAboveTests
{
    private const string Command = """{"id":"k7","cmd":"relay.set","from":"below","ttl":4}""";
    private static readonly RelayRule ReceiptsDown = new() { Direction = RelayDirection.In, Filter = "$gw/receipt/+" };

    public static IEnumerable<object[]> Links => [["3.1.1"], ["5.0"]];

    public static IEnumerable<object[]> Versions =>
        from sender in new[] { ProtocolVersion.V311, ProtocolVersion.V5 }
        from target in new[] { ProtocolVersion.V311, ProtocolVersion.V5 }
        select new object[] { sender, target };

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule10_CommandAndAnswerGoDownAndUp(ProtocolVersion sender, ProtocolVersion target)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", upstream: upstream);
        TestClient board = await relay.Gateway.ConnectAsync("board", target);
        TestClient app = await upstream.Gateway.ConnectAsync("app", sender);
        await WhenReachableAsync(upstream, "board");

        await ExchangeAsync(app, "app", "command", board);
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule10_CommandAndAnswerGoUpAndDown(ProtocolVersion sender, ProtocolVersion target)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", upstream: upstream);
        TestClient board = await upstream.Gateway.ConnectAsync("board", target);
        TestClient app = await relay.Gateway.ConnectAsync("below", sender);
        await WhenReachableAsync(upstream, "below");

        await ExchangeAsync(app, "below", Command, board);
    }

    [TestMethod, DynamicData(nameof(Links))]
    public async Task TargetUnknownAboveToo_SenderBelowIsToldOnce(string link)
    {
        (GatewayUpstream upstream, TestRelay relay, TestClient app) = await StartAsync(link);
        await using TestRelay owned = relay;

        await app.PublishAsync("dm/p2p/nobody", Command, QoS.AtLeastOnce);

        // 3.1.1 has no word for it in PUBACK.
        string[] expected = link == "5.0"
            ? ["""{"st":"dropped","to":"nobody","id":"k7","why":"unknown","upstream":"upstream"}"""]
            : ["""{"st":"dropped","to":"nobody","id":"k7","why":"unknown"}""", """{"st":"relayed","to":"nobody","id":"k7","upstream":"upstream"}"""];
        await ExpectAsync(app, expected);
        Assert.AreEqual(1, upstream.Gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
    }

    [TestMethod, DynamicData(nameof(Links))]
    public async Task TargetAbsentAbove_SenderBelowIsToldQueuedAndExpired(string link)
    {
        (GatewayUpstream upstream, TestRelay relay, TestClient app) = await StartAsync(link);
        await using TestRelay owned = relay;
        await (await upstream.Gateway.ConnectAsync("sleeper")).DropAsync();

        await app.PublishAsync("dm/p2p/sleeper", Command, QoS.AtLeastOnce);
        await ExpectAsync(app, """{"st":"queued","to":"sleeper","id":"k7"}""", """{"st":"relayed","to":"sleeper","id":"k7","upstream":"upstream"}""");
        upstream.Gateway.Advance(4);

        await ExpectAsync(app, """{"st":"expired","to":"sleeper","id":"k7"}""");
    }

    [TestMethod]
    public async Task TargetAbove_DeliveredIsToldToTheSenderBelow()
    {
        (GatewayUpstream upstream, TestRelay relay, TestClient app) = await StartAsync("5.0");
        await using TestRelay owned = relay;
        TestClient board = await upstream.Gateway.ConnectAsync("board");

        await app.PublishAsync("dm/p2p/board", Command, QoS.AtLeastOnce);
        await board.ReceivePublishAndAckAsync();

        await ExpectAsync(app, """{"st":"delivered","to":"board","id":"k7"}""", """{"st":"relayed","to":"board","id":"k7","upstream":"upstream"}""");
    }

    [TestMethod]
    public async Task NoRule_RelayedIsAllThatIsTold()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", upstream: upstream);
        TestClient app = await relay.Gateway.ConnectAsync("below");
        await app.SubscribeAsync("$gw/receipt/below");
        TestClient board = await upstream.Gateway.ConnectAsync("board");
        await WhenReachableAsync(upstream, "below");

        await app.PublishAsync("dm/p2p/board", Command, QoS.AtLeastOnce);
        await board.ReceivePublishAndAckAsync();

        await ExpectAsync(app, """{"st":"relayed","to":"board","id":"k7","upstream":"upstream"}""");
        Assert.AreEqual(0, upstream.Gateway.Look(b => b.Receipts.OwedCount));
    }

    // Each gateway that takes it tells what it knows; the receipt for a sender of another gateway goes down there, and not back to where it came from.
    [TestMethod]
    public async Task SenderAndTargetBehindTwoGateways_ReceiptGoesToTheSenders()
    {
        (GatewayUpstream upstream, TestRelay relay, TestClient app) = await StartAsync("5.0");
        await using TestRelay owned = relay;
        TestClient other = await upstream.Gateway.ConnectAsync("gw2", ProtocolVersion.V5, properties: new ConnectProperties { UserProperties = [BridgeMark.Property] });
        await other.SubscribeAsync("$gw/receipt/+");
        await WhenReachableAsync(upstream, "below");

        await other.PublishAsync("$gw/receipt/below", """{"st":"queued","to":"far","id":"k7"}""", QoS.AtLeastOnce);

        await ExpectAsync(app, """{"st":"queued","to":"far","id":"k7"}""");
        await other.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SUBSCRIBE_AllReceipts_RefusedForWhoIsNoGateway()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient curious = await gateway.ConnectAsync("curious", ProtocolVersion.V5);

        Assert.AreEqual(ReasonCode.NotAuthorized, await curious.SubscribeAsync("$gw/receipt/+"));
    }

    private static async Task<(GatewayUpstream Upstream, TestRelay Relay, TestClient App)> StartAsync(string link)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        TestRelay relay = await TestRelay.StartAsync(
            o =>
            {
                o.Protocol = link;
                o.Rules = [ReceiptsDown];
            },
            upstream: upstream);
        TestClient app = await relay.Gateway.ConnectAsync("below");
        await app.SubscribeAsync("$gw/receipt/below");
        await WhenReachableAsync(upstream, "below");
        await Patience.Until(() => upstream.Gateway.Look(b => b.GatewaysBelow.Find("below")?.FindSubscription("$gw/receipt/+")) is not null, "the subscription of the gateway below to the receipts");
        return (upstream, relay, app);
    }

    // A command for the board, and its answer: once each.
    private static async Task ExchangeAsync(TestClient app, string appId, string command, TestClient board)
    {
        await app.PublishAsync("dm/p2p/board", command, QoS.AtLeastOnce);
        Assert.AreEqual(("dm/p2p/board", command), (await board.ReceivePublishAndAckAsync()).TopicAndPayload);
        await board.PublishAsync($"dm/p2p/{appId}", "answer", QoS.AtLeastOnce);

        Assert.AreEqual(($"dm/p2p/{appId}", "answer"), (await app.ReceivePublishAndAckAsync()).TopicAndPayload);
        await board.ExpectNothingAsync();
        await app.ExpectNothingAsync();
    }

    private static Task WhenReachableAsync(GatewayUpstream upstream, string clientId) =>
        Patience.Until(() => upstream.Gateway.Look(b => b.GatewaysBelow.Find(clientId)) is not null, "the gateway below with its client");

    // The gateways speak side by side: in either order, and nothing more.
    private static async Task ExpectAsync(TestClient app, params string[] receipts)
    {
        List<string> told = [];
        for (int i = 0; i < receipts.Length; i++)
            told.Add((await app.ReceivePublishAsync()).Payload);
        CollectionAssert.AreEquivalent(receipts, told, string.Join(' ', told));
        await app.ExpectNothingAsync();
    }
}
