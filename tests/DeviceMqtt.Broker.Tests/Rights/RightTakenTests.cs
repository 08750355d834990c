using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>What becomes of a client, its Session and its Will when a right is taken while the broker runs.</summary>
[TestClass]
internal sealed class RightTakenTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311, ReasonCode.UnspecifiedError)]
    [DataRow(ProtocolVersion.V5, ReasonCode.NotAuthorized)]
    public async Task SUBSCRIBE_ToWhatItMayNotHave_RefusedAndNothingComes(ProtocolVersion version, ReasonCode code)
    {
        await using TestBroker broker = Start(out UserRules rules, "ann");
        rules.Closed.Add("closed");
        TestClient client = await ConnectAsync(broker, "c", "ann", version);
        Assert.AreEqual(code, await client.SubscribeAsync("closed/#"));
        Assert.AreEqual(code, await client.SubscribeAsync("$share/g/closed/#"));
        Assert.AreEqual(ReasonCode.Success, await client.SubscribeAsync("open/#"));
        await (await broker.ConnectAsync("other")).PublishAsync("closed/x", "no");
        await client.ExpectNothingAsync();
        // Many clients do not look at the codes: somebody else has to see it.
        Assert.AreEqual(2, broker.Counters.SubscriptionsRefused);
        Assert.HasCount(2, broker.Log.Lines.Where(static line => line.StartsWith("no subscription of 'c' to ", StringComparison.Ordinal) && line.EndsWith("closed/#, NotAuthorized: it matches topics that this client may not have", StringComparison.Ordinal)), string.Join('\n', broker.Log.Lines));
    }

    [TestMethod]
    public async Task Session_RightTakenWhileItsClientIsAway_WhatWaitedIsDroppedAndTheSubscriptionGone()
    {
        await using TestBroker broker = Start(out UserRules rules, "ann");
        TestClient client = await ConnectAsync(broker, "c", "ann", isClean: false);
        await client.SubscribeAsync("secret/#", QoS.AtLeastOnce);
        await client.SubscribeAsync("open/#", QoS.AtLeastOnce);
        await client.DropAsync();
        TestClient other = await broker.ConnectAsync("other");
        await other.PublishAsync("secret/1", "waited", QoS.AtLeastOnce);
        await other.PublishAsync("open/1", "may", QoS.AtLeastOnce);

        rules.Closed.Add("secret");
        TestClient back = await ConnectAsync(broker, "c", "ann", isClean: false);

        Assert.AreEqual("may", (await back.ReceivePublishAndAckAsync()).Payload);
        await other.PublishAsync("secret/2", "live", QoS.AtLeastOnce);
        await back.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
        Assert.AreEqual(1, broker.Look(b => b.Tree.Count));
        Assert.ContainsSingle(broker.Log.Lines.Where(static line => line == "no subscription of 'c' to secret/#, NotAuthorized: its client may not have these topics any more: the subscription is ended"), string.Join('\n', broker.Log.Lines));
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task Session_RightTakenWhileAMessageWasInFlight_NotSentAgain(QoS qos)
    {
        await using TestBroker broker = Start(out UserRules rules, "ann");
        TestClient client = await ConnectAsync(broker, "c", "ann", isClean: false);
        await client.SubscribeAsync("secret/#", qos);
        TestClient other = await broker.ConnectAsync("other");
        await other.PublishAsync("secret/1", "sent", qos);
        Assert.AreEqual("sent", (await client.ReceivePublishAsync()).Payload);
        await client.DropAsync();

        rules.Closed.Add("secret");
        TestClient back = await ConnectAsync(broker, "c", "ann", isClean: false);

        if (qos == QoS.ExactlyOnce)
            Assert.AreEqual(PacketType.PubRel, (await back.ReceiveAsync()).Type, "the client may have the identifier open");
        await back.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
        Assert.AreEqual(0, broker.Look(b => b.QueueBytes));
    }

    [TestMethod]
    public async Task User_Removed_ItsConnectionEndsItsAbsentSessionTooAndNobodyElses()
    {
        await using TestBroker broker = Start(out UserRules rules, "ann", "bob");
        TestClient here = await ConnectAsync(broker, "here", "ann", ProtocolVersion.V5);
        TestClient bob = await ConnectAsync(broker, "bob", "bob");
        TestClient away = await ConnectAsync(broker, "away", "ann", isClean: false);
        await away.SubscribeAsync("t", QoS.AtLeastOnce);
        await away.DropAsync();

        rules.Users.Remove("ann");
        broker.Mqtt.ReviewAccess();

        await here.ExpectCloseAsync(CloseReason.RightsChanged, ReasonCode.AdministrativeAction);
        await bob.ExpectNothingAsync();
        Assert.IsNull(broker.Look(b => b.Sessions.Find("away")));
        Assert.AreEqual(0, broker.Look(b => b.Tree.Count));
    }

    [TestMethod]
    public async Task Review_ClientWithoutAUser_ToldWhatIsTrue()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient here = await broker.ConnectAsync("here", ProtocolVersion.V5);

        rules.TakesStrangers = false;
        broker.Mqtt.ReviewAccess();

        Assert.AreEqual("users have changed, and a client without a user is not let in as it was", (await here.ReceiveDisconnectAsync()).ReasonString);
        await here.WaitForEndAsync();
        Assert.AreEqual(CloseReason.RightsChanged, here.CloseReason);
    }

    [TestMethod]
    public async Task Review_ManySessions_GoesOnOverManyTurns()
    {
        await using TestBroker broker = Start(out UserRules rules, "ann");
        for (int i = 0; i < 600; i++)
            await (await ConnectAsync(broker, $"c{i}", "ann", isClean: false)).DropAsync();
        rules.Users.Remove("ann");
        broker.Mqtt.ReviewAccess();
        await Patience.Until(() => broker.Look(b => b.Sessions.Count) == 0, "the end of the Sessions");
    }

    [TestMethod]
    public async Task Will_RightTakenSinceCONNECT_NotPublishedAndCounted()
    {
        await using TestBroker broker = Start(out UserRules rules, "ann");
        TestClient watcher = await broker.ConnectAsync("watcher");
        await watcher.SubscribeAsync("#");
        TestClient client = broker.Open();
        await client.ConnectAsync("c", will: Will("state/c"), userName: "ann");
        rules.Closed.Add("state");
        await client.DropAsync();
        await watcher.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.NotAllowed));
    }

    [TestMethod]
    public async Task Will_ThatCommandsADeviceWhichWasNotKnownAtCONNECT_NotPublished()
    {
        await using TestBroker broker = Start(out UserRules rules, "ann", "board");
        rules.Users["ann"] = ClientRole.Device;
        rules.Users["board"] = ClientRole.Device;
        TestClient client = broker.Open();
        Assert.AreEqual(0, (await client.ConnectAsync("c", will: Will("dm/p2p/board"), userName: "ann")).Code, "nobody is called that yet");
        TestClient board = await ConnectAsync(broker, "board", "board");
        await client.DropAsync();
        await board.ExpectNothingAsync();
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    private static TestBroker Start(out UserRules rules, params string[] users)
    {
        UserRules made = rules = new();
        foreach (string user in users)
            made.Users[user] = ClientRole.Operator;
        return TestBroker.Start(limits: null, ground => ground.Access = made);
    }

    private static async Task<TestClient> ConnectAsync(TestBroker broker, string clientId, string user, ProtocolVersion version = ProtocolVersion.V311, bool isClean = true)
    {
        TestClient client = broker.Open(version);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, clean: isClean, userName: user)).Code);
        return client;
    }

    private static WillMessage Will(string topic) => new() { Topic = topic, Payload = "w"u8.ToArray(), QoS = QoS.AtLeastOnce, Properties = new WillProperties() };
}
