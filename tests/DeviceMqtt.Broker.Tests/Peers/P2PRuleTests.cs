using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>The rules of P2P messages, one test each that has its number, for senders and targets of 3.1.1 and of 5.0 in all pairs. The details are in the other tests of P2P.</summary>
[TestClass]
internal sealed class P2PRuleTests
{
    public static IEnumerable<object[]> Versions =>
        from sender in new[] { ProtocolVersion.V311, ProtocolVersion.V5 }
        from target in new[] { ProtocolVersion.V311, ProtocolVersion.V5 }
        select new object[] { sender, target };

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule01_TopicHasP2PAsItsSecondLevelAndTheTargetAsItsThird(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", target);
        TestClient app = await gateway.ConnectAsync("app", sender);

        await app.PublishAsync("anything/p2p/dev", "yes", QoS.AtLeastOnce);
        await app.PublishAsync("anything/p2p/dev/behind", "no", QoS.AtLeastOnce);
        await app.PublishAsync("a/b/p2p/dev", "no", QoS.AtLeastOnce);

        Assert.AreEqual("yes", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule02_NoSubscriptionIsNeededAndTheTopicIsTheOnePublishedTo(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", target);
        TestClient app = await gateway.ConnectAsync("app", sender);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("dm/p2p/dev", (await device.ReceivePublishAndAckAsync()).Topic);
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule03_NeverMatchedAgainstSubscriptionsAndAnothersTopicIsRefused(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", target);
        TestClient curious = await gateway.ConnectAsync("curious", sender);
        await curious.SubscribeAsync("#", QoS.AtLeastOnce);
        Assert.AreEqual(sender == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.UnspecifiedError, await curious.SubscribeAsync("dm/p2p/dev"));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await device.SubscribeAsync("dm/p2p/dev", QoS.AtLeastOnce));
        TestClient app = await gateway.ConnectAsync("app", sender);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
        await curious.ExpectNothingAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule04_QoSOfThePublisherNoRetainToOneselfAndAsAWill(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("dev", target);
        await device.SendPublishAsync("dm/p2p/dev", "to myself", QoS.AtMostOnce, retain: true);
        ReceivedPublish own = await device.ReceivePublishAsync();
        Assert.AreEqual(("to myself", QoS.AtMostOnce, false), (own.Payload, own.QoS, own.Retain));
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
        TestClient other = await gateway.ConnectAsync("other", sender, will: new WillMessage { Topic = "dm/p2p/dev", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce });

        await other.ResetAsync();

        ReceivedPublish will = await device.ReceivePublishAndAckAsync();
        Assert.AreEqual(("gone", QoS.AtLeastOnce), (will.Payload, will.QoS));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule05_OnceToTheNewestConnection(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient older = await gateway.ConnectAsync("dev", target);
        TestClient newer = await gateway.ConnectAsync("dev", target);
        TestClient app = await gateway.ConnectAsync("app", sender);

        await app.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual("x", (await newer.ReceivePublishAndAckAsync()).Payload);
        await newer.ExpectNothingAsync();
        await older.WaitForEndAsync();
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule06_MailboxForAKnownDeviceWhateverSessionItAsksForAndQoS0IsDropped(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        await (await gateway.ConnectAsync("dev", target)).DropAsync();
        TestClient app = await gateway.ConnectAsync("app", sender);

        await app.PublishAsync("dm/p2p/dev", "dropped");
        await app.PublishAsync("dm/p2p/dev", "waits", QoS.AtLeastOnce);

        TestClient device = await gateway.ConnectAsync("dev", target);
        Assert.AreEqual("waits", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PTargetAbsent));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule07_UnknownTarget_ReasonCodeAndReceipt(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        await gateway.ConnectAsync("somebody", target);
        TestClient app = await gateway.ConnectAsync("app", sender);
        await app.SubscribeAsync("$gw/receipt/app");

        ushort packetId = await app.SendPublishAsync("dm/p2p/nobody", "x", QoS.AtLeastOnce);

        Assert.AreEqual("""{"st":"dropped","to":"nobody","why":"unknown"}""", (await app.ReceivePublishAsync()).Payload);
        Assert.AreEqual(sender == ProtocolVersion.V5 ? ReasonCode.NoMatchingSubscribers : ReasonCode.Success, await app.ExpectAckAsync(PacketType.PubAck, packetId));
    }

    // A 5.0 sender gets no reason code of it: nothing is known yet.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule07_UnknownTargetWithAnUpstream_ReceiptWhenTheUpstreamHasIt(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        await gateway.ConnectAsync("somebody", target);
        RecordingUpstream upstream = gateway.Look(b => new RecordingUpstream(b));
        gateway.Look(b =>
        {
            b.ConnectUpstream(upstream);
            return true;
        });
        TestClient app = await gateway.ConnectAsync("app", sender);
        await app.SubscribeAsync("$gw/receipt/app");

        Assert.AreEqual(ReasonCode.Success, await app.PublishAsync("dm/p2p/nobody", "x", QoS.AtLeastOnce));
        await app.ExpectNothingAsync();
        upstream.Acknowledge();

        Assert.AreEqual("""{"st":"relayed","to":"nobody","upstream":"recorder"}""", (await app.ReceivePublishAsync()).Payload);
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule08_DeviceToDeviceIsDenied(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Access = new EverybodyIs(ClientRole.Device));
        TestClient device = await gateway.ConnectAsync("dev", target);
        TestClient other = await gateway.ConnectAsync("other", sender);

        ReasonCode code = await other.PublishAsync("dm/p2p/dev", "x", QoS.AtLeastOnce);

        Assert.AreEqual(sender == ProtocolVersion.V5 ? ReasonCode.NotAuthorized : ReasonCode.Success, code);
        await device.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    // Who may command whom; a device answers those who are none, and may send to itself.
    [TestMethod]
    [DataRow(ClientRole.Operator, ClientRole.Device, true), DataRow(ClientRole.Bridge, ClientRole.Device, true), DataRow(ClientRole.Operator, ClientRole.Operator, true)]
    [DataRow(ClientRole.Device, ClientRole.Operator, true), DataRow(ClientRole.Device, ClientRole.Monitor, true), DataRow(ClientRole.Device, ClientRole.Device, false)]
    [DataRow(ClientRole.Monitor, ClientRole.Device, false), DataRow(ClientRole.Monitor, ClientRole.Operator, false)]
    public async Task Rule08_AuthorityOfEachRole(ClientRole sender, ClientRole target, bool isAllowed)
    {
        await using TestBroker gateway = TestBroker.Start(null, ground => ground.Access = new RoleOfEach(("from", sender), ("to", target)));
        TestClient to = await gateway.ConnectAsync("to");
        TestClient from = await gateway.ConnectAsync("from", ProtocolVersion.V5);

        Assert.AreEqual(isAllowed ? ReasonCode.Success : ReasonCode.NotAuthorized, await from.PublishAsync("dm/p2p/to", "x", QoS.AtLeastOnce));

        if (isAllowed)
            Assert.AreEqual("x", (await to.ReceivePublishAndAckAsync()).Payload);
        await to.ExpectNothingAsync();
        Assert.AreEqual(isAllowed ? 0 : 1, gateway.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule09_GroupIdentifiersWorkAndOthersAreRefused(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("GID_a@@@dev", target);
        TestClient app = await gateway.ConnectAsync("app", sender);
        await app.PublishAsync("dm/p2p/GID_a@@@dev", "x", QoS.AtLeastOnce);
        Assert.AreEqual("x", (await device.ReceivePublishAndAckAsync()).Payload);

        foreach (string refused in (string[])["p2p", "a+b", "a#b", "a\u0001b"])
            Assert.AreNotEqual(0, (await gateway.Open(target).ConnectAsync(refused)).Code, refused);
    }

    // Rule 10, across the relay, is in DeviceMqtt.Relay.Tests: RelayFateAboveTests. Rule 12 on the device is in DeviceMqtt.Device.Tests: CommandOnceTests.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule11_NextCommandWhenTheLastWasAnswered(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, target);
        TestClient app = await gateway.ConnectAsync("sender", sender);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await app.PublishAsync(Board.CommandTopic, Board.Command(2), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await board.Client.ExpectNothingAsync();

        await board.AnswerAsync(1);

        await board.ExpectAsync(2);
    }

    // The device knows a command by sender, id and content; the gateway hands the same one over again only after a break, and never one that was answered.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule12_AnsweredCommandIsNotHandedOverAgain(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, target);
        TestClient app = await gateway.ConnectAsync("sender", sender);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await board.AnswerAsync(1);
        await board.Client.ResetAsync();

        Board again = await Board.ConnectSilentAsync(gateway, target);

        await again.Client.ExpectNothingAsync();
    }

    // It is another command to the gateway: the device says what is wrong with it, in words, and its sender gets that.
    [TestMethod, DynamicData(nameof(Versions))]
    public async Task Rule12_SameIdWithOtherContentIsHandedOverAndRefusedInWords(ProtocolVersion sender, ProtocolVersion target)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, target);
        TestClient app = await gateway.ConnectAsync("app", sender);
        TestClient commander = await gateway.ConnectAsync("sender", sender);
        await commander.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await board.AnswerAsync(1);
        Assert.Contains("\"st\":\"ok\"", (await app.ReceivePublishAsync()).Payload, StringComparison.Ordinal);

        await commander.PublishAsync(Board.CommandTopic, Board.Command(1, more: ",\"args\":{\"on\":false}"), QoS.AtLeastOnce);

        await board.ExpectAsync(1);
        await board.AnswerAsync(1, "err");
        Assert.Contains("\"st\":\"err\"", (await app.ReceivePublishAsync()).Payload, StringComparison.Ordinal);
    }

    private sealed class RoleOfEach(params (string ClientId, ClientRole Role)[] roles) : IAccessRules
    {
        public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(Array.Find(roles, r => r.ClientId == connect.ClientId).Role);
    }
}
