using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>Nothing stale is carried out: a command ends with its exp, its ttl or its Message Expiry Interval, or with the time of its class.</summary>
[TestClass]
internal sealed class CommandExpiryTests
{
    private const string Ttl30 = ",\"ttl\":30";

    [TestMethod]
    [DataRow(ProtocolVersion.V311), DataRow(ProtocolVersion.V5)]
    public async Task Command_ExpiredLongAgo_NotEvenToADeviceThatIsThere(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        Board board = await Board.ConnectAsync(gateway, version);
        TestClient app = await SenderAsync(gateway, version);

        ushort packetId = await app.SendPublishAsync(Board.CommandTopic, Board.Command(1, more: ",\"exp\":1000000000"), QoS.AtLeastOnce);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success, await app.ExpectAckAsync(PacketType.PubAck, packetId));
        await board.Client.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    [DataRow("relay.set", 59, true), DataRow("relay.set", 60, false)] // acts
    [DataRow("ping", 59, true), DataRow("ping", 60, false)] // asks
    [DataRow("interval.set", 604_799, true), DataRow("interval.set", 604_800, false)] // configures
    [DataRow("no.such", 60, false)] // not in the birth
    public async Task Command_SaysNothing_TheTimeOfItsClassCounts(string command, int seconds, bool arrives)
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient app = await SenderAsync(gateway);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1, command), QoS.AtLeastOnce);

        gateway.Advance(seconds);

        await ExpectArrivalAsync(gateway, arrives);
    }

    [TestMethod]
    [DataRow(",\"ttl\":30", 0u, 30)]
    [DataRow(",\"ttl\":30", 20u, 20)]
    [DataRow(",\"ttl\":30", 40u, 30)]
    [DataRow("", 90u, 90)]
    [DataRow(",\"exp\":{+50}", 0u, 50)]
    [DataRow(",\"exp\":{+50},\"ttl\":3600", 0u, 50)]
    [DataRow(",\"exp\":{+5000},\"ttl\":40", 4000u, 40)]
    public async Task Command_SaysSeveralTimes_TheFirstToEndCounts(string more, uint messageExpiry, int seconds)
    {
        foreach (bool arrives in (bool[])[true, false])
        {
            await using TestBroker gateway = TestBroker.Start();
            await (await Board.ConnectAsync(gateway)).Client.DropAsync();
            TestClient app = await SenderAsync(gateway, ProtocolVersion.V5);
            long now = gateway.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000;
            string told = more.Replace("{+50}", $"{now + 50}", StringComparison.Ordinal).Replace("{+5000}", $"{now + 5000}", StringComparison.Ordinal);
            await app.PublishAsync(Board.CommandTopic, Board.Command(1, more: told), QoS.AtLeastOnce, properties: p =>
            {
                if (messageExpiry > 0)
                    p.Add(PropertyId.MessageExpiryInterval, messageExpiry);
            });

            gateway.Advance(arrives ? seconds - 1 : seconds);

            await ExpectArrivalAsync(gateway, arrives);
        }
    }

    [TestMethod]
    public async Task Command_ItsTimeRunsOutWhileItWaits_TheSenderIsToldAtOnceAndTheOthersWaitOn()
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient app = await SenderAsync(gateway);
        await PublishQueuedAsync(app, 1, ",\"ttl\":3600");
        await PublishQueuedAsync(app, 2, Ttl30);
        await PublishQueuedAsync(app, 3, ",\"ttl\":3600");

        gateway.Advance(29);
        await app.ExpectNothingAsync();
        gateway.Advance(1);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k2"}""", (await app.ReceivePublishAsync()).Payload);
        Board board = await Board.ConnectSilentAsync(gateway);
        await board.ExpectAsync(1);
        await board.AnswerAsync(1);
        await board.ExpectAsync(3);
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task Command_SentAndNotAcknowledged_DoesNotComeAgainWhenItsTimeIsOver(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start();
        Board board = await Board.ConnectAsync(gateway, durable: true);
        TestClient app = await SenderAsync(gateway);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1, more: Ttl30), qos);
        ushort packetId = (await board.Client.ReceivePublishAsync()).PacketId;
        await board.Client.DropAsync();

        gateway.Advance(30);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
        Board again = await Board.ConnectSilentAsync(gateway, durable: true);
        if (qos == QoS.ExactlyOnce)
        {
            Assert.AreEqual(ReasonCode.Success, await again.Client.ExpectAckAsync(PacketType.PubRel, packetId));
            await again.Client.SendAckAsync(PacketType.PubComp, packetId);
        }

        await again.Client.ExpectNothingAsync();
    }

    // A gateway without a battery clock that has not reached the network yet: its wall shows 1970 or the last time it was on.
    [TestMethod]
    public async Task Exp_WallClockNotSet_TheTimeOfTheClassCountsAndExpWhenTheClockIsRight()
    {
        await using TestBroker gateway = TestBroker.Start();
        TimeSpan wrong = TimeSpan.FromDays(-400);
        DateTimeOffset truth = gateway.Time.GetUtcNow();
        gateway.Time.WallOffset = wrong;
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient app = await SenderAsync(gateway);
        await PublishQueuedAsync(app, 1, $",\"exp\":{truth.ToUnixTimeSeconds() + 30}");

        gateway.Advance(40);
        gateway.Time.WallOffset = TimeSpan.Zero;

        // The gateway knows now that it came too late.
        Board board = await Board.ConnectSilentAsync(gateway);
        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
        await board.Client.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task Exp_ComesWhileTheCommandIsInFlightAndTheClockIsSet_DoesNotGoOnceMore(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start();
        DateTimeOffset truth = gateway.Time.GetUtcNow();
        gateway.Time.WallOffset = TimeSpan.FromDays(-400);
        Board board = await Board.ConnectAsync(gateway, durable: true);
        TestClient app = await SenderAsync(gateway);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1, more: $",\"exp\":{truth.ToUnixTimeSeconds() + 30},\"ttl\":3600"), qos);
        ushort packetId = (await board.Client.ReceivePublishAsync()).PacketId;
        await board.Client.DropAsync();
        gateway.Advance(40);
        gateway.Time.WallOffset = TimeSpan.Zero;

        Board again = await Board.ConnectSilentAsync(gateway, durable: true);

        if (qos == QoS.ExactlyOnce)
        {
            Assert.AreEqual(ReasonCode.Success, await again.Client.ExpectAckAsync(PacketType.PubRel, packetId));
            await again.Client.SendAckAsync(PacketType.PubComp, packetId);
        }

        await again.Client.ExpectNothingAsync();
        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
    }

    // What waits for a gateway below is in its Session.
    [TestMethod]
    public async Task Exp_ComesWhileTheCommandWaitsForAGatewayBelow_NotHandedOver()
    {
        await using TestBroker gateway = TestBroker.Start(static _ => { }, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        DateTimeOffset truth = gateway.Time.GetUtcNow();
        gateway.Time.WallOffset = TimeSpan.FromDays(-400);
        TestClient below = await ConnectBelowAsync(gateway);
        await below.SubscribeAsync("+/p2p/dev", QoS.AtLeastOnce);
        await below.DropAsync();
        TestClient app = await gateway.ConnectAsync("app");
        await app.PublishAsync("dm/p2p/dev", Board.Command(1, more: $",\"exp\":{truth.ToUnixTimeSeconds() + 30},\"ttl\":3600"), QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/dev", Board.Command(2, more: ",\"ttl\":3600"), QoS.AtLeastOnce);
        gateway.Advance(40);
        gateway.Time.WallOffset = TimeSpan.Zero;

        TestClient again = await ConnectBelowAsync(gateway);

        Assert.StartsWith("{\"id\":\"k2\"", (await again.ReceivePublishAndAckAsync()).Payload, StringComparison.Ordinal);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    // The gateway below counted the whole ttl, or the time of the class, from the arrival there: each gateway on the way down began anew.
    [TestMethod]
    [DataRow(",\"ttl\":60", 0u, 5u), DataRow(",\"ttl\":60", 3600u, 5u), DataRow("", 0u, 5u), DataRow("", 58u, 3u), DataRow(",\"exp\":{+57}", 0u, 2u)]
    public async Task Ttl_PartlyOverAbove_GatewayBelowHasWhatIsLeft(string more, uint messageExpiry, uint left)
    {
        await using TestBroker gateway = TestBroker.Start(static _ => { }, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient below = await ConnectBelowAsync(gateway, ProtocolVersion.V5);
        await below.SubscribeAsync("+/p2p/dev", QoS.AtLeastOnce);
        await below.DropAsync();
        TestClient app = await gateway.ConnectAsync("app", ProtocolVersion.V5);
        string told = more.Replace("{+57}", $"{(gateway.Time.GetUtcNow().ToUnixTimeMilliseconds() + 57_999) / 1000}", StringComparison.Ordinal);
        await app.PublishAsync("dm/p2p/dev", Board.Command(1, more: told), QoS.AtLeastOnce, properties: p =>
        {
            if (messageExpiry > 0)
                p.Add(PropertyId.MessageExpiryInterval, messageExpiry);
        });

        gateway.Advance(55);

        TestClient again = await ConnectBelowAsync(gateway, ProtocolVersion.V5);
        ReceivedPublish received = await again.ReceivePublishAsync();
        Assert.IsInRange(left, left + (more.Contains("exp", StringComparison.Ordinal) ? 1u : 0u), received.MessageExpirySeconds ?? uint.MaxValue);
        await again.DropAsync();
        gateway.Advance(1);
        again = await ConnectBelowAsync(gateway, ProtocolVersion.V5);
        ReceivedPublish second = await again.ReceivePublishAsync();
        Assert.AreEqual((true, received.MessageExpirySeconds - 1), (second.Dup, second.MessageExpirySeconds));
    }

    [TestMethod]
    public async Task Ttl_OfACommandThatPassesThrough_GatewayBelowHasIt()
    {
        await using TestBroker gateway = TestBroker.Start(static _ => { }, static ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient below = await ConnectBelowAsync(gateway, ProtocolVersion.V5);
        await below.SubscribeAsync("+/p2p/dev", QoS.AtLeastOnce);
        await below.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient app = await gateway.ConnectAsync("app", ProtocolVersion.V5);

        await app.PublishAsync("dm/p2p/dev", Board.Command(1, more: Ttl30), QoS.AtLeastOnce);
        Assert.AreEqual(30u, (await below.ReceivePublishAndAckAsync()).MessageExpirySeconds);
        await app.PublishAsync("t", "no command", QoS.AtLeastOnce);
        Assert.IsNull((await below.ReceivePublishAndAckAsync()).MessageExpirySeconds);
    }

    [TestMethod]
    public async Task Exp_WallClockNotSet_WaitsNoLongerThanItsClassAllows()
    {
        await using TestBroker gateway = TestBroker.Start();
        gateway.Time.WallOffset = TimeSpan.FromDays(-400);
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient app = await SenderAsync(gateway);
        await PublishQueuedAsync(app, 1, ",\"exp\":2000000000");

        gateway.Advance(60);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task Birth_OfAnotherDevice_ChangesNothing()
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient liar = await gateway.ConnectAsync("liar");
        await liar.PublishAsync("dm/liar/info", $$"""{"id":"{{Board.Id}}","cmd":["relay.set~"]}""", QoS.AtLeastOnce);
        TestClient app = await SenderAsync(gateway);
        await PublishQueuedAsync(app, 1, "");

        gateway.Advance(60);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1"}""", (await app.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task MailboxSecondsMax_OfWhatIsNoCommand_ThreeDaysUnlessItSaysMore()
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await Board.ConnectAsync(gateway)).Client.DropAsync();
        TestClient app = await gateway.ConnectAsync("app", ProtocolVersion.V5);
        await app.PublishAsync(Board.CommandTopic, "plain", QoS.AtLeastOnce);
        await app.PublishAsync(Board.CommandTopic, "longer", QoS.AtLeastOnce, properties: p => p.Add(PropertyId.MessageExpiryInterval, 600_000u));

        gateway.Advance(3 * 24 * 3600);

        Board board = await Board.ConnectSilentAsync(gateway);
        Assert.AreEqual("longer", (await board.Client.ReceivePublishAndAckAsync()).Payload);
        await board.Client.ExpectNothingAsync();
    }

    private static async Task<TestClient> SenderAsync(TestBroker gateway, ProtocolVersion version = ProtocolVersion.V311)
    {
        TestClient app = await gateway.ConnectAsync("app", version);
        await app.SubscribeAsync("$gw/receipt/app");
        return app;
    }

    private static async Task<TestClient> ConnectBelowAsync(TestBroker gateway, ProtocolVersion version = ProtocolVersion.V311)
    {
        if (version == ProtocolVersion.V5)
            return await gateway.ConnectAsync("below", version, clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600, UserProperties = [BridgeMark.Property] });
        TestClient below = gateway.Open();
        await below.SendAsync(Packet.Of("10:<MQTT> 84 00 0000 <below>"));
        Assert.AreEqual(0, (await below.ReceiveConnAckAsync()).Code);
        return below;
    }

    private static async Task PublishQueuedAsync(TestClient app, int number, string more)
    {
        await app.PublishAsync(Board.CommandTopic, Board.Command(number, more: more), QoS.AtLeastOnce);
        Assert.AreEqual($$"""{"st":"queued","to":"GID_a@@@kitchen","id":"k{{number}}"}""", (await app.ReceivePublishAsync()).Payload);
    }

    private static async Task ExpectArrivalAsync(TestBroker gateway, bool arrives)
    {
        Board board = await Board.ConnectSilentAsync(gateway);
        if (arrives)
            await board.ExpectAsync(1);
        await board.Client.ExpectNothingAsync();
    }
}
