using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>The rules of P2P messages, one test each that has its number, for clients of 3.1.1 and of 5.0. The details are in the other tests of P2P.</summary>
[TestClass]
internal sealed class P2PRuleTests
{
    public static IEnumerable<object[]> Versions => [[ProtocolVersion.V311], [ProtocolVersion.V5]];

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule01_TopicHasP2PAsItsSecondLevelAndTheTargetAsItsThird(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", version);
        TestClient app = await gateway.ConnectAsync("app", version);

        await app.PublishAsync("anything/p2p/dev", "yes", QoS.AtLeastOnce);
        await app.PublishAsync("anything/p2p/dev/behind", "no", QoS.AtLeastOnce);
        await app.PublishAsync("a/b/p2p/dev", "no", QoS.AtLeastOnce);

        Assert.AreEqual("yes", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule02_NoSubscriptionIsNeededAndTheTopicIsTheOnePublishedTo(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", version);
        TestClient app = await gateway.ConnectAsync("app", version);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("dm/p2p/dev", (await device.ReceivePublishAndAckAsync()).Topic);
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule03_NeverMatchedAgainstSubscriptionsAndAnothersTopicIsRefused(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", version);
        TestClient curious = await gateway.ConnectAsync("curious", version);
        await curious.SubscribeAsync("#", QoS.AtLeastOnce);
        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError, await curious.SubscribeAsync("dm/p2p/dev"));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await device.SubscribeAsync("dm/p2p/dev", QoS.AtLeastOnce));
        TestClient app = await gateway.ConnectAsync("app", version);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
        await curious.ExpectNothingAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule04_QoSOfThePublisherNoRetainToOneselfAndAsAWill(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", version);
        await device.SendPublishAsync("dm/p2p/dev", "to myself", QoS.AtMostOnce, retain: true);
        ReceivedPublish own = await device.ReceivePublishAsync();
        Assert.AreEqual(("to myself", QoS.AtMostOnce, false), (own.Payload, own.QoS, own.Retain));
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
        TestClient other = await gateway.ConnectAsync("other", version, will: new WillMessage { Topic = "dm/p2p/dev", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce });

        await other.ResetAsync();

        ReceivedPublish will = await device.ReceivePublishAndAckAsync();
        Assert.AreEqual(("gone", QoS.AtLeastOnce), (will.Payload, will.QoS));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule05_OnceToTheNewestConnection(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient older = await gateway.ConnectAsync("dev", version);
        TestClient newer = await gateway.ConnectAsync("dev", version);
        TestClient app = await gateway.ConnectAsync("app", version);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("x", (await newer.ReceivePublishAndAckAsync()).Payload);
        await newer.ExpectNothingAsync();
        await older.WaitForEndAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule06_MailboxForAKnownDeviceWhateverSessionItAsksForAndQoS0IsDropped(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await gateway.ConnectAsync("dev", version)).DropAsync();
        TestClient app = await gateway.ConnectAsync("app", version);

        await app.PublishAsync("dm/p2p/dev", "dropped");
        await app.PublishAsync("dm/p2p/dev", "waits", QoS.AtLeastOnce);

        TestClient device = await gateway.ConnectAsync("dev", version);
        Assert.AreEqual("waits", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PTargetAbsent));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule07_UnknownTarget_ReasonCodeAndReceipt(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient app = await gateway.ConnectAsync("app", version);
        await app.SubscribeAsync("$gw/receipt/app");

        ReasonCode code = await app.PublishAsync("dm/p2p/nobody", "x", QoS.AtLeastOnce);

        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success, code);
        Assert.AreEqual("""{"st":"dropped","to":"nobody","why":"unknown"}""", (await app.ReceivePublishAsync()).Payload);
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule08_DeviceToDeviceIsDenied(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient device = await gateway.ConnectAsync("dev", version);
        TestClient other = await gateway.ConnectAsync("other", version);

        ReasonCode code = await other.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual(version == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.Success, code);
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule09_GroupIdentifiersWorkAndOthersAreRefused(ProtocolVersion version)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("GID_a@@@dev", version);
        TestClient app = await gateway.ConnectAsync("app", version);
        await app.PublishAsync("dm/p2p/GID_a@@@dev", "x", QoS.AtLeastOnce);
        Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);

        foreach (string refused in (string[])["p2p", "a+b", "a#b", "a\u0001b"])
            Assert.AreNotEqual(0, (await gateway.Open(version).ConnectAsync(refused)).Code, refused);
    }

    // Rule 10, across the relay, is in DeviceMqtt.Relay.Tests: RelayP2PTests and RelayTwoGatewaysTests.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule11_NextCommandWhenTheLastWasAnswered(ProtocolVersion version)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, version);
        TestClient app = await gateway.ConnectAsync("sender", version);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await app.PublishAsync(Board.CommandTopic, Board.Command(2), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await board.Client.ExpectNothingAsync();

        await board.AnswerAsync(1);

        await board.ExpectAsync(2);
    }

    // The device knows a command by sender, id and content; the gateway hands the same one over again only after a break, and never one that was answered.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule12_AnsweredCommandIsNotHandedOverAgain(ProtocolVersion version)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, version);
        TestClient app = await gateway.ConnectAsync("sender", version);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await board.AnswerAsync(1);
        await board.Client.ResetAsync();

        Board again = await Board.ConnectSilentAsync(gateway, version);

        await again.Client.ExpectNothingAsync();
    }
}
