using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A gateway whose upstream is another gateway.</summary>
[TestClass]
public sealed class RelayTwoGatewaysTests
{
    [TestMethod]
    public async Task Telemetry_UpstreamUpDownUp_ArrivesInOrderAndNothingIsLost()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream, limits: l => l.RelayInflightMax = 10);
        TestClient reader = await upstream.Gateway.ConnectAsync("reader");
        _ = await reader.SubscribeAsync("dm/#", QoS.AtLeastOnce);
        int published = 0;

        await PublishAsync(50);
        await upstream.GoAwayAsync();
        await PublishAsync(200);
        upstream.ComeBack();
        await PublishAsync(50);

        // What was in flight when the link broke may come twice; the order is that of publishing all the same.
        int expected = 0;
        while (expected < published)
        {
            int number = int.Parse((await reader.ReceivePublishAndAckAsync()).Payload);
            Assert.IsLessThanOrEqualTo(expected, number, "a message is missing");
            expected = Math.Max(expected, number + 1);
        }

        await relay.WhenIdleAsync();
        Assert.AreEqual(published, relay.Look(s => s.Acknowledged));

        async Task PublishAsync(int count)
        {
            await relay.PublishAsync("dm/b/tele/t", [.. Enumerable.Range(published, count).Select(n => n.ToString())]);
            published += count;
        }
    }

    // One in so many finds no room, and those behind it would: ten of them are under way.
    [TestMethod]
    public async Task Telemetry_UpstreamHasNoRoomForSome_ArrivesInOrderOfEachTopic()
    {
        const int FullEach = 25;
        const int Each = 100;
        string[] topics = ["dm/a/tele/t", "dm/b/tele/t", "dm/c/tele/t"];
        SlowCustody custody = null!;
        GatewayUpstream upstream = GatewayUpstream.Start(ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", upstream: upstream, limits: l => l.RelayInflightMax = 10);
        TestClient reader = await upstream.Gateway.ConnectDurableAsync("archive");
        _ = await reader.SubscribeAsync("dm/#", QoS.AtLeastOnce);
        await WhenConnectedAsync(relay, upstream);
        await upstream.GoAwayAsync();
        for (int i = 0; i < Each; i++)
            foreach (string topic in topics)
                await relay.PublishAsync(topic, $"{i}");
        custody.IsFullNow = () => upstream.Gateway.Counters.MessagesReceived % FullEach == FullEach - 1;
        upstream.ComeBack();

        Dictionary<string, int> expected = topics.ToDictionary(static t => t, static _ => 0);
        while (expected.Values.Any(static next => next < Each))
        {
            ReceivedPublish publish = await reader.ReceivePublishAndAckAsync();
            int number = int.Parse(publish.Payload);
            Assert.IsLessThanOrEqualTo(expected[publish.Topic], number, $"{publish.Topic}: in front of one that found no room");
            expected[publish.Topic] = Math.Max(expected[publish.Topic], number + 1);
        }

        await relay.WhenIdleAsync();
        Assert.IsGreaterThan(topics.Length * Each / FullEach, upstream.Gateway.Counters.Dropped(DropReason.JournalFull), "some were to be refused");
        Assert.AreEqual(0, relay.Look(static s => s.Buffer.SetAsides.Count));
    }

    [TestMethod]
    public async Task P2P_CommandFromUpstreamAndAnswer_NobodySubscribes()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        TestClient application = await upstream.Gateway.ConnectAsync("app");
        await WhenConnectedAsync(relay, upstream);

        _ = await application.PublishAsync("dm/p2p/dev1", "command", QoS.AtLeastOnce);
        Assert.AreEqual(("dm/p2p/dev1", "command"), (await board.ReceivePublishAndAckAsync()).TopicAndPayload);
        _ = await board.PublishAsync("dm/p2p/app", "answer", QoS.AtLeastOnce);

        Assert.AreEqual(("dm/p2p/app", "answer"), (await application.ReceivePublishAndAckAsync()).TopicAndPayload);
        await relay.WhenIdleAsync();
        await board.ExpectNothingAsync();
        await application.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task P2P_CommandWhileTheLinkIsDown_ArrivesWhenItIsBack()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        TestClient application = await upstream.Gateway.ConnectAsync("app");
        await WhenConnectedAsync(relay, upstream);
        await upstream.GoAwayAsync();

        _ = await application.PublishAsync("dm/p2p/dev1", "waits", QoS.AtLeastOnce);
        upstream.ComeBack();

        Assert.AreEqual(("dm/p2p/dev1", "waits"), (await board.ReceivePublishAndAckAsync()).TopicAndPayload);
    }

    // A command with an hour could be carried out two hours after it was sent: each gateway counted its time from the arrival there.
    [TestMethod]
    [DataRow(",\"ttl\":3600", 3600, 10, true), DataRow(",\"ttl\":3600", 3600, 9, false), DataRow("", 60, 9, false)]
    public async Task Ttl_PartlyOverAbove_SleepingBoardBelowGetsItForWhatIsLeft(string more, int seconds, int atTheEnd, bool isOver)
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Protocol = "5.0", upstream: upstream);
        await (await relay.Gateway.ConnectAsync("dev1")).DropAsync();
        TestClient application = await upstream.Gateway.ConnectAsync("app");
        await WhenConnectedAsync(relay, upstream);
        await upstream.GoAwayAsync();
        string command = $$"""{"id":"1","cmd":"relay.set","from":"app"{{more}}}""";
        _ = await application.PublishAsync("dm/p2p/dev1", command, QoS.AtLeastOnce);
        upstream.Gateway.Advance(seconds - 10);
        relay.Gateway.Advance(seconds - 10);

        upstream.ComeBack();
        await Patience.Until(() => relay.Gateway.Look(static b => b.Mailboxes.Find("dev1")?.Count) == 1, "the command in the mailbox below");
        relay.Gateway.Advance(atTheEnd);

        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        if (!isOver)
            Assert.AreEqual(command, (await board.ReceivePublishAndAckAsync()).Payload);
        await board.ExpectNothingAsync();
        Assert.AreEqual(isOver ? 1 : 0, relay.Gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task Presence_OfTheGateway_FollowsItsLink()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        TestClient reader = await upstream.Gateway.ConnectAsync("reader");
        _ = await reader.SubscribeAsync("presence/#", QoS.AtLeastOnce);
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        Assert.AreEqual(("presence/gw", "true"), (await reader.ReceivePublishAndAckAsync()).TopicAndPayload);

        await upstream.GoAwayAsync();
        Assert.AreEqual(("presence/gw", "false"), (await reader.ReceivePublishAndAckAsync()).TopicAndPayload);
        upstream.ComeBack();
        Assert.AreEqual(("presence/gw", "true"), (await reader.ReceivePublishAndAckAsync()).TopicAndPayload);

        // A clean stop says so by itself; its DISCONNECT drops the Will, so that it is said once.
        await relay.Uplink.StopAsync(CancellationToken.None);
        Assert.AreEqual(("presence/gw", "false"), (await reader.ReceivePublishAndAckAsync()).TopicAndPayload);
        await reader.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task Refused_WhileTheUpstreamIsAway_NamedAfterTheLoss()
    {
        GatewayUpstream upstream = GatewayUpstream.Start();
        await using TestRelay relay = await TestRelay.StartAsync(upstream: upstream);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);

        await upstream.GoAwayAsync();
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "ConnectionLost: ", StringComparison.Ordinal);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "Refused: ", StringComparison.Ordinal);
        upstream.ComeBack();

        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        Assert.AreEqual(UplinkState.Connected, relay.Uplink.Status.State);
    }

    // Presence is told once the relay is connected; from then on idle means that the subscriptions are granted, too.
    private static async Task WhenConnectedAsync(TestRelay relay, GatewayUpstream upstream)
    {
        TestClient reader = await upstream.Gateway.ConnectAsync("reader");
        _ = await reader.SubscribeAsync("presence/gw", QoS.AtLeastOnce);
        Assert.AreEqual("true", (await reader.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
    }
}
