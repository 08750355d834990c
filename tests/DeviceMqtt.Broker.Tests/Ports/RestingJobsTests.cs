using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Tests.Rights;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>While more is on its way to the disk than may be nothing that writes much goes on: each kind of such work rests, and goes on as the disk does.</summary>
[TestClass]
internal sealed class RestingJobsTests
{
    private const int Many = 20;

    private SlowCustody _custody = null!;

    private TestBroker Start(Action<GatewayLimits>? limits = null, UserRules? access = null, params IReadOnlyList<GroupPolicy> policies) => TestBroker.Start(
        limits,
        ground =>
        {
            ground.Custody = _custody = SlowCustody.OnDisk(ground);
            ground.Access = access ?? ground.Access;
        },
        policies);

    [TestMethod]
    public async Task Session_WithABacklogEnds()
    {
        await using TestBroker broker = Start();
        await FillAsync(broker, "absent");
        _custody.IsBehind = true;
        Task<ConnAckPacket> connecting = broker.Open().ConnectAsync("absent", clean: true);
        await RestsAsync(broker, "settle");
        GoesOn(broker);
        await WrittenAsync(broker, "settle", Many);
        Assert.AreEqual(0, (await connecting).Code);
    }

    [TestMethod]
    public async Task Sessions_Expire()
    {
        await using TestBroker broker = Start();
        await LeaveAsync(broker);
        _custody.IsBehind = true;
        broker.Advance(int.MaxValue);
        await RestsAsync(broker, "ended");
        GoesOn(broker);
        await WrittenAsync(broker, "ended", Many);
    }

    [TestMethod]
    public async Task Wills_ThatWereDelayedAreDue()
    {
        await using TestBroker broker = Start(limits: null, access: null, new GroupPolicy { Match = "c*", WillDelaySeconds = 10 });
        await LeaveAsync(broker, WillOf);
        _custody.Calls.Clear();
        _custody.IsBehind = true;
        broker.Advance(20);
        await RestsAsync(broker, "will");
        GoesOn(broker);
        await WrittenAsync(broker, "retain", Many);
    }

    [TestMethod]
    public async Task Connections_EndWithTheirWills()
    {
        await using TestBroker broker = Start();
        TestClient[] clients = new TestClient[Many];
        for (int i = 0; i < Many; i++)
            clients[i] = await broker.ConnectAsync($"c{i}", will: WillOf(i));
        _custody.Calls.Clear();
        _custody.IsBehind = true;
        foreach (TestClient client in clients)
            await client.Transport.ToGateway.CompleteAsync();
        await RestsAsync(broker, "retain");
        GoesOn(broker);
        await WrittenAsync(broker, "retain", Many);
    }

    [TestMethod]
    public async Task Sessions_OfAUserThatIsGone()
    {
        UserRules rules = new() { Users = { ["ann"] = ClientRole.Operator } };
        await using TestBroker broker = Start(limits: null, rules);
        for (int i = 0; i < Many; i++)
        {
            TestClient client = broker.Open();
            _ = await client.ConnectAsync($"c{i}", clean: false, userName: "ann");
            await client.DropAsync();
        }

        _custody.IsBehind = true;
        _ = rules.Users.Remove("ann");
        broker.Mqtt.ReviewAccess();
        await RestsAsync(broker, "ended");
        GoesOn(broker);
        await WrittenAsync(broker, "ended", Many);
    }

