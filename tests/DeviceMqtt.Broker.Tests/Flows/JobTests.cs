using DeviceMqtt.Broker.Lifecycle;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Work that is longer than a slice goes on over turns. The clock of these tests moves on with every look at it, so that a slice is over after few steps.</summary>
[TestClass]
internal sealed class JobTests
{
    /// <summary>Each look at the clock takes a millisecond.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private long _nowMs = 1_000_000;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Increment(ref _nowMs);
    }

    private sealed class Steps(int steps) : IJob
    {
        public readonly TaskCompletionSource Done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Slices { get; private set; }

        public int Left { get; private set; } = steps;

        public bool Writes { get; init; }

        public IPayer? Payer { get; init; }

        public string Name => "steps";

        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.Later;

        public bool Run(Turn turn)
        {
            Slices++;
            while (Left > 0 && !turn.IsSliceOver)
                Left--;
            if (Left == 0)
                Done.SetResult();
            return Left == 0;
        }
    }

    [TestMethod]
    public async Task Job_LongerThanASlice_GoesOnInTurnsOfItsOwn()
    {
        Turn turn = new(new HastyTime());
        Steps job = new(10_000);
        using (turn.Enter())
        {
            turn.Jobs.Start(job);
            Assert.IsGreaterThan(0, job.Left);
            Assert.IsLessThan(10_000, job.Left);
        }

        await Patience.Within(job.Done.Task, "the end of the job");
        Assert.IsGreaterThan(10, job.Slices);
        using (turn.Enter())
            Assert.AreEqual(0, turn.Jobs.Count);
    }

    [TestMethod]
    public void Jobs_ThatAreLong_DoNotHoldUpOneThatIsShort()
    {
        Turn turn = new(new HastyTime());
        Queue<Jobs> soon = new();
        turn.Jobs.RunSoon = soon.Enqueue; // by hand: a thread of the pool may be done with both before this one looks
        Steps @long = new(100_000);
        Steps @short = new(100);
        using (turn.Enter())
        {
            turn.Jobs.Start(@long);
            turn.Jobs.Continue(@short);
        }

        for (int slices = 0; !@short.Done.Task.IsCompleted; slices++)
        {
            Assert.IsLessThan(3, slices, "the short job waits for the long one");
            soon.Dequeue().Execute();
        }

        Assert.IsGreaterThan(0, @long.Left, "the long job was done before the short one");
        while (!@long.Done.Task.IsCompleted)
            soon.Dequeue().Execute();
    }

    /// <summary>Owes as long as a test says.</summary>
    private sealed class Payer : IPayer
    {
        public int OwedMs { get; set; }

        public long SpentUs { get; private set; }

        public int Pay(long nowUs, long spentUs)
        {
            SpentUs += spentUs;
            return OwedMs;
        }
    }

    // Each takes a whole slice: in one line the last would have had its first behind five hundred.
    [TestMethod]
    public void Jobs_ManyOfOnePayer_OthersAndTheGatewayHaveTheirTurns()
    {
        Turn turn = new(new HastyTime());
        Queue<Jobs> soon = new();
        turn.Jobs.RunSoon = soon.Enqueue;
        (Payer one, Payer other) = (new(), new());
        Steps board = new(600) { Payer = other };
        Steps own = new(600);
        using (turn.Enter())
        {
            for (int i = 0; i < 500; i++)
                turn.Jobs.Continue(new Steps(100_000) { Payer = one });
            turn.Jobs.Continue(board);
            turn.Jobs.Continue(own);
        }

        int slices = 0;
        for (; board.Left > 0 || own.Left > 0; slices++)
            soon.Dequeue().Execute();
        Assert.IsLessThan(20, slices);
        Assert.IsGreaterThan(0, one.SpentUs);
    }

    [TestMethod]
    public void Job_OfAPayerThatOwes_RestsUntilThatIsPaidAndOthersGoOn()
    {
        FakeTime time = new();
        Turn turn = new(time) { Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Payer owes = new() { OwedMs = 300 };
        Steps rests = new(10) { Payer = owes };
        Steps goesOn = new(10) { Payer = new Payer() };
        using (turn.Enter())
        {
            turn.Jobs.Continue(rests);
            turn.Jobs.Continue(goesOn);
        }

        Assert.IsTrue(goesOn.Done.Task.IsCompleted);
        Assert.AreEqual((0, 1), (rests.Slices, turn.Jobs.Count));
        time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.IsTrue(rests.Done.Task.IsCompleted);
        Assert.AreEqual(0, turn.Jobs.Count);
    }

    // Other connections of its user are busy: there is always something to pay.
    [TestMethod]
    public void Job_OfAPayerThatNeverHasPaid_HasASliceEachTimeItHasRestedAndPaysForIt()
    {
        FakeTime time = new();
        Turn turn = new(time) { Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Payer owes = new() { OwedMs = 5_000 };
        Steps job = new(1_000) { Payer = owes };
        using (turn.Enter())
            turn.Jobs.Continue(job);
        Assert.AreEqual(0, job.Slices);
        time.LookMs = 1;
        for (int rests = 1; rests <= 2; rests++)
        {
            time.Advance(TimeSpan.FromSeconds(1.5)); // its clock moves with each look, too
            Assert.AreEqual(rests, job.Slices);
        }

        Assert.IsGreaterThan(0, owes.SpentUs);
        for (int rests = 0; rests < 10 && job.Left > 0; rests++)
            time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsTrue(job.Done.Task.IsCompleted);
    }

    // It has waited already: for the disk it waits besides.
    [TestMethod]
    public void Job_OfAPayerThatOwesAndTheDiskIsBehind_HasItsSliceWhenTheDiskGoesOn()
    {
        FakeTime time = new();
        Disk disk = new();
        Turn turn = new(time) { Gate = { Disk = disk }, Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Steps job = new(10) { Writes = true, Payer = new Payer { OwedMs = 5_000 } };
        using (turn.Enter())
            turn.Jobs.Continue(job);
        disk.IsBehind = true;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual((0, 1), (job.Slices, turn.Jobs.Resting));
        disk.IsBehind = false;
        using (turn.Enter())
            turn.Gate.Open(1);
        Assert.IsTrue(job.Done.Task.IsCompleted);
    }

    private sealed class Disk : IDisk
    {
        public bool IsBehind { get; set; }

        public long RoomBytes => IsBehind ? 0 : long.MaxValue;

        public long WaitingBytesMax => long.MaxValue;

        public bool HasFailed => false;

        public int Commits { get; private set; }

        public void Commit() => Commits++;
    }

    [TestMethod]
    public void Job_ThatWrites_StopsWhenTheDiskIsBehindAndGoesOnAsItDoes()
    {
        Disk disk = new();
        Turn turn = new(new FakeTime()) { Gate = { Disk = disk }, Jobs = { RunSoon = static jobs => jobs.Execute() } };
        Steps job = new(1_000) { Writes = true };
        using (turn.Enter())
        {
            turn.Jobs.Start(new Then(() => disk.IsBehind = true, job));
            Assert.AreEqual(1_000, job.Left, "it wrote although the disk had got behind");
            turn.Jobs.Start(job);
            turn.Jobs.Continue(job);
            Assert.AreEqual((1, 0, 1), (turn.Jobs.Resting, turn.Jobs.Count, disk.Commits));
        }

        using (turn.Enter())
            turn.Gate.Open(1);
        Assert.AreEqual((1, 1_000, 2), (turn.Jobs.Resting, job.Left, disk.Commits), "some is on the disk, and it is behind all the same: it has to go on writing");
        disk.IsBehind = false;
        using (turn.Enter())
            turn.Gate.Open(2);
        Assert.IsTrue(job.Done.Task.IsCompleted);
    }

    // It gets the disk behind with its first step, and begins another job with its second.
    private sealed class Then(Action first, IJob next) : IJob
    {
        public bool Writes => true;

        public string Name => "two steps";

        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.OwnerEnded;

        public bool Run(Turn turn)
        {
            Assert.IsFalse(turn.IsSliceOver);
            first();
            Assert.IsTrue(turn.IsSliceOver, "the disk is behind");
            turn.Jobs.Start(next);
            return true;
        }
    }

    [TestMethod]
    public void Job_ThatWritesNothing_GoesOnWhileTheDiskIsBehind()
    {
        Turn turn = new(new FakeTime()) { Gate = { Disk = new Disk { IsBehind = true } } };
        Steps job = new(1_000);
        using Turn.Scope scope = turn.Enter();
        turn.Jobs.Start(job);
        Assert.IsTrue(job.Done.Task.IsCompleted);
    }

    [TestMethod]
    [DataRow(QoS.AtMostOnce)]
    [DataRow(QoS.AtLeastOnce)]
    public async Task SUBSCRIBE_MoreRetainedThanAQueueHolds_EachComesOnce(QoS qos)
    {
        await using TestBroker gateway = TestBroker.Start(limits => limits.QueueMessagesMax = 10);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 500; i++)
            await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        await subscriber.SubscribeAsync("r/#", qos);
        HashSet<string> topics = [];
        for (int i = 0; i < 500; i++)
        {
            ReceivedPublish publish = qos == QoS.AtMostOnce ? await subscriber.ReceivePublishAsync() : await subscriber.ReceivePublishAndAckAsync();
            Assert.IsTrue(publish.Retain);
            Assert.IsTrue(topics.Add(publish.Topic), $"{publish.Topic} came twice");
        }

        await subscriber.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task SUBSCRIBE_RetainedStateChangesBeforeItIsSent_NoOlderStateAfterANewerOne()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        for (int i = 0; i < 50; i++)
            await publisher.PublishAsync($"r/{i}", "old", QoS.AtLeastOnce, retain: true);
        // One in flight at a time: what is retained is sent slowly, and the publisher is faster.
        TestClient subscriber = await gateway.ConnectAsync("subscriber", ProtocolVersion.V5, properties: new ConnectProperties { ReceiveMaximum = 1 });
        await subscriber.SubscribeAsync("r/#", QoS.AtLeastOnce);
        for (int i = 0; i < 50; i++)
            await publisher.PublishAsync($"r/{i}", "new", QoS.AtLeastOnce, retain: true);
        Dictionary<string, string> last = [];
        int received = 0;
        while (last.Count < 50 || last.ContainsValue("old"))
        {
            ReceivedPublish publish = await subscriber.ReceivePublishAndAckAsync();
            Assert.IsFalse(last.GetValueOrDefault(publish.Topic) == "new", $"{publish.Payload} of {publish.Topic} after the new state");
            last[publish.Topic] = publish.Payload;
            received++;
        }

        await subscriber.ExpectNothingAsync();
        Assert.AreEqual(51, received, "the first was on its way; of the others the old state is out of date");
    }

    [TestMethod]
    public async Task SUBSCRIBE_OneFilterManyTimes_RetainedMessagesComeOnce()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await publisher.PublishAsync("r/1", "x", QoS.AtLeastOnce, retain: true);
        TestClient subscriber = await gateway.ConnectAsync("subscriber");
        IReadOnlyList<ReasonCode> codes = await subscriber.SubscribeAsync([.. Enumerable.Repeat(new SubscriptionRequest(TestClient.Filter("r/#"), QoS.AtMostOnce), 1_000)]);
        Assert.HasCount(1_000, codes);
        Assert.AreEqual("r/1", (await subscriber.ReceivePublishAsync()).Topic);
        await subscriber.ExpectNothingAsync();
    }
    // Commands for the devices behind a gateway below. Many more than a mailbox takes: the newest of them get there, and it takes more than one turn.
    [TestMethod]
    public async Task P2P_SessionWithManyCommandsEnds_NewestGetIntoTheMailboxOverManyTurns()
    {
        const int Commands = 2_000;
        await using TestBroker gateway = TestBroker.Start(limits => limits.MailboxMessagesMax = 3, ground => ground.Access = new EverybodyIs(ClientRole.Bridge));
        TestClient bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of("10:<MQTT> 84 00 0000 <bridge>"));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(ReasonCode.GrantedQoS1, await bridge.SubscribeAsync("+/p2p/a", QoS.AtLeastOnce));
        await bridge.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("publisher", ProtocolVersion.V5);
        for (int i = 1; i <= Commands; i++)
            Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync("dm/p2p/a", $"{i}", QoS.AtLeastOnce));
        gateway.Time.LookMs = 1;
        int turns = 0;
        gateway.Look(b => b.Turn.AtEnd += () => turns += b.Turn.Jobs.Count);
        bridge = gateway.Open();
        await bridge.SendAsync(Packet.Of("10:<MQTT> 84 02 0000 <bridge>"));
        Assert.AreEqual(0, (await bridge.ReceiveConnAckAsync()).Code);
        await Patience.Until(() => gateway.Look(b => b.Sessions.Ending.Count) == 0, "what the Session left behind");
        gateway.Time.LookMs = 0;
        Assert.IsGreaterThan(Commands / 400, turns, "in a few turns");
        for (int i = Commands - 2; i <= Commands; i++)
            Assert.AreEqual($"{i}", (await bridge.ReceivePublishAndAckAsync()).Payload);
        await bridge.ExpectNothingAsync();
        Assert.AreEqual((Commands - 3, 0L), ((int)gateway.Counters.Dropped(DropReason.MailboxFull), gateway.Look(b => b.QueueBytes)));
    }

    // Each beat looks at those whose time has come, and at no other.
    [TestMethod]
    public void DueTimes_OfManyThings_FirstThatIsDueFirst()
    {
        DueTimes<string> times = new();
        times.Set("c", 30);
        times.Set("a", 10);
        times.Set("b", 10);
        times.Set("d", 5);
        times.Set("d", 40);
        _ = times.Remove("nobody");
        Assert.IsFalse(times.TryPeek(9, out _));
        List<string> due = [];
        while (times.TryPeek(30, out string? thing))
        {
            due.Add(thing);
            Assert.IsTrue(times.Remove(thing));
        }

        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, due);
        Assert.AreEqual(1, times.Count);
    }
}
