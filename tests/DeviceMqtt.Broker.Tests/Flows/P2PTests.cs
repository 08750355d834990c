using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>P2P messages, <c>{parent}/p2p/{clientId}</c>, to a client that is there: rules 1 to 5 and 9 of the design.</summary>
[TestClass]
internal sealed class P2PTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311, QoS.AtMostOnce)]
    [DataRow(ProtocolVersion.V311, QoS.AtLeastOnce)]
    [DataRow(ProtocolVersion.V5, QoS.ExactlyOnce)]
    public async Task P2P_Published_ArrivesWithoutSubscriptionAtThePublishersQoS(ProtocolVersion version, QoS qos) // rules 2 and 4
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device", version);
        TestClient operatorClient = await gateway.ConnectAsync("operator", version);
        Assert.AreEqual(ReasonCode.Success, await operatorClient.PublishAsync("dm/p2p/device", "command", qos));
        ReceivedPublish command = await device.ReceivePublishAndAckAsync();
        Assert.AreEqual(("dm/p2p/device", "command", qos), (command.Topic, command.Payload, command.QoS));
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("dm/p2p", false)]
    [DataRow("dm/p2p/", false)]
    [DataRow("dm/p2p/device/more", false)]
    [DataRow("dm/P2P/device", false)]
    [DataRow("a/b/p2p/device", false)]
    [DataRow("p2p/device", false)]
    [DataRow("/p2p/device", true)] // an empty level is a level
    [DataRow("any-parent/p2p/device", true)]
    public async Task P2P_Topic_SecondLevelP2PAndThirdTheTarget(string topic, bool isP2P) // rule 1
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device");
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync(topic, "x");
        Assert.AreEqual(topic, (await (isP2P ? device : watcher).ReceivePublishAsync()).Topic);
        await (isP2P ? watcher : device).ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow("#")]
    [DataRow("+/p2p/#")]
    [DataRow("dm/p2p/+")]
    [DataRow("dm/+/device")]
    [DataRow("$share/g/dm/#")]
    public async Task P2P_Subscribers_GetNothing(string filter) // rule 3
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device");
        TestClient curious = await gateway.ConnectAsync("curious", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.Success, await curious.SubscribeAsync(filter));
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/device", "secret");
        Assert.AreEqual("secret", (await device.ReceivePublishAsync()).Payload);
        await curious.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.UnspecifiedError)]
    [DataRow(ProtocolVersion.V5, ReasonCode.NotAuthorized)]
    public async Task SUBSCRIBE_P2PTopicOfAnother_Refused(ProtocolVersion version, ReasonCode expected) // rule 3
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient curious = await gateway.ConnectAsync("curious", version);
        foreach (string filter in new[] { "dm/p2p/device", "+/p2p/device", "$share/g/dm/p2p/device", "dm/p2p/Curious" })
            Assert.AreEqual(expected, await curious.SubscribeAsync(filter), filter);
        Assert.AreEqual(0, gateway.Look(b => b.Sessions.Find("curious")!.Subscriptions.Count));
    }

    [TestMethod]
    public async Task SUBSCRIBE_OwnP2PTopic_GrantedAndNoSecondDelivery() // rule 3
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device");
        Assert.AreEqual(ReasonCode.GrantedQoS1, await device.SubscribeAsync("dm/p2p/device", QoS.AtLeastOnce));
        Assert.AreEqual(ReasonCode.GrantedQoS1, await device.SubscribeAsync("+/p2p/device", QoS.AtLeastOnce));
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/device", "once", QoS.AtLeastOnce);
        Assert.AreEqual("once", (await device.ReceivePublishAndAckAsync()).Payload);
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SUBSCRIBE_OwnP2PTopicWithAnIdentifier_MessageCarriesIt() // [MQTT-3.3.4-3]
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient application = await gateway.ConnectAsync("application", ProtocolVersion.V5);
        await application.SubscribeAsync("dm/p2p/application", QoS.AtLeastOnce, identifier: 5);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/application", "x", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(new uint[] { 5 }, (await application.ReceivePublishAndAckAsync()).SubscriptionIdentifiers);
        await application.UnsubscribeAsync("dm/p2p/application");
        await publisher.PublishAsync("dm/p2p/application", "y", QoS.AtLeastOnce);
        CollectionAssert.AreEqual(Array.Empty<uint>(), (await application.ReceivePublishAndAckAsync()).SubscriptionIdentifiers);
    }

    [TestMethod]
    public async Task P2P_Retain_ClearedAndCounted() // rule 4
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device", ProtocolVersion.V5);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/device", "x", QoS.AtLeastOnce, retain: true);
        Assert.IsFalse((await device.ReceivePublishAndAckAsync()).Retain);
        Assert.AreEqual(1, gateway.Counters.P2PRetainCleared);
        Assert.AreEqual(0, gateway.Look(b => b.Retained.Count));
    }

    [TestMethod]
    public async Task P2P_TargetBehindTheUpstream_OfferedThereWithoutRetain() // rules 4 and 10
    {
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Access = new EverybodyIs(ClientRole.Device));
        RecordingTap upstream = new();
        gateway.Look(b =>
        {
            b.ConnectUpstream(upstream);
            return true;
        });
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/app-in-the-cloud", "answer", QoS.AtLeastOnce, retain: true));
        Message offered = upstream.Offered.Single();
        Assert.AreEqual(("dm/p2p/app-in-the-cloud", false, true), (offered.Topic, offered.Retain, offered.IsP2P));
        await publisher.PublishAsync("dm/p2p/publisher", "to myself"); // stays here
        Assert.HasCount(1, upstream.Offered);
        CollectionAssert.AreEqual(new[] { "publisher" }, upstream.Known);
        await (await gateway.ConnectAsync("")).DropAsync(); // no device
        await (await gateway.ConnectAsync("device")).DropAsync();
        await gateway.ConnectAsync("device");
        CollectionAssert.AreEqual(new[] { "publisher", "device" }, upstream.Known);
    }

    private sealed class RecordingTap : IUpstream
    {
        public List<Message> Offered { get; } = [];

        public List<string> Known { get; } = [];

        public bool Wants(string topic) => false;

        public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default)
        {
            Offered.Add(message);
            return true;
        }

        public ReadOnlySpan<byte> Via => [];

        public bool WasHere(ReadOnlySpan<byte> properties, string publisher) => false;

        public void Keep(Message message, List<KeptForUpstream> kept)
        {
        }

        public void Queue(in KeptForUpstream kept)
        {
        }

        public void ClientForgotten(string clientId)
        {
        }

        public void ClientCame(string clientId, WillMessage? will)
        {
        }

        public void ClientLeft(string clientId)
        {
        }

        public void ClientKnown(string clientId) => Known.Add(clientId);
    }

    [TestMethod]
    public async Task P2P_ToOneself_Arrives() // rule 4
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("device");
        await device.SendPublishAsync("dm/p2p/device", "note to self");
        Assert.AreEqual("note to self", (await device.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_AsWill_Arrives() // rule 4
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient guard = await gateway.ConnectAsync("guard");
        TestClient device = await gateway.ConnectAsync("device", will: new WillMessage { Topic = "dm/p2p/guard", Payload = "down"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        await device.DropAsync();
        ReceivedPublish will = await guard.ReceivePublishAndAckAsync();
        Assert.AreEqual(("down", false), (will.Payload, will.Retain));
    }

    [TestMethod]
    public async Task P2P_AfterTakeOver_ToTheNewestConnectionOnly() // rule 5
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient old = await gateway.ConnectAsync("device");
        TestClient young = await gateway.ConnectAsync("device");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/device", "x");
        Assert.AreEqual("x", (await young.ReceivePublishAsync()).Payload);
        await old.ExpectCloseAsync(CloseReason.SessionTakenOver);
    }

    [TestMethod]
    public async Task P2P_ClientIdWithGroup_Arrives() // rule 9
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("GID_pump@@@cellar-1");
        TestClient publisher = await gateway.ConnectAsync("GID_app@@@pi");
        await publisher.PublishAsync("dm/p2p/GID_pump@@@cellar-1", "x");
        Assert.AreEqual("x", (await device.ReceivePublishAsync()).Payload);
    }

    [TestMethod]
    public async Task P2P_ClientIdWithSlash_ConnectsAndCannotBeNamed() // rule 9
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient device = await gateway.ConnectAsync("hall/lamp");
        TestClient watcher = await gateway.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#");
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("dm/p2p/hall/lamp", "an ordinary topic");
        Assert.AreEqual("an ordinary topic", (await watcher.ReceivePublishAsync()).Payload);
        await device.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task P2P_TargetUnknown_PublisherTold(QoS qos) // rule 7
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        Assert.AreEqual(ReasonCode.NoMatchingSubscribers, await publisher.PublishAsync("dm/p2p/nobody", "x", qos));
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
        TestClient nobody = await gateway.ConnectAsync("nobody");
        await nobody.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task P2P_ManyDevices_EachGetsItsOwn()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        TestClient[] devices = new TestClient[50];
        for (int i = 0; i < devices.Length; i++)
            devices[i] = await gateway.ConnectAsync($"device-{i}");
        for (int i = 0; i < devices.Length; i++)
            await publisher.PublishAsync($"dm/p2p/device-{i}", $"{i}", QoS.AtLeastOnce);
        for (int i = 0; i < devices.Length; i++)
        {
            Assert.AreEqual($"{i}", (await devices[i].ReceivePublishAndAckAsync()).Payload);
            await devices[i].ExpectNothingAsync();
        }
    }
}
