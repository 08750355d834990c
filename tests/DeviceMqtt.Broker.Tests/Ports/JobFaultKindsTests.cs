using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>
/// A fault of the gateway in each kind of job: it ends whose the job is, all others are served, nobody waits for ever, and what is the gateway's own is done later. The ports throw, for no packet can cause it.
/// </summary>
[TestClass]
internal sealed class JobFaultKindsTests
{
    private const int Subscribers = 100; // more than one turn may do, whoever publishes
    private const int PauseSeconds = 31; // longer than any
    private readonly Queue<Jobs> _soon = new();
    private Func<string, object?[], bool> _isBad = static (_, _) => false;
    private Func<Drop, bool> _isBadDrop = static _ => false;
    private int _faults;

    private sealed class Rules : IAccessRules
    {
        public Dictionary<string, TestRights> Rights { get; } = [];

        public Func<string, bool> IsBadRecall { get; set; } = static _ => false;

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(ClientRole.Device) { Rights = Rights.GetValueOrDefault(connect.ClientId) };

        public Admission Recall(string clientId, string? userName, ClientRole role) =>
            IsBadRecall(clientId) ? throw new InvalidOperationException("a fault of the gateway, made by a test") : new(role) { UserName = userName };
    }

    private TestBroker Start(Rules? rules = null)
    {
        TestBroker gateway = TestBroker.Start(null, ground =>
        {
            ground.Custody = Faulty<ICustody>.InFrontOf(SlowCustody.OnDisk(ground), (method, args) => _isBad(method, args));
            ground.Events = Faulty<IBrokerEvents>.InFrontOf(ground.Events, (method, args) => method == nameof(IBrokerEvents.Dropped) && _isBadDrop((Drop)args[0]!));
            ground.Access = rules ?? ground.Access;
        });
        gateway.ExpectsFaults = true;
        return gateway;
    }

    private bool Once(bool isIt) => isIt && _faults++ == 0;

    private static async Task ServesAsync(TestBroker gateway)
    {
        TestClient other = await gateway.ConnectAsync("another");
        _ = await other.SubscribeAsync("another");
        gateway.Mqtt.Publish("another", "x"u8);
        Assert.AreEqual("x", (await other.ReceivePublishAsync()).Payload);
        await other.DisconnectAsync();
        Assert.AreEqual((0, 0), gateway.Look(static b => (b.Turn.Jobs.Count, b.FanOuts.Count)));
    }

