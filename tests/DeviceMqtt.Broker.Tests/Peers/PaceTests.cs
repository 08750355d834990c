using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>A device of ours gets its next command when the last was answered, or after a time (DESIGN: P2P rule 11).</summary>
[TestClass]
internal sealed class PaceTests
{
    private const string Hour = ",\"ttl\":3600";

    [TestMethod]
    [DataRow(ProtocolVersion.V311), DataRow(ProtocolVersion.V5)]
    public async Task ThousandCommands_ToASleepingBoard_OneAfterTheOtherEachOnceNoneLost(ProtocolVersion version)
    {
        const int commands = 1000;
        await using TestBroker gateway = SenderRules.Start();
        await (await Board.ConnectAsync(gateway, version)).Client.DropAsync();
        TestClient app = await gateway.ConnectAsync("sender", version);
        for (int i = 0; i < commands; i++)
            await app.PublishAsync(Board.CommandTopic, Board.Command(i, more: Hour), QoS.AtLeastOnce);

        Board board = await Board.ConnectAsync(gateway, version);
        for (int i = 0; i < commands; i++)
        {
            await board.ExpectAsync(i);
            if (i % 100 == 0)
                await board.Client.ExpectNothingAsync(); // not before the answer
            await board.AnswerAsync(i);
        }

        await board.Client.ExpectNothingAsync();
        Assert.AreEqual(0, gateway.Counters.DroppedInAll - gateway.Counters.Dropped(DropReason.P2PTargetUnknown));
        Assert.AreEqual(0L, gateway.Look(b => b.QueueBytes));
    }

