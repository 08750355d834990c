using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that calls topics otherwise than this side, and cannot carry all of them.</summary>
[TestClass]
public sealed class RelayNatsTests
{
    [TestMethod]
    [DataRow("config/GID_a===b/#", "", "config/GID_a===b/x", "config/GID_a@@@b/x")]
    [DataRow("config/+/#", "set/{1}/{#}", "config/GID_a===b/x", "set/GID_a@@@b/x")]
    [DataRow("site/config/#", "config/{#}", "site/config/GID_a===b", "config/GID_a@@@b")]
    public async Task Rule_In_MatchesNamesOfThere_AndBringsNamesOfHere(string filter, string template, string there, string here)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o =>
        {
            (o.Profile, o.P2PSubscription) = ("nats", "device");
            o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = filter, Topic = template }];
        });
        TestClient reader = await relay.Gateway.ConnectAsync("");
        _ = await reader.SubscribeAsync("#");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        _ = await peer.SkipToSubscribeAsync(filter);

        await peer.SendPublishAsync(there, "comes", QoS.AtLeastOnce, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);

        ReceivedPublish come = await reader.ReceivePublishAsync();
        Assert.AreEqual((here, "comes"), come.TopicAndPayload);
        Assert.AreEqual(0, relay.Gateway.Counters.Dropped(DropReason.NotAskedFor));
    }

    // What goes up on a topic that a rule brings down is known when it comes back: both are names of there.
    [TestMethod]
    public void Topic_ThatARuleBringsBack_Known()
    {
        RelayTopics topics = new(new RelayOptions
        {
            Profile = "nats",
            ClientId = "gw",
            Rules = [new RelayRule { Filter = "config/#" }, new RelayRule { Direction = RelayDirection.In, Filter = "config/GID_a===b/#" }],
        });

        Assert.IsTrue(topics.RouteOf(Messages.Of("config/GID_a@@@b/x", "x")).ComesBack);
        Assert.IsFalse(topics.RouteOf(Messages.Of("config/GID_a@@@c/x", "x")).ComesBack);
    }

    [TestMethod]
    public void Rules_ThatMakeALoopUnderTheNamesOfThere_Refused()
    {
        string? wrong = new RelayOptions
        {
            Profile = "nats",
            ClientId = "gw",
            Rules =
            [
                new RelayRule { Filter = "a/#", Topic = "GID_x@@@y/{#}" },
                new RelayRule { Direction = RelayDirection.In, Filter = "GID_x===y/#", Topic = "a/c/{#}" },
            ],
        }.Check();

        StringAssert.Contains(wrong, "it would make a loop", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("GID_x@@@dev", "GID_x===dev")]
    [DataRow("plain", "plain")]
    [DataRow("a=b", "a=b")]
    [DataRow("k===1", null)] // there it is k@@@1
    [DataRow("a=@@@b", null)] // comes back as a@@@=b
    [DataRow("a@b", null)]
    [DataRow("dev.1", null)]
    public async Task Device_WhoseNameCannotGoThereAndBack_StaysHereSaidAndCounted(string device, string? there)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Adapting);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);

        TestClient board = await relay.Gateway.ConnectAsync(device);
        TestClient again = await relay.Gateway.ConnectAsync("other");
        if (there is not null)
            await peer.GrantAsync([$"+/p2p/{there}"]);
        else
            StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.DeviceUnreachable), $"'{device}'", StringComparison.Ordinal);
        await peer.GrantAsync(["+/p2p/other"]);
        await again.DropAsync();

        await relay.PublishAsync($"dm/{device}/tele/t", "up");
        await relay.PublishAsync("dm/other/tele/t", "next");
        if (there is not null)
            Assert.AreEqual(($"dm/{there}/tele/t", "up"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        Assert.AreEqual(("dm/other/tele/t", "next"), (await peer.ReceivePublishAndAckAsync()).TopicAndPayload);
        Assert.AreEqual(there is null ? 1 : 0, relay.Gateway.Counters.Dropped(DropReason.TopicNotForUpstream));
        await board.DropAsync();
    }

    // 3.1.1 has no No Local, and the one subscription for all devices has the answers to applications there as well. They came back, were dropped with a line each, and a sender here was told
    // 'dropped' of what was on its way.
    [TestMethod]
    public async Task PUBLISH_P2PForSomebodyThere_ComesBackByTheSubscriptionForAll_KnownAndNobodyIsTold()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Profile = "nats", role: ClientRole.Operator);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await peer.GrantAsync(["gw/p2p/+"]);
        TestClient sender = await relay.Gateway.ConnectAsync("GID_a@@@here");
        _ = await sender.SubscribeAsync("$gw/receipt/GID_a@@@here");
        const string Command = """{"id":"k1","cmd":"ping","from":"GID_a@@@here"}""";

        _ = await sender.PublishAsync("gw/p2p/GID_a@@@there", Command, QoS.AtLeastOnce);
        ReceivedPublish sent = await peer.ReceivePublishAndAckAsync();
        await peer.SendPublishAsync(sent.Topic, sent.Payload, QoS.AtLeastOnce, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);

        StringAssert.Contains((await sender.ReceivePublishAsync()).Payload, "\"st\":\"relayed\"", StringComparison.Ordinal);
        await sender.ExpectNothingAsync();
        Assert.AreEqual((0, 1), (relay.Gateway.Counters.Dropped(DropReason.P2PTargetUnknown), relay.Gateway.Counters.Dropped(DropReason.CameBack)));
    }

    // A name of there that is none of ours: nobody here is meant.
    [TestMethod]
    public async Task PUBLISH_UnderANameThatIsNoneOfOurs_NotDelivered()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("k@@@1");
        await peer.GrantAsync(["+/p2p/k===1"]);

        await peer.SendPublishAsync("dm/p2p/k@@@1", "not so", QoS.AtLeastOnce, 7);
        await peer.SendPublishAsync("dm/p2p/k===1", "so", QoS.AtLeastOnce, 8);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 8);

        Assert.AreEqual("so", (await board.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(1, relay.Gateway.Counters.Dropped(DropReason.NotAskedFor));
    }

    [TestMethod]
    [DataRow("devicemqtt-pi.lan", "", "Relay:ClientId is 'devicemqtt-pi.lan'")]
    [DataRow("gw@home", "", "Relay:ClientId is 'gw@home'")]
    [DataRow("gw===1", "", "Relay:ClientId is 'gw===1'")]
    [DataRow("gw", "site.1/", "Relay:Prefix is 'site.1/'")]
    public void Names_OfTheGatewayThatTheProfileCannotCarry_RefusedAtStart(string clientId, string prefix, string beginning)
    {
        RelayOptions options = new() { Profile = "nats", ClientId = clientId, Prefix = prefix };
        StringAssert.StartsWith(options.Check(), beginning, StringComparison.Ordinal);
        options.Profile = "generic";
        Assert.IsNull(options.Check());
    }

    [TestMethod]
    public void Names_OfTheGatewayThatTheProfileCanCarry_Possible() =>
        Assert.IsNull(new RelayOptions { Profile = "nats", ClientId = "GID_x@@@gw", Prefix = "site/" }.Check());

    [TestMethod]
    public void Rule_WhoseFilterThereIsNoTopicThereIn_RefusedAtStart() => StringAssert.StartsWith(
        new RelayOptions { Profile = "nats", ClientId = "gw", Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "config/GID_a@@@b/#" }] }.Check(),
        "Relay:Rules:0 cannot be used", StringComparison.Ordinal);

    [TestMethod]
    [DataRow("nats", "", true)]
    [DataRow("nats", "device", false)]
    [DataRow("generic", "", false)]
    [DataRow("generic", "gateway", true)]
    public async Task P2PSubscription_NotSet_IsWhatTheProfileSays(string profile, string set, bool isOneForAll)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = (profile, set));
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        TestClient device = await relay.Gateway.ConnectAsync("dev");
        _ = await peer.SkipToSubscribeAsync(isOneForAll ? "gw/p2p/+" : "+/p2p/dev");
        await peer.SendPublishAsync("gw/p2p/dev", "command", QoS.AtLeastOnce, 7);
        await peer.ExpectAckAsync(PacketType.PubAck, 7);
        Assert.AreEqual("command", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    // Each SUBSCRIBE takes such an upstream a fraction of a second, in which it takes nothing else. Once 32 filters stood in front of the first message.
    [TestMethod]
    public async Task SUBSCRIBE_ForManyDevices_DoesNotStandInFrontOfWhatGoesUp()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"));
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        for (int i = 0; i < 20; i++)
            _ = await relay.Gateway.ConnectAsync($"dev{i}");
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();

        SubscribePacket first = await peer.ReceiveSubscribeAsync();
        Assert.HasCount(1, first.Requests);
        await relay.PublishAsync("dm/dev1/tele/t", "a reading");
        Assert.AreEqual("a reading", (await peer.ReceivePublishAndAckAsync()).Payload, "it leaves before the second SUBSCRIBE");

        HashSet<string> asked = [first.Requests[0].Filter.Value];
        await peer.SendSubAckAsync(first);
        while (asked.Count < 20)
        {
            SubscribePacket next = await peer.ReceiveSubscribeAsync();
            Assert.HasCount(1, next.Requests);
            _ = asked.Add(next.Requests[0].Filter.Value);
            await peer.SendSubAckAsync(next);
        }
    }

    [TestMethod]
    public async Task SUBSCRIBE_WhileABacklogWaits_BehindIt()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"), l => l.RelayInflightMax = 1);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await relay.Gateway.ConnectAsync("dev");
        await relay.PublishAsync("t", "1", "2", "3", "4", "5");
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();
        for (int i = 1; i <= 5; i++)
            Assert.AreEqual($"{i}", (await peer.ReceivePublishAndAckAsync()).Payload);
        await peer.GrantAsync(["+/p2p/dev"]);
    }

    // A backlog of hours does not keep commands away for hours.
    [TestMethod]
    public async Task SUBSCRIBE_WhileABacklogWaitsForLong_AskedNowAndThen()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => (o.Profile, o.P2PSubscription) = ("nats", "device"), l => l.RelayInflightMax = 1);
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await relay.Gateway.ConnectAsync("dev");
        await relay.PublishAsync("t", "1", "2", "3");
        _ = await peer.ReceiveConnectAsync();
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();
        Assert.AreEqual("1", (await peer.ReceivePublishAsync()).Payload);

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(5));
        relay.Do(static s => s.Tick());

        await peer.GrantAsync(["+/p2p/dev"]);
    }
}
