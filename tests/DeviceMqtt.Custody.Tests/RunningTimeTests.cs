using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// What waits expires by running time. The clock on the wall, wrong by whatever, before or after, makes nothing expire early; in
/// doubt it expires late, by the time switched off.
/// </summary>
[TestClass]
internal sealed class RunningTimeTests
{
    private const uint SessionSeconds = 20_000;

    // What a crash may take from the age of what waits: the last record of the clocks, on a gateway that writes nothing else.
    private const int CrashSlackSeconds = 800;

    [TestMethod]
    [DataRow(1), DataRow(-1), DataRow(3650), DataRow(-3650)]
    public async Task Wall_SteppedWhileAMessageWaits_ExpiresNotEarly(int days)
    {
        foreach (long memoryBytesMax in new[] { 0L, 1_000_000 })
        {
            FakeMachine machine = new();
            await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), l => l.WaitingMemoryBytesMax = memoryBytesMax, machine: machine);
            await LeaveAsync(gateway);
            await PublishAsync(gateway, "m", 1000);
            machine.Step(TimeSpan.FromDays(days));
            gateway.Advance(900);
            TestClient again = await ConnectAgainAsync(gateway);
            Assert.AreEqual(100u, (await again.ReceivePublishAndAckAsync()).MessageExpirySeconds, "what is left of its time");
        }
    }

    // A Pi without a battery accepts messages in the past, and is right at the next start; or the other way round.
    [TestMethod]
    [DataRow(1), DataRow(-1), DataRow(3650), DataRow(-3650)]
    public async Task Wall_WrongAtAcceptanceAndRightAtTheNextStart_ExpiresNotEarly(int days)
    {
        FakeMachine machine = new();
        machine.Step(TimeSpan.FromDays(days));
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await LeaveAsync(gateway);
        await PublishAsync(gateway, "m", 1000);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(100));
        machine.SetRight();
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        restarted.Advance(1);
        Assert.AreEqual("m", (await (await ConnectAgainAsync(restarted)).ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow(1), DataRow(-1), DataRow(3650), DataRow(-3650)]
    public async Task Wall_SteppedWhileTheMachineIsOff_ExpiresNotEarly(int days)
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await LeaveAsync(gateway);
        await PublishAsync(gateway, "m", 1000);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(100));
        machine.Step(TimeSpan.FromDays(days));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        restarted.Advance(1);
        Assert.AreEqual("m", (await (await ConnectAgainAsync(restarted)).ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Process_RestartedOnARunningMachine_TimeOffIsCountedWhateverTheWallShows()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await LeaveAsync(gateway);
        await PublishAsync(gateway, "m", 1000);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Step(TimeSpan.FromDays(-3650));
        machine.Time.Advance(TimeSpan.FromSeconds(400));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        Assert.AreEqual(600u, (await (await ConnectAgainAsync(restarted)).ReceivePublishAndAckAsync()).MessageExpirySeconds);
        Assert.IsTrue(restarted.Lines.Any(l => l.Contains("400 s older", StringComparison.Ordinal)), string.Join('\n', restarted.Lines));
    }

    [TestMethod]
    public async Task Machine_OffAndItsClockNotSetYet_TheLogSaysThatNothingIsCounted()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await PublishAsync(gateway, "m", 1000, retain: true);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(400));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        Assert.IsTrue(restarted.Lines.Any(l => l.EndsWith("not counted for what waits: the clock on the wall is not set by the network yet", StringComparison.Ordinal)), string.Join('\n', restarted.Lines));
    }

    // Accepted in a run that nobody vouched for, after one that somebody did: the time between the two is not the message's.
    [TestMethod]
    public async Task Message_OfARunWithoutAClock_TheTimeOffBeforeItIsNotItsOwn()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await LeaveAsync(gateway);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(5000));
        BrokerOnDisk second = BrokerOnDisk.StartOn(disk, machine: machine);
        await PublishAsync(second, "m", 1000);
        disk = await second.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(10));
        machine.SetRight();
        await using BrokerOnDisk third = BrokerOnDisk.StartOn(disk, machine: machine);
        Assert.AreEqual("m", (await (await ConnectAgainAsync(third)).ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Gateway_ThatWritesNothingElse_ACrashTakesTenMinutesOfTheAgeAtMost()
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await LeaveAsync(gateway);
        await PublishAsync(gateway, "m", 7200);
        for (int minute = 0; minute < 60; minute++)
            gateway.Advance(60);
        await PassALazyCommitAsync(gateway);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromSeconds(1));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        uint left = (await (await ConnectAgainAsync(restarted)).ReceivePublishAndAckAsync()).MessageExpirySeconds!.Value;
        Assert.IsTrue(left is >= 3600 and <= 4200, $"{left} s left of 7200, after 3600");
    }

    [TestMethod]
    public async Task Received_InAnEarlierRun_TheWallTimeOfThenIsShownUnlessTheClockWasNotSet()
    {
        FakeMachine machine = new();
        long then = machine.Time.GetUtcNow().ToUnixTimeMilliseconds();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine);
        await PublishAsync(gateway, "right", 10_000, retain: true, topic: "right");
        machine.Step(TimeSpan.FromDays(-20_000));
        await PublishAsync(gateway, "wrong", 10_000, retain: true, topic: "wrong");
        Assert.AreEqual((0L, 0L), Accepted(gateway), "of this run: reckoned from what the wall shows when it is asked");
        MemoryStorage disk = await gateway.CrashAsync();
        machine.Reboot(TimeSpan.FromDays(1));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, machine: machine);
        Assert.AreEqual((then, 0L), Accepted(restarted));

        static (long Right, long Wrong) Accepted(BrokerOnDisk gateway) =>
            gateway.Look(b => (b.Retained.Find("right")!.AcceptedUnixMs, b.Retained.Find("wrong")!.AcceptedUnixMs));
    }

    [TestMethod]
    public async Task Clocks_SteppedAtRandomOverRestarts_NothingExpiresEarlyOrLaterThanTheTimeOff()
    {
        for (int seed = 1; seed <= 60; seed++)
            await new RandomDays(seed).PlayAsync();
    }

    /// <summary>Two seconds pass, and the disk has what was lazy: the thread that writes it does not run on the time of the test.</summary>
    private static async Task PassALazyCommitAsync(BrokerOnDisk gateway)
    {
        long last = gateway.Look(b => b.Custody.LastPosition);
        gateway.Advance(2);
        await Patience.Until(() => gateway.Look(b => b.Turn.Gate.Durable) >= last, "a lazy commit");
    }

    private static async Task LeaveAsync(BrokerOnDisk gateway)
    {
        TestClient subscriber = await ConnectAgainAsync(gateway);
        _ = await subscriber.SubscribeAsync("t", QoS.AtLeastOnce);
        await subscriber.DropAsync();
    }

    private static Task<TestClient> ConnectAgainAsync(BrokerOnDisk gateway) =>
        gateway.ConnectAsync("s", ProtocolVersion.V5, clean: false, properties: new ConnectProperties { SessionExpirySeconds = SessionSeconds });

    private static async Task PublishAsync(BrokerOnDisk gateway, string payload, uint expirySeconds, bool retain = false, string topic = "t")
    {
        TestClient publisher = await gateway.ConnectAsync("p", ProtocolVersion.V5);
        _ = await publisher.PublishAsync(topic, payload, QoS.AtLeastOnce, retain, p => p.Add(PropertyId.MessageExpiryInterval, expirySeconds));
        await publisher.DisconnectAsync();
    }

    /// <summary>Some days of a machine whose clock is set wrong and right, and whose power and gateway come and go; time is true here.</summary>
    private sealed class RandomDays(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly FakeMachine _machine = new();
        private readonly List<(string Payload, uint ExpirySeconds, long AtSeconds, long RunAtSeconds)> _sent = [];
        private readonly List<string> _story = [];
        private BrokerOnDisk _gateway = null!;
        private long _nowSeconds;
        private long _ranSeconds;
        private int _crashes;

        public async Task PlayAsync()
        {
            if (_random.Next(2) == 0)
                _machine.Step(TimeSpan.FromDays(-20_000));
            Start(new MemoryStorage());
            await LeaveAsync(_gateway);
            await (await _gateway.ConnectAsync("device")).DisconnectAsync();
            await PublishAsync(_gateway, "x", 1, retain: true, topic: "commits"); // also that the device is known: commands wait for it from now on
            for (int i = 0; i < 14; i++)
                await StepAsync();
            _gateway.Advance(1);
            TestClient again = _gateway.Open(ProtocolVersion.V5);
            ConnAckPacket connAck = await again.ConnectAsync("s", clean: false, properties: new ConnectProperties { SessionExpirySeconds = SessionSeconds });
            if (_nowSeconds + 1 < SessionSeconds)
                Assert.IsTrue(connAck.SessionPresent, Story("the Session ended early"));
            List<string> received = [.. await ReceiveAllAsync(again, "s"), .. await ReceiveAllAsync(await _gateway.ConnectAsync("device"), "device")];
            foreach ((string payload, uint expirySeconds, long atSeconds, long runAtSeconds) in _sent.Where(s => connAck.SessionPresent || s.Payload.StartsWith('d')))
            {
                if (_nowSeconds + 1 - atSeconds < expirySeconds)
                    Assert.Contains(payload, received, Story($"{payload} expired early"));
                if (_ranSeconds + 1 - runAtSeconds - (_crashes * CrashSlackSeconds) >= expirySeconds)
                    Assert.DoesNotContain(payload, received, Story($"{payload} did not expire"));
            }

            await _gateway.DisposeAsync();
        }

        private async Task<List<string>> ReceiveAllAsync(TestClient client, string clientId)
        {
            List<string> received = [];
            for (int count = _gateway.Look(b => b.Sessions.Find(clientId)!.InFlight().Count()); count > 0; count--)
                received.Add((await client.ReceivePublishAndAckAsync()).Payload);
            return received;
        }

        private async Task StepAsync()
        {
            int seconds = _random.Next(1, 1500);
            switch (_random.Next(6))
            {
                case 0:
                    _story.Add($"{seconds} s pass");
                    for (int passed = 0; passed < seconds; passed += 100)
                        _gateway.Advance(Math.Min(100, seconds - passed));
                    _nowSeconds += seconds;
                    _ranSeconds += seconds;
                    break;
                case 1:
                    int days = (_random.Next(2) == 0 ? 1 : 3650) * (_random.Next(2) == 0 ? 1 : -1);
                    _story.Add($"the clock is set by {days} days");
                    _machine.Step(TimeSpan.FromDays(days));
                    break;
                case 2:
                    _story.Add("the clock is set right");
                    _machine.SetRight();
                    break;
                case 3:
                    _story.Add($"the gateway is off for {seconds} s");
                    MemoryStorage disk = await StopAsync();
                    _machine.Time.Advance(TimeSpan.FromSeconds(seconds));
                    _nowSeconds += seconds;
                    Start(disk);
                    break;
                case 4:
                    bool isSet = _random.Next(2) == 0;
                    _story.Add($"the machine is off for {seconds} s{(isSet ? ", then its clock is set right" : "")}");
                    MemoryStorage left = await StopAsync();
                    _machine.Reboot(TimeSpan.FromSeconds(seconds));
                    _nowSeconds += seconds;
                    if (isSet)
                        _machine.SetRight();
                    Start(left);
                    break;
                default:
                    bool isCommand = _random.Next(2) == 0;
                    string payload = $"{(isCommand ? 'd' : 's')}{_sent.Count}";
                    uint expirySeconds = (uint)_random.Next(100, 6000);
                    _story.Add($"{payload} expires after {expirySeconds} s");
                    _sent.Add((payload, expirySeconds, _nowSeconds, _ranSeconds));
                    await PublishAsync(_gateway, payload, expirySeconds, topic: isCommand ? "dm/p2p/device" : "t");
                    break;
            }
        }

        private void Start(MemoryStorage disk) => _gateway = BrokerOnDisk.StartOn(disk, l => l.WaitingMemoryBytesMax = seed % 2 == 0 ? 0 : 1_000_000, machine: _machine);

        private async Task<MemoryStorage> StopAsync()
        {
            if (_random.Next(2) == 0)
            {
                await _gateway.DisposeAsync();
                return _gateway.Disk;
            }

            await PassALazyCommitAsync(_gateway);
            _nowSeconds += 2;
            _ranSeconds += 2;
            _crashes++;
            return await _gateway.CrashAsync();
        }

        private string Story(string what) => $"seed {seed}: {what}\n{string.Join('\n', _story)}";
    }
}