    [TestMethod]
    public async Task Retained_Expire()
    {
        await using TestBroker broker = Start();
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        for (int i = 0; i < Many; i++)
            _ = await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true, properties: static p => p.Add(PropertyId.MessageExpiryInterval, 10u));
        _custody.IsBehind = true;
        broker.Advance(20);
        await RestsAsync(broker, "unretain");
        GoesOn(broker);
        await WrittenAsync(broker, "unretain", Many);
    }

    [TestMethod]
    public async Task Mailboxes_Expire()
    {
        await using TestBroker broker = Start();
        await (await broker.ConnectAsync("board")).DropAsync();
        TestClient sender = await broker.ConnectAsync("sender", ProtocolVersion.V5);
        for (int i = 0; i < Many; i++)
            _ = await sender.PublishAsync("dm/p2p/board", "x", QoS.AtLeastOnce, properties: static p => p.Add(PropertyId.MessageExpiryInterval, 10u));
        _custody.IsBehind = true;
        broker.Advance(20);
        await RestsAsync(broker, "settle");
        GoesOn(broker);
        await WrittenAsync(broker, "settle", Many);
    }

    [TestMethod]
    public async Task Presence_GraceIsOver()
    {
        await using TestBroker broker = Start(limits: null, access: null, new GroupPolicy { Match = "c*", PresenceGraceSeconds = 10 });
        TestClient watcher = await broker.ConnectDurableAsync("watcher");
        for (int i = 0; i < Many; i++)
            await (await broker.ConnectAsync($"c{i}")).DropAsync();
        _ = await watcher.SubscribeAsync("$gw/presence/#", QoS.AtLeastOnce);
        await watcher.DropAsync();
        _custody.Calls.Clear();
        _custody.IsBehind = true;
        broker.Advance(20);
        await RestsAsync(broker, "hold");
        GoesOn(broker);
        await WrittenAsync(broker, "hold", Many);
    }

    [TestMethod]
    public async Task RetainedMessages_AreDelivered()
    {
        await using TestBroker broker = Start();
        await RetainAsync(broker);
        TestClient subscriber = await broker.ConnectDurableAsync("subscriber");
        _custody.IsBehind = true;
        _ = await subscriber.SubscribeAsync("r/#", QoS.AtLeastOnce);
        await RestsAsync(broker, "hold");
        GoesOn(broker);
        for (int i = 0; i < Many; i++)
            _ = await subscriber.ReceivePublishAndAckAsync();
        await WrittenAsync(broker, "hold", Many);
    }

    // Nothing is written for a Session that ends with its connection: it does not wait for the disk.
    [TestMethod]
    public async Task RetainedMessages_OfASessionThatIsNotKept_DoNotRest()
    {
        await using TestBroker broker = Start();
        await RetainAsync(broker);
        TestClient subscriber = await broker.ConnectAsync("subscriber");
        _custody.IsBehind = true;
        _ = await subscriber.SubscribeAsync("r/#", QoS.AtLeastOnce);
        for (int i = 0; i < Many; i++)
            _ = await subscriber.ReceivePublishAndAckAsync();
        _custody.IsBehind = false;
        _custody.Catch(); // what came behind SUBSCRIBE is read
    }

    // Its acknowledgements are read: they end what is in flight, and the next messages go when the disk has got further.
    [TestMethod]
    public async Task Backlog_OfAClientThatIsBack()
    {
        await using TestBroker broker = Start();
        await FillAsync(broker, "client");
        TestClient client = await broker.ConnectDurableAsync("client", ProtocolVersion.V5, receiveMaximum: 1);
        ReceivedPublish first = await client.ReceivePublishAsync();
        _custody.Calls.Clear();
        _custody.IsBehind = true;
        await client.SendAckAsync(PacketType.PubAck, first.PacketId);
        await RestsAsync(broker, "sent");
        await WrittenAsync(broker, "settle", 1);
        GoesOn(broker);
        for (int i = 1; i < Many; i++)
            _ = await client.ReceivePublishAndAckAsync();
    }

    // All in one turn it would be: 200,000 of them took 0.3 s.
    [TestMethod]
    public async Task Backlog_ThatHasExpired_GoesOverManyTurns()
    {
        const int Expired = 2_000;
        await using TestBroker broker = Start();
        TestClient absent = await broker.ConnectDurableAsync("client");
        _ = await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = await broker.ConnectAsync("publisher", ProtocolVersion.V5);
        for (int i = 0; i < Expired; i++)
            _ = await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce, properties: static p => p.Add(PropertyId.MessageExpiryInterval, 10u));
        broker.Time.Advance(TimeSpan.FromSeconds(20));
        _custody.Calls.Clear();
        int most = 0;
        int before = 0;
        broker.Look(b => b.Turn.AtEnd = () =>
        {
            most = Math.Max(most, _custody.Calls.Count - before);
            before = _custody.Calls.Count;
        });
        broker.Time.LookMs = 1;
        TestClient client = await broker.ConnectDurableAsync("client");
        await WrittenAsync(broker, "settle", Expired);
        broker.Time.LookMs = 0;
        Assert.IsLessThan(Expired / 2, most, "most of them were dropped in one turn");
        _ = await publisher.PublishAsync("t", "new", QoS.AtLeastOnce);
        Assert.AreEqual("new", (await client.ReceivePublishAndAckAsync()).Payload);
    }

    private static WillMessage WillOf(int i) => new() { Topic = $"will/{i}", Payload = [1], QoS = QoS.AtLeastOnce, Retain = true };

    private static async Task RetainAsync(TestBroker broker)
    {
        TestClient publisher = await broker.ConnectAsync("publisher");
        for (int i = 0; i < Many; i++)
            _ = await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true);
    }

    // Sessions that stay when their clients are gone.
    private static async Task LeaveAsync(TestBroker broker, Func<int, WillMessage>? will = null)
    {
        for (int i = 0; i < Many; i++)
            await (await broker.ConnectDurableAsync($"c{i}", will: will?.Invoke(i))).DropAsync();
    }

    private static async Task FillAsync(TestBroker broker, string clientId)
    {
        TestClient absent = await broker.ConnectDurableAsync(clientId);
        _ = await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        TestClient publisher = await broker.ConnectAsync("publisher");
        for (int i = 0; i < Many; i++)
            _ = await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
    }

    // A client that pings is served all the same.
    private async Task RestsAsync(TestBroker broker, string call)
    {
        await Patience.Until(() => broker.Look(b => b.Turn.Jobs.Resting) > 0, "a job that rests");
        Assert.IsLessThan(2, Written(broker, call), "it wrote while the disk was behind");
        Assert.IsGreaterThan(0, _custody.Commits, "what is lazy would not be on its way for a second");
    }

    private void GoesOn(TestBroker broker)
    {
        _custody.Catch();
        Assert.IsGreaterThan(0, broker.Look(b => b.Turn.Jobs.Resting), "the disk got further, and is behind all the same");
        _custody.IsBehind = false;
        _custody.Catch();
        Assert.AreEqual(0, broker.Look(b => b.Turn.Jobs.Resting));
    }

    private Task WrittenAsync(TestBroker broker, string call, int times) =>
        Patience.Until(() => Written(broker, call) >= times, $"{times} times '{call}'");

    private int Written(TestBroker broker, string call) => broker.Look(_ => _custody.Calls.Count(c => c.StartsWith(call + " ", StringComparison.Ordinal)));
}