    private static Task GoneAsync(TestBroker gateway, Func<BrokerState, bool> isGone, string what) => Patience.Until(
        () =>
        {
            gateway.Advance(1);
            return gateway.Look(isGone);
        },
        what);

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task RetainedMessages_OfOneClient_ItsConnectionEndsAndItsSessionStays(bool isDurable)
    {
        Rules rules = new() { Rights = { ["broken"] = new TestRights { Receive = topic => topic != "r/400" ? true : throw new InvalidOperationException("a fault of the gateway, made by a test") } } };
        await using TestBroker gateway = Start(rules);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 500; i++)
            await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true);
        TestClient broken = isDurable ? await gateway.ConnectDurableAsync("broken") : await gateway.ConnectAsync("broken");
        TestClient other = await gateway.ConnectAsync("other");
        gateway.Time.LookMs = 1; // what does not get done in the turn of the SUBSCRIBE is a job
        _ = await broken.SubscribeAsync("r/#");
        _ = await other.SubscribeAsync("r/#");
        await broken.WaitForEndAsync();
        Assert.AreEqual(CloseReason.InternalError, broken.CloseReason);
        for (int i = 0; i < 500; i++)
            Assert.IsTrue((await other.ReceivePublishAsync()).Retain);
        gateway.Time.LookMs = 0;
        Assert.AreEqual((1L, 1L, isDurable), (gateway.Counters.JobFaults, gateway.Counters.Closed(CloseReason.InternalError), gateway.Look(static b => b.Sessions.Find("broken") is not null)));
        await ServesAsync(gateway);
    }

    private async Task<List<TestClient>> SubscribeAsync(TestBroker gateway, QoS qos, bool isDurable)
    {
        List<TestClient> clients = [];
        for (int i = 0; i < Subscribers; i++)
        {
            clients.Add(isDurable ? await gateway.ConnectDurableAsync($"client {i}") : await gateway.ConnectAsync($"client {i}"));
            _ = await clients[i].SubscribeAsync("w", qos);
        }

        gateway.Broker.Turn.Jobs.RunSoon = _soon.Enqueue;
        gateway.Look(static b => (b.FanOuts.PerLook, b.FanOuts.StopsAtEachLook) = (10, true));
        return clients;
    }

    private void RunAll()
    {
        for (int slices = 0; _soon.TryDequeue(out Jobs? jobs); slices++)
        {
            Assert.IsLessThan(1_000, slices, "it goes on and on");
            jobs.Execute();
        }
    }

    // A hundred connections that end at the stop are a job.
    private static void LetGo(TestBroker gateway) => gateway.Broker.Turn.Jobs.RunSoon = static jobs => ThreadPool.UnsafeQueueUserWorkItem(jobs, preferLocal: false);

    private static Task UnderWayAsync(TestBroker gateway, int count) => Patience.Until(() => gateway.Look(static b => b.FanOuts.Count) == count, $"{count} messages under way");

    // Its publisher must not be told that all have it: it brings the message again, and who missed it has it then.
    [TestMethod]
    public async Task MessageForMany_OneOfThemFails_OthersHaveItAndItIsNotAcknowledged()
    {
        await using TestBroker gateway = Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtLeastOnce, isDurable: true);
        TestClient board = await gateway.ConnectDurableAsync("board");
        _isBad = (method, args) => method == nameof(ICustody.Hold) && Once((string)args[1]! == "client 25");
        ushort packetId = await board.SendPublishAsync("w", "1", QoS.AtLeastOnce);
        await UnderWayAsync(gateway, 1);
        RunAll();
        await board.ExpectCloseAsync(CloseReason.InternalError);
        await clients[25].ExpectCloseAsync(CloseReason.InternalError);
        Assert.AreEqual((0, 0L, 1L), gateway.Look(b => (b.FanOuts.Count, b.FanOuts.Bytes, b.Counters.JobFaults)));
        foreach (TestClient client in clients.Where(client => client != clients[25]))
            Assert.AreEqual("1", (await client.ReceivePublishAndAckAsync()).Payload);

        board = await gateway.ConnectDurableAsync("board");
        clients[25] = await gateway.ConnectDurableAsync("client 25");
        await board.SendPublishAsync("w", "1", QoS.AtLeastOnce, packetId: packetId, dup: true);
        await UnderWayAsync(gateway, 1);
        RunAll();
        Assert.AreEqual(ReasonCode.Success, await board.ExpectAckAsync(PacketType.PubAck, packetId));
        Assert.AreEqual("1", (await clients[25].ReceivePublishAndAckAsync()).Payload);
        LetGo(gateway);
    }

    // A fault that is of no client: the message ends with it, and what is behind it goes on.
    [TestMethod]
    [DataRow(QoS.AtMostOnce), DataRow(QoS.AtLeastOnce)]
    public async Task MessageForMany_FailsItself_ItsPublisherIsNotHeldForEverAndTheNextGoesOn(QoS qos)
    {
        await using TestBroker gateway = Start();
        List<TestClient> clients = await SubscribeAsync(gateway, QoS.AtLeastOnce, isDurable: false);
        TestClient board = await gateway.ConnectAsync("board", ProtocolVersion.V5);
        TestClient next = await gateway.ConnectAsync("next");
        await board.SendPublishAsync("w", "1", qos, properties: static w => w.Add(PropertyId.MessageExpiryInterval, 1u));
        await UnderWayAsync(gateway, 1);
        ushort packetId = await next.SendPublishAsync("w", "2", QoS.AtLeastOnce);
        await UnderWayAsync(gateway, 2);
        gateway.Time.Advance(TimeSpan.FromSeconds(2));
        _isBadDrop = drop => Once(drop.Reason == DropReason.Expired);
        RunAll();
        Assert.AreEqual((0, 0L, 1L), gateway.Look(b => (b.FanOuts.Count, b.FanOuts.Bytes, b.Counters.JobFaults)));
        Assert.AreEqual(ReasonCode.Success, await next.ExpectAckAsync(PacketType.PubAck, packetId));
        if (qos == QoS.AtMostOnce)
            await board.ExpectNothingAsync();
        else
            await board.ExpectCloseAsync(CloseReason.InternalError);
        // Those who come again are not lost.
        Assert.AreEqual(qos == QoS.AtMostOnce, gateway.Counters.Dropped(DropReason.GatewayFault) > 0);
        foreach (TestClient client in clients)
        {
            ReceivedPublish publish = await client.ReceivePublishAndAckAsync();
            if (publish.Payload == "1")
                publish = await client.ReceivePublishAndAckAsync();
            Assert.AreEqual("2", publish.Payload);
        }

        LetGo(gateway);
    }

    [TestMethod]
    public async Task Will_ThatCannotBePublished_OthersAreAndItIsTriedAgain()
    {
        Rules rules = new() { IsBadRecall = clientId => Once(clientId == "b") };
        await using TestBroker gateway = Start(rules);
        TestClient watcher = await gateway.ConnectAsync("watcher");
        _ = await watcher.SubscribeAsync("gone/#");
        foreach (string name in (string[])["a", "b", "c"])
        {
            WillMessage will = new() { Topic = $"gone/{name}", Payload = "x"u8.ToArray(), Properties = new WillProperties { DelaySeconds = 5 } };
            await (await gateway.ConnectDurableAsync(name, ProtocolVersion.V5, will: will)).DropAsync();
        }

        await Patience.Until(() => gateway.Look(static b => b.Sessions.AbsentCount) == 3, "three that are away");
        gateway.Advance(6);
        Assert.AreEqual("gone/a", (await watcher.ReceivePublishAsync()).Topic);
        gateway.Advance(1);
        Assert.AreEqual("gone/c", (await watcher.ReceivePublishAsync()).Topic);
        gateway.Advance(PauseSeconds);
        Assert.AreEqual("gone/b", (await watcher.ReceivePublishAsync()).Topic);
        Assert.AreEqual(1L, gateway.Counters.JobFaults);
        await ServesAsync(gateway);
    }

    // At whatever call to the custody it fails: the others end, and so does it, in the process if not on the disk.
    [TestMethod]
    public async Task EndOfASession_FailsAtItsNthCall_TheOthersEndAndSoDoesIt()
    {
        for (int bad = 0, calls = int.MaxValue; bad < calls; bad++)
        {
            (_faults, _isBad) = (0, static (_, _) => false);
            await using TestBroker gateway = Start();
            TestClient publisher = await gateway.ConnectAsync("publisher");
            foreach (string name in (string[])["a", "b", "c"])
            {
                TestClient client = await gateway.ConnectAsync(name, ProtocolVersion.V5, clean: false, properties: new ConnectProperties { SessionExpirySeconds = 5 });
                _ = await client.SubscribeAsync("t", QoS.AtLeastOnce);
                await client.DropAsync();
            }

            await Patience.Until(() => gateway.Look(static b => b.Sessions.AbsentCount) == 3, "three that are away");
            for (int i = 0; i < 5; i++)
                _ = await publisher.PublishAsync("t", $"{i}", QoS.AtLeastOnce);
            int count = 0;
            _isBad = (method, _) => method is not ("get_Counters" or "get_IsFull") && count++ == bad;
            gateway.Advance(6);
            for (int i = 0; i < 3; i++)
                gateway.Advance(PauseSeconds);
            _isBad = static (_, _) => false;
            await GoneAsync(gateway, static b => b.Sessions.Count == 1 && b.Sessions.Ending.Count == 0 && b.Turn.Jobs.Count == 0, $"the end of the Sessions, when the call {bad} fails");
            Assert.AreEqual(1, gateway.Look(static b => b.Tree.Count + b.Sessions.Count), $"subscriptions, when the call {bad} fails");
            Assert.IsLessThanOrEqualTo(1L, gateway.Counters.JobFaults);
            await ServesAsync(gateway);
            calls = count;
        }
    }

    [TestMethod]
    public async Task EndOfAConnection_FailsAtItsNthCall_TheOthersEndAndItsTransportToo()
    {
        const int Boards = 30;
        for (int bad = 0; bad < 40; bad += 3)
        {
            (_faults, _isBad) = (0, static (_, _) => false);
            await using TestBroker gateway = Start();
            TestClient[] boards = new TestClient[Boards];
            for (int i = 0; i < Boards; i++)
                boards[i] = await gateway.ConnectDurableAsync($"board {i}", will: new WillMessage { Topic = $"gone/{i}", Payload = "x"u8.ToArray(), QoS = QoS.AtLeastOnce });
            int count = 0;
            _isBad = (method, _) => method is not ("get_Counters" or "get_IsFull") && count++ == bad;
            foreach (TestClient board in boards)
                await board.DropAsync();
            foreach (TestClient board in boards)
                await board.WaitForEndAsync();
            _isBad = static (_, _) => false;
            Assert.AreEqual((0, Boards), (gateway.Table.Count, gateway.Look(static b => b.Sessions.AbsentCount)), $"when the call {bad} fails");
            await ServesAsync(gateway);
        }
    }

    [TestMethod]
    public async Task ReviewOfRights_FailsForOne_ItIsClosedAndTheOthersAreLookedAt()
    {
        Rules rules = new()
        {
            Rights =
            {
                ["a"] = new TestRights(),
                ["b"] = new TestRights { Current = static () => throw new InvalidOperationException("a fault of the gateway, made by a test") },
                ["c"] = new TestRights { Current = static () => false },
            },
        };
        await using TestBroker gateway = Start(rules);
        TestClient a = await gateway.ConnectAsync("a");
        TestClient b = await gateway.ConnectAsync("b");
        TestClient c = await gateway.ConnectAsync("c");
        gateway.Mqtt.ReviewAccess();
        gateway.Advance(1);
        await b.ExpectCloseAsync(CloseReason.InternalError);
        await c.ExpectCloseAsync(CloseReason.RightsChanged);
        await a.ExpectNothingAsync();
        Assert.AreEqual(1L, gateway.Counters.JobFaults);
    }

    [TestMethod]
    public async Task ExpiryOfMailboxes_FailsInOne_TheOthersExpire()
    {
        await using TestBroker gateway = Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        foreach (string name in (string[])["a", "b", "c"])
        {
            await (await gateway.ConnectAsync(name)).DisconnectAsync();
            await Patience.Until(() => gateway.Look(b => b.Sessions.Find(name)) is null, "its end");
            _ = await publisher.PublishAsync($"dm/p2p/{name}", "x", QoS.AtLeastOnce, properties: static w => w.Add(PropertyId.MessageExpiryInterval, 5u));
        }

        _isBadDrop = drop => Once(drop.Reason == DropReason.Expired);
        gateway.Advance(6);
        await GoneAsync(gateway, static b => b.Mailboxes.Busy.All(static mailbox => mailbox.IsIdle), "what has expired");
        Assert.AreEqual((3L, 1L), (gateway.Counters.Dropped(DropReason.Expired), gateway.Counters.JobFaults));
        await ServesAsync(gateway);
    }

    [TestMethod]
    public async Task ExpiryOfRetainedMessages_FailsForOne_TheOthersExpireAndItIsReplaced()
    {
        await using TestBroker gateway = Start();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        foreach (string name in (string[])["a", "b", "c"])
            _ = await publisher.PublishAsync($"r/{name}", "x", QoS.AtLeastOnce, retain: true, properties: static w => w.Add(PropertyId.MessageExpiryInterval, 5u));
        _isBad = (method, _) => method == nameof(ICustody.Unretain) && Once(true);
        gateway.Advance(6);
        await GoneAsync(gateway, static b => b.Retained.Count == 1, "what has expired");
        for (int i = 0; i < 5; i++)
            gateway.Advance(PauseSeconds);
        Assert.AreEqual(1L, gateway.Counters.JobFaults);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        _ = await subscriber.SubscribeAsync("r/#");
        await subscriber.ExpectNothingAsync();
        foreach (string name in (string[])["a", "b", "c"])
            _ = await publisher.PublishAsync($"r/{name}", "y", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual(3, gateway.Look(static b => b.Retained.Count));
        await ServesAsync(gateway);
    }
}
