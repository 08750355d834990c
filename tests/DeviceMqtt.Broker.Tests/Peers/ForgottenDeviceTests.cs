using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>
/// An operator has a device forgotten. A board that came under the same name and user afterwards resumed the Session of the former one, and carried out the command
/// that had been in flight to it; the sender was told nothing.
/// </summary>
[TestClass]
internal sealed class ForgottenDeviceTests
{
    // So many take more than a slice.
    private const int Waiting = 1_500;

    private const string Command = """{"id":"k1","cmd":"relay.set","from":"app"}""";

    [TestMethod]
    public async Task Device_ForgottenWithACommandInFlight_SenderIsToldAndTheNextGetsNothing()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient app = await SenderAsync(broker);
        await LeaveInFlightAsync(broker, app, waiting: 0);

        Forget(broker);

        Assert.Contains("\"cancelled\"", await ReceiptAsync(app), StringComparison.Ordinal);
        await ExpectNothingForTheNextAsync(broker);
    }

    [TestMethod]
    public async Task Device_ForgottenWhileItsSessionIsEnding_TheNextGetsNothingOfThatEither()
    {
        await using TestBroker broker = TestBroker.Start();
        Queue<Jobs> soon = new();
        broker.Look(b => b.Turn.Jobs.RunSoon = soon.Enqueue);
        TestClient app = await SenderAsync(broker);
        await LeaveInFlightAsync(broker, app, Waiting);
        broker.Time.LookMs = 1;
        TestClient clean = await broker.ConnectAsync("dev");
        broker.Time.LookMs = 0;
        await clean.DropAsync();
        Assert.HasCount(1, broker.Look(static b => b.Sessions.Ending), "all is settled already");

        Forget(broker);
        while (soon.TryDequeue(out Jobs? jobs))
            jobs.Execute();

        Assert.IsEmpty(broker.Look(static b => b.Sessions.Ending));
        Assert.IsFalse(broker.Look(static b => b.Mailboxes.IsKnown("dev")), "what came late has made it known again");
        Assert.Contains("\"cancelled\"", await ReceiptAsync(app), StringComparison.Ordinal);
        await ExpectNothingForTheNextAsync(broker);
    }

    [TestMethod]
    public async Task Device_ThatIsConnected_NotForgotten()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient dev = await broker.ConnectDurableAsync("dev");

        Forget(broker);

        Assert.IsTrue(broker.Look(static b => b.Mailboxes.IsKnown("dev") && b.Sessions.Find("dev") is { IsConnected: true }));
        await dev.ExpectNothingAsync();
    }

    // Its sender was told that it was delivered, and waited for an end that never came.
    [TestMethod]
    [DataRow("an operator"), DataRow("no room"), DataRow("no mailbox"), DataRow("newer commands")]
    public async Task Forgotten_DeliveredAndNotAnswered_UnansweredIsTold(string why)
    {
        await using TestBroker broker = TestBroker.Start(
            l => (l.KnownDevicesMax, l.CommandAnswerSecondsMax) = (why == "no room" ? 2 : 100, 1), static ground => ground.Access = new SenderRules(),
            [new GroupPolicy { Match = "dev", Mailbox = why == "no mailbox" ? MailboxKind.Off : MailboxKind.Registered }]);
        TestClient app = await SenderAsync(broker);
        TestClient dev = await broker.ConnectAsync("dev");
        await dev.SendPublishAsync("dm/dev/info", """{"id":"dev","win":32,"cmd":["relay.set!"]}""", QoS.AtMostOnce, retain: true);
        await app.SendPublishAsync("dm/p2p/dev", """{"id":"k1","cmd":"relay.set","from":"app","ttl":3600}""", QoS.AtLeastOnce);
        _ = await dev.ReceivePublishAndAckAsync();
        Assert.AreEqual("""{"st":"delivered","to":"dev","id":"k1"}""", await ReceiptAsync(app));

        await EndAsync(broker, dev, why);

        Assert.AreEqual("""{"st":"expired","to":"dev","id":"k1","why":"unanswered"}""", await ReceiptAsync(app));
        await app.ExpectNothingAsync();
    }

    private static async Task EndAsync(TestBroker broker, TestClient dev, string why)
    {
        if (why == "newer commands")
        {
            // As many as a board remembers; those without an answer take no place any more.
            broker.Advance(1);
            TestClient other = await broker.ConnectAsync("other");
            for (int i = 0; i < Mailbox.HandedMax; i++)
            {
                _ = await other.PublishAsync("dm/p2p/dev", $$"""{"id":"{{i}}","cmd":"relay.set","from":"other","ttl":3600}""", QoS.AtLeastOnce);
                _ = await dev.ReceivePublishAndAckAsync();
            }

            return;
        }

        await dev.DropAsync();
        if (why == "an operator")
            Forget(broker);
        if (why == "no room")
            _ = await broker.ConnectAsync("another");
    }

    private static void Forget(TestBroker broker) => Assert.IsFalse(broker.Look(static b => b.Sessions.ForgetAway("dev")).IsNoRoom);

    private static async Task ExpectNothingForTheNextAsync(TestBroker broker)
    {
        TestClient next = broker.Open();
        Assert.IsFalse((await next.ConnectAsync("dev", clean: false)).SessionPresent);
        await next.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.DroppedByOperator));
        Assert.AreEqual(0, broker.Look(static b => b.QueueBytes));
    }

    private static async Task LeaveInFlightAsync(TestBroker broker, TestClient app, int waiting)
    {
        TestClient dev = await broker.ConnectDurableAsync("dev");
        _ = await dev.SubscribeAsync("t", QoS.AtLeastOnce);
        await app.SendPublishAsync("dm/p2p/dev", Command, QoS.AtLeastOnce);
        Assert.AreEqual(Command, (await dev.ReceivePublishAsync()).Payload);
        await dev.DropAsync();
        TestClient publisher = await broker.ConnectAsync("publisher");
        for (int i = 0; i < waiting; i++)
            _ = await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
    }

    private static async Task<TestClient> SenderAsync(TestBroker broker)
    {
        TestClient app = await broker.ConnectAsync("app");
        _ = await app.SubscribeAsync("$gw/receipt/app", QoS.AtLeastOnce);
        return app;
    }

    private static async Task<string> ReceiptAsync(TestClient app)
    {
        ReceivedPacket packet = await app.ReceiveAsync();
        while (packet.Type == PacketType.PubAck)
            packet = await app.ReceiveAsync();
        return ReceivedPublish.From(packet, app.Version).Payload;
    }
}
