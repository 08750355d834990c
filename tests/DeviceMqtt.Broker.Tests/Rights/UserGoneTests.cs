using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>
/// What waits for a client belongs to its user, as its Session does. A user that is removed, or removed and added again, leaves nothing to whoever comes under
/// its Client Identifier next; a new password or role leaves everything as it is.
/// </summary>
[TestClass]
internal sealed class UserGoneTests
{
    private const string Command = """{"id":"k1","cmd":"relay.set","from":"app"}""";

    [TestMethod]
    public async Task User_RemovedWhileCommandsWaitForIt_TheyAreDroppedAndTheirSenderIsTold()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await SenderAsync(broker);
        await (await ConnectAsync(broker, "dev", "dev")).DropAsync();
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await ExpectReceiptAsync(app, "queued");

        rules.Users.Remove("dev");
        broker.Mqtt.ReviewAccess();

        await ExpectReceiptAsync(app, "removed");
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.UserGone));
        Assert.IsFalse(broker.Look(b => b.Mailboxes.IsKnown("dev")), "no more commands are taken for it");
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        await ExpectReceiptAsync(app, "unknown");
        await AddAgainAsync(rules, broker);
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task User_RemovedAndAddedAgainBetweenTwoLooks_NothingOfTheFormerIsHandedOver(bool isReviewed)
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await ConnectAsync(broker, "app", "ann");
        TestClient dev = await ConnectAsync(broker, "dev", "dev", isClean: false);
        await dev.SubscribeAsync("t", QoS.AtLeastOnce);
        await app.PublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        _ = await dev.ReceivePublishAsync(); // in flight
        await dev.DropAsync();
        await app.PublishAsync("dm/p2p/dev", "waits", QoS.AtLeastOnce);
        await app.PublishAsync("t", "waits too", QoS.AtLeastOnce);

        rules.Ids["dev"] = 2;
        rules.Owners.Add("dev");
        if (isReviewed)
            broker.Mqtt.ReviewAccess();

        TestClient next = broker.Open();
        Assert.IsFalse((await next.ConnectAsync("dev", clean: false, userName: "dev")).SessionPresent);
        await next.ExpectNothingAsync();
        Assert.AreEqual(2, broker.Counters.Dropped(DropReason.UserGone));
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.SessionEnded));
        Assert.AreEqual(0, broker.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task User_RemovedWhileConnected_ItsSessionEndsWithTheConnection()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await SenderAsync(broker);
        TestClient dev = await ConnectAsync(broker, "dev", "dev", isClean: false);
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        _ = await dev.ReceivePublishAsync();

        rules.Users.Remove("dev");
        broker.Mqtt.ReviewAccess();
        await dev.ExpectCloseAsync(CloseReason.RightsChanged);

        Assert.IsNull(broker.Look(b => b.Sessions.Find("dev")));
        Assert.IsFalse(broker.Look(b => b.Mailboxes.IsKnown("dev")));
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.UserGone));
        await ExpectReceiptAsync(app, "removed");
    }

    // A device of ours acknowledges before it has carried a command out, so it would go once more.
    [TestMethod]
    public async Task User_RemovedWithACommandThatItHasNotAnswered_DoesNotGoOnceMore()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await SenderAsync(broker);
        TestClient dev = await ConnectAsync(broker, "dev", "dev");
        await dev.SendPublishAsync("dm/dev/info", """{"id":"dev","win":1,"cmd":["relay.set!"]}""", QoS.AtMostOnce, retain: true);
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        _ = await dev.ReceivePublishAndAckAsync();
        await ExpectReceiptAsync(app, "delivered");
        await dev.DropAsync();

        rules.Ids["dev"] = 2;
        broker.Mqtt.ReviewAccess();

        await ExpectReceiptAsync(app, "unanswered");
        TestClient next = await ConnectAsync(broker, "dev", "dev");
        await next.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task User_HasAnotherRoleOrCannotBeReadNow_KeepsItsSessionAndWhatWaits(bool isUnreadable)
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await SenderAsync(broker);
        await (await ConnectAsync(broker, "dev", "dev", isClean: false)).DropAsync();
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);

        rules.IsUnreadable = isUnreadable;
        rules.Users["dev"] = ClientRole.Operator;
        broker.Mqtt.ReviewAccess();
        rules.IsUnreadable = false;
        broker.Mqtt.ReviewAccess();

        TestClient back = broker.Open();
        Assert.IsTrue((await back.ConnectAsync("dev", clean: false, userName: "dev")).SessionPresent);
        Assert.AreEqual(Command, (await back.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(0, broker.Counters.Dropped(DropReason.UserGone));
    }

    [TestMethod]
    public async Task Mailbox_OfAnotherUserThatIsAway_ItsClientIdentifierIsRefused()
    {
        await using TestBroker broker = Start(out UserRules rules, ("mon", ClientRole.Monitor));
        TestClient app = await SenderAsync(broker);
        await (await ConnectAsync(broker, "panel", "ann")).DropAsync();
        await app.SendPublishAsync("dm/p2p/panel", "for ann", QoS.AtLeastOnce);

        TestClient monitor = broker.Open();
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await monitor.ConnectAsync("panel", userName: "mon")).Code);

        Assert.AreEqual("for ann", (await (await ConnectAsync(broker, "panel", "ann")).ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Mailbox_OfAnotherUser_WhoOwnsTheClientIdentifierComesInAndGetsNothingOfIt()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient app = await SenderAsync(broker);
        await (await ConnectAsync(broker, "dev", "ann")).DropAsync();
        await app.SendPublishAsync("dm/p2p/dev", "for ann", QoS.AtLeastOnce);
        await ExpectReceiptAsync(app, "queued");

        rules.Owners.Add("dev");
        TestClient dev = await ConnectAsync(broker, "dev", "dev");

        await dev.ExpectNothingAsync();
        await ExpectReceiptAsync(app, "removed");
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.UserGone));
    }

    [TestMethod]
    public async Task Receipts_OfAnotherUsersCommands_NotTold()
    {
        await using TestBroker broker = Start(out UserRules rules, ("mon", ClientRole.Monitor));
        await (await ConnectAsync(broker, "dev", "dev")).DropAsync();
        TestClient ann = await ConnectAsync(broker, "panel", "ann");
        await ann.SubscribeAsync("$gw/receipt/panel", QoS.AtLeastOnce);
        await ann.SendPublishAsync("dm/p2p/dev", "for dev", QoS.AtLeastOnce);
        await ExpectReceiptAsync(ann, "queued");
        await ann.DropAsync();

        TestClient monitor = await ConnectAsync(broker, "panel", "mon");
        await monitor.SubscribeAsync("$gw/receipt/panel", QoS.AtLeastOnce);
        Assert.AreEqual("for dev", (await (await ConnectAsync(broker, "dev", "dev")).ReceivePublishAndAckAsync()).Payload);

        await monitor.ExpectNothingAsync();
    }

    private static async Task AddAgainAsync(UserRules rules, TestBroker broker)
    {
        rules.Users["dev"] = ClientRole.Device;
        rules.Ids["dev"] = 2;
        await (await ConnectAsync(broker, "dev", "dev")).ExpectNothingAsync();
    }

    private static async Task<TestClient> SenderAsync(TestBroker broker)
    {
        TestClient app = await ConnectAsync(broker, "app", "ann");
        await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        return app;
    }

    private static async Task ExpectReceiptAsync(TestClient app, string word) =>
        Assert.Contains($"\"{word}\"", await NextReceiptAsync(app), StringComparison.Ordinal);

    // An end that is known at once is told before the message is acknowledged.
    private static async Task<string> NextReceiptAsync(TestClient app)
    {
        ReceivedPacket packet = await app.ReceiveAsync();
        while (packet.Type == PacketType.PubAck)
            packet = await app.ReceiveAsync();
        ReceivedPublish receipt = ReceivedPublish.From(packet, app.Version);
        await app.AcknowledgeAsync(receipt.QoS, receipt.PacketId);
        return receipt.Payload;
    }

    private static TestBroker Start(out UserRules rules, params (string Name, ClientRole Role)[] more)
    {
        UserRules made = rules = new();
        (made.Users["ann"], made.Users["dev"]) = (ClientRole.Operator, ClientRole.Device);
        foreach ((string name, ClientRole role) in more)
            made.Users[name] = role;
        return TestBroker.Start(limits: null, ground => ground.Access = made);
    }

    private static async Task<TestClient> ConnectAsync(TestBroker broker, string clientId, string user, bool isClean = true)
    {
        TestClient client = broker.Open();
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, clean: isClean, userName: user)).Code);
        return client;
    }
}