    [TestMethod]
    [DataRow(1), DataRow(4), DataRow(32)]
    public async Task Birth_SaysHowMany_SoManyAtOnce(int window)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, window: window);
        TestClient app = await gateway.ConnectAsync("sender");
        for (int i = 0; i < window + 2; i++)
            await app.PublishAsync(Board.CommandTopic, Board.Command(i), QoS.AtLeastOnce);

        for (int i = 0; i < window; i++)
            await board.ExpectAsync(i);
        await board.Client.ExpectNothingAsync();
        await board.AnswerAsync(0);
        await board.ExpectAsync(window);
        await board.Client.ExpectNothingAsync();
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task CommandAnswerSecondsMax_NoAnswer_TheNextGoesAfterATime(QoS qos)
    {
        await using TestBroker gateway = SenderRules.Start(l => l.CommandAnswerSecondsMax = 7);
        Board board = await Board.ConnectAsync(gateway);
        TestClient app = await gateway.ConnectAsync("sender");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), qos);
        await app.PublishAsync(Board.CommandTopic, Board.Command(2), qos);
        await board.ExpectAsync(1);

        gateway.Advance(6);
        await board.Client.ExpectNothingAsync();
        gateway.Advance(1);

        await board.ExpectAsync(2);
    }

    [TestMethod]
    public async Task Answers_OfAnotherOrToAnother_DoNotCount()
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway);
        TestClient app = await gateway.ConnectAsync("sender");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await app.PublishAsync(Board.CommandTopic, Board.Command(2), QoS.AtLeastOnce);
        await board.ExpectAsync(1);

        await app.PublishAsync("dm/p2p/app", """{"id":"k1","st":"ok","code":0}"""); // not the board
        await board.Client.SendPublishAsync("dm/p2p/other", """{"id":"k1","st":"ok","code":0}"""); // not to the one who asked
        await board.AnswerAsync(3); // not this one
        await board.Client.ExpectNothingAsync();
        await board.AnswerAsync(1);

        await board.ExpectAsync(2);
    }

    [TestMethod]
    public async Task ForeignClient_GetsTheWindowOfMqtt()
    {
        await using TestBroker gateway = SenderRules.Start();
        TestClient foreign = await gateway.ConnectAsync("foreign", ProtocolVersion.V5, properties: new ConnectProperties { ReceiveMaximum = 3 });
        TestClient app = await gateway.ConnectAsync("sender");
        for (int i = 0; i < 5; i++)
            await app.PublishAsync("dm/p2p/foreign", Board.Command(i), QoS.AtLeastOnce);

        ushort[] packetIds = new ushort[3];
        for (int i = 0; i < packetIds.Length; i++)
            packetIds[i] = (await foreign.ReceivePublishAsync()).PacketId;
        await foreign.ExpectNothingAsync();
        await foreign.SendAckAsync(PacketType.PubAck, packetIds[0]);
        Assert.StartsWith("{\"id\":\"k3\"", (await foreign.ReceivePublishAsync()).Payload, StringComparison.Ordinal);
    }

    // nanoFramework's client acknowledges before its application has seen anything, so a reset in between must not lose the command.
    [TestMethod]
    [DataRow(false, ProtocolVersion.V311), DataRow(true, ProtocolVersion.V311), DataRow(true, ProtocolVersion.V5)]
    public async Task Board_ResetAfterTheAcknowledgement_GetsTheCommandOnceMoreUntilItHasAnswered(bool durable, ProtocolVersion version)
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, version, durable: durable);
        TestClient app = await gateway.ConnectAsync("app", version);
        await app.SubscribeAsync("$gw/receipt/app");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1, more: Hour), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await ExpectReceiptAsync(app, "delivered", 1);
        await board.Client.ResetAsync();

        Board again = await Board.ConnectSilentAsync(gateway, version, durable);
        await again.ExpectAsync(1);
        await again.AnswerAsync(1);
        await app.ReceivePublishAsync(); // the answer
        await ExpectReceiptAsync(app, "answered", 1);
        await again.Client.DropAsync();

        Board third = await Board.ConnectSilentAsync(gateway, version, durable);
        await third.Client.ExpectNothingAsync();
        await app.ExpectNothingAsync();
    }

    // The end of the Session before takes more than a slice: the new one has its next command by the time the older one is back in the mailbox.
    [TestMethod]
    public async Task Board_BackInANewSessionWhileTheOneBeforeIsEnding_EachCommandTakesItsPlaceOnce()
    {
        await using TestBroker gateway = TestBroker.Start(static l => (l.InflightMax, l.CommandAnswerSecondsMax) = (4, 3600), static ground => ground.Access = new SenderRules());
        Queue<Jobs> soon = new();
        gateway.Broker.Turn.Jobs.RunSoon = soon.Enqueue;
        Board board = await Board.ConnectAsync(gateway, durable: true);
        await board.Client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient app = await gateway.ConnectAsync("sender");
        for (int i = 1; i <= 2; i++)
            await app.PublishAsync(Board.CommandTopic, Board.Command(i, more: Hour), QoS.AtLeastOnce);
        _ = await board.Client.ReceivePublishAsync(); // in flight
        await board.Client.DropAsync();
        for (int i = 0; i < 1_500; i++)
            await app.PublishAsync("t", $"{i}", QoS.AtLeastOnce);

        gateway.Time.LookMs = 1;
        Board again = await Board.ConnectSilentAsync(gateway);
        gateway.Time.LookMs = 0;
        Assert.HasCount(1, gateway.Look(static b => b.Sessions.Ending), "what the Session before left behind is in the mailbox already");
        ReceivedPublish second = await again.Client.ReceivePublishAsync();
        Assert.StartsWith("{\"id\":\"k2\"", second.Payload, StringComparison.Ordinal);
        while (soon.Count > 0)
            soon.Dequeue().Execute();
        Assert.AreEqual(1, gateway.Look(static b => b.Mailboxes.Find(Board.Id)!.UnansweredCount));
        await again.Client.SendAckAsync(PacketType.PubAck, second.PacketId);
        await again.AnswerAsync(2);

        await again.ExpectAsync(1);
        await again.AnswerAsync(1);
        Assert.AreEqual(0, gateway.Look(static b => b.Mailboxes.Find(Board.Id)!.UnansweredCount));
    }

    [TestMethod]
    public async Task Command_DeliveredAndNeverAnswered_TheSenderIsToldWhenItsTimeIsOver()
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway);
        TestClient app = await gateway.ConnectAsync("app");
        await app.SubscribeAsync("$gw/receipt/app");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        await board.ExpectAsync(1);
        await ExpectReceiptAsync(app, "delivered", 1);
        await board.Client.DropAsync();

        gateway.Advance(60);

        Assert.AreEqual("""{"st":"expired","to":"GID_a@@@kitchen","id":"k1","why":"unanswered"}""", (await app.ReceivePublishAsync()).Payload);
        Board again = await Board.ConnectSilentAsync(gateway);
        await again.Client.ExpectNothingAsync();
    }

    // What was in flight and is too old is not sent again, and takes no place from the next.
    [TestMethod]
    public async Task Board_BackWithACommandInFlightThatIsTooOld_GetsTheNextAtOnce()
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway, durable: true);
        TestClient app = await gateway.ConnectAsync("sender");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1, more: ",\"ttl\":5"), QoS.AtLeastOnce);
        await board.Client.ReceivePublishAsync();
        await board.Client.DropAsync();
        await app.PublishAsync(Board.CommandTopic, Board.Command(2, more: Hour), QoS.AtLeastOnce);
        gateway.Time.Advance(TimeSpan.FromSeconds(5)); // and no beat

        Board again = await Board.ConnectSilentAsync(gateway, durable: true);

        await again.ExpectAsync(2);
        Assert.AreEqual(1, gateway.Counters.Dropped(DropReason.Expired));
    }

    [TestMethod]
    public async Task Answer_BeforeTheAcknowledgement_CountsAndNothingComesAgain()
    {
        await using TestBroker gateway = SenderRules.Start();
        Board board = await Board.ConnectAsync(gateway);
        TestClient app = await gateway.ConnectAsync("sender");
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);
        ushort packetId = (await board.Client.ReceivePublishAsync()).PacketId;
        await board.AnswerAsync(1);
        await board.Client.SendAckAsync(PacketType.PubAck, packetId);
        await board.Client.DropAsync();

        Board again = await Board.ConnectSilentAsync(gateway);
        await again.Client.ExpectNothingAsync();
    }

    // A flood of readings for a board does not keep its commands waiting.
    [TestMethod]
    public async Task Commands_PassWhatWaitsInTheQueue()
    {
        await using TestBroker gateway = SenderRules.Start(l => l.InflightMax = 1);
        Board board = await Board.ConnectAsync(gateway);
        await board.Client.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient app = await gateway.ConnectAsync("sender");
        for (int i = 0; i < 5; i++)
            await app.PublishAsync("t", $"reading {i}", QoS.AtLeastOnce);
        await app.PublishAsync(Board.CommandTopic, Board.Command(1), QoS.AtLeastOnce);

        Assert.AreEqual("reading 0", (await board.Client.ReceivePublishAndAckAsync()).Payload);
        await board.ExpectAsync(1);
        Assert.AreEqual("reading 1", (await board.Client.ReceivePublishAndAckAsync()).Payload);
    }

    private static async Task ExpectReceiptAsync(TestClient app, string status, int number) =>
        Assert.AreEqual($$"""{"st":"{{status}}","to":"GID_a@@@kitchen","id":"k{{number}}"}""", (await app.ReceivePublishAsync()).Payload);
}
