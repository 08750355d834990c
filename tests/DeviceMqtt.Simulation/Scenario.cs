using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Clients;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>One run from a seed: twenty-five clients, a time of faults, a time without, and the questions at the end.</summary>
internal sealed class Scenario
{
    private const long FaultsMs = 60_000;
    private const int KeptTopics = 4; // of each client
    private const long NarrowCleanMs = 60_000; // who takes one message at a time, slowly, waits for long
    private readonly SimWorld _world;
    private readonly SimGateway _gateway;
    private readonly Truth _truth;
    private readonly List<SimClient> _clients = [];
    private readonly int _padding;
    private readonly bool _expires;
    private readonly bool _isNarrow; // its bounds are small
    private readonly bool _isMonotonous; // who has a Session says the same again and again, at QoS 2
    private int _faults;
    private bool _isCalm;

    private Scenario(int seed, PlantedFault? planted, bool isNarrow)
    {
        _world = new SimWorld(seed);
        _truth = new Truth(_world);
        _isNarrow = isNarrow;
        SmallBounds? bounds = isNarrow ? new SmallBounds(seed) : null;
        _gateway = new SimGateway(_world, planted) { Bounds = bounds };
        _truth.HasEndedSince = _gateway.HasEndedSince;
        _truth.NotCountedSince = ms => _gateway.Downtimes.NotCounted(ms, _world.NowMs);
        _gateway.Book.Expired = (owner, id) => _truth.CheckExpired(owner, id, _truth.Find(id)?.ExpirySeconds ?? 0);
        _padding = seed % (isNarrow ? 2 : 4) == 0 ? Payloads.PaddingMax : 0;
        _expires = seed % 3 == 1;
        _isMonotonous = seed % 3 != 1 && seed % 4 != 0;
        foreach (ClientKind kind in Cast.Kinds.Select(k => bounds?.Narrow(k) ?? k))
            _clients.Add(new SimClient(kind with { WillDelaySeconds = seed % 3 == 2 && kind.Version == ProtocolVersion.V5 ? (uint)_world.Random.Next(6) : 0 }, _world, _gateway, _truth));
        foreach (SimClient client in _clients.Where(static c => c.Kind.WandersTo is not null))
            client.Wanderer = new Wanderer(client, client.Kind.WandersTo!, _world, _truth);
        foreach (SimClient client in _clients.Where(static c => c.Kind.IsKeeper))
            client.Keeper = new Keeper(client, _world, _truth, Known) { Asking = FailInTheMiddle };
        if (isNarrow)
            BeNarrow();
    }

    // What is dropped for a bound is known by the message, and each bound is looked at after each step.
    private void BeNarrow()
    {
        _truth.Subscriptions.CleanMs = NarrowCleanMs;
        _truth.Subscriptions.IsExact = true;
        _truth.DroppedForBound = (owner, id) => _clients.Where(c => c.Kind.Id == owner || c.Kind.Group == owner).Sum(c => _gateway.Book.DroppedFor(c.Kind.Id, id));
        _gateway.Book.DroppedForBound = (owner, id) =>
        {
            if (_clients.Find(c => c.Kind.Id == owner)?.Keeper is { } keeper && _truth.Find(id) is { } publication)
                keeper.Dropped(publication.Topic);
        };
        _world.Stepped = _gateway.CheckBounds;
    }

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="planted">Makes the gateway wrong; null for none.</param>
    /// <param name="isNarrow">The bounds of the gateway and of its clients are small.</param>
    public static Outcome Run(int seed, PlantedFault? planted = null, bool isNarrow = false)
    {
        Scenario scenario = new(seed, planted, isNarrow);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._truth.Acknowledged, scenario._truth.Delivered, broken) with { Reached = scenario._gateway.Reached };
    }

    private void Play()
    {
        _world.At(0, _gateway.Start);
        _clients.ForEach(c => c.Start());
        _clients.ForEach(c => _world.At(3000 + _world.Random.Next(2000), () => Keep(c)));
        _world.At(5000, Work);
        _world.At(5000, WorkInMemory);
        _world.At(6000, Fail);
        for (int second = 0; second < FaultsMs / 1000; second++)
            Pass(1);

        // No more faults and no more work: everybody comes to rest.
        _isCalm = true;
        _gateway.BeCalm();
        foreach (SimClient client in _clients)
        {
            client.Keeper?.IsCalm = true;
            client.Wanderer?.IsCalm = true;
        }

        for (int second = 0; second < 300 && !_clients.TrueForAll(c => c.IsSettled); second++)
            Pass(1);
        foreach (SimClient client in _clients)
            client.Keeper?.CheckAllCame();
        foreach (SimClient client in _clients)
            Truth.Expect(client.IsSettled, $"{client.Kind.Id} does not come to rest: it starves");
        Pass(60);
        CheckProgress();
        _truth.CheckDelivered();
        _truth.CheckEqualDelivered();
        _gateway.CheckSettled();
        if (_isNarrow)
            CheckDropped();
        CheckShown();
    }

    private void Pass(int seconds)
    {
        _world.RunUntil(_world.NowMs + (seconds * 1000));
        _gateway.CheckState();
    }

    // Who never got a message finds it in the ledger.
    private void CheckDropped()
    {
        int missing = _truth.CountMissing();
        long dropped = _gateway.Dropped(DropReason.SessionQueueFull) + _gateway.Dropped(DropReason.AllQueuesFull) + _gateway.Dropped(DropReason.MailboxFull) ?? long.MaxValue;
        Truth.Expect(missing <= dropped, $"{missing} messages never came, and the ledger has {dropped} as dropped for a bound");
    }

    private void CheckProgress()
    {
        long askedMs = _world.NowMs;
        _clients.ForEach(c => c.Ping());
        Pass(10);
        foreach (SimClient client in _clients)
            Truth.Expect(client.PingResponseMs > askedMs, $"{client.Kind.Id} gets no PINGRESP");
    }

    /// <summary>Some vanish; then who looks at what is retained sees who is there, and the last of each topic.</summary>
    private void CheckShown()
    {
        // And some that are cut off before come back: a Will with a delay does not come behind them.
        foreach (SimClient client in _clients.Where(_ => _world.Chance(30)))
            client.Cut(0);
        Pass(15);
        SimClient[] gone = [.. _clients.Where(_ => _world.Chance(40))];
        foreach (SimClient client in gone)
            client.Vanish();
        // Sometimes the gateway goes down with them, when their Wills had time to get to the disk.
        if (_world.Chance(50))
        {
            Pass(2);
            if (_world.Chance(40))
                _gateway.Stop(1000);
            else
                _gateway.Kill(power: _world.Chance(50), 1000);
        }

        Pass((SimClient.KeepAliveSeconds * 2) + 5);
        SimClient observer = new(new ClientKind("observer", ProtocolVersion.V311, IsDurable: false, ["presence/#", "r/#", "e/#", VolatileTopics.Root + "r/#"]), _world, _gateway, _truth);
        _world.At(0, observer.Connect);
        Pass(10);
        Truth.Expect(observer.IsOn, "an observer cannot connect");
        foreach (SimClient client in _clients)
        {
            string shown = observer.Retained.GetValueOrDefault($"presence/{client.Kind.Id}", "nothing");
            bool mayBeNothing = _truth.NotRetained.Contains($"presence/{client.Kind.Id}");
            Truth.Expect(shown == "nothing" ? mayBeNothing : (shown == "0") == gone.Contains(client), $"{client.Kind.Id} is {(gone.Contains(client) ? "gone" : "there")}, and shown as '{shown}'");
            foreach ((string topic, (int acknowledged, int sent)) in client.RetainedSent.Where(r => r.Key.StartsWith("r/", StringComparison.Ordinal)))
            {
                int number = ShownOf(client, observer, topic);
                Truth.Expect((number >= acknowledged && number <= sent) || (number == 0 && _truth.NotRetained.Contains(topic)), $"{topic} shows number {number}; {acknowledged} was acknowledged last, {sent} sent last");
            }

            // What has expired is not there, and what it has replaced does not come back.
            string expiring = $"e/{client.Kind.Id}";
            Truth.Expect(!observer.Retained.ContainsKey(expiring) || ShownOf(client, observer, expiring) >= client.RetainedSent[expiring].Acknowledged, $"{expiring} shows an older state");
            CheckShownInMemory(client, observer);
        }
    }

    // 0 where nothing is shown.
    private static int ShownOf(SimClient client, SimClient observer, string topic)
    {
        if (!observer.Retained.TryGetValue(topic, out string? id))
            return 0;
        string[] parts = id.Split(':');
        Truth.Expect(parts is [_, _] && parts[0] == client.Kind.Id, $"{topic} shows {id}, and is {client.Kind.Id}'s alone");
        return int.Parse(parts[1]);
    }

    // The last one, or nothing where it was in memory and the gateway has ended since; never an older one that was on the disk.
    private void CheckShownInMemory(SimClient client, SimClient observer)
    {
        string topic = ShownInMemory(client);
        (int acknowledged, int sent) = client.RetainedSent.GetValueOrDefault(topic);
        if (acknowledged == 0)
            return;
        bool isShown = observer.Retained.ContainsKey(topic);
        int number = ShownOf(client, observer, topic);
        bool mayBeLost = _truth.NotRetained.Contains(topic) || _truth.All.Any(p => p.Publisher == client.Kind.Id && p.Topic == topic && p.Number >= acknowledged && _truth.MayBeLost(p));
        Truth.Expect(isShown ? number >= acknowledged && number <= sent : mayBeLost, $"{topic} shows number {number}; {acknowledged} was acknowledged last, {sent} sent last{(mayBeLost ? ", in memory" : "")}");
    }

    private static string ShownInMemory(SimClient client) => $"{VolatileTopics.Root}r/{client.Kind.Id}";

    // On topics that need not be durable. What is of QoS 2 is durable all the same, so it has topics of its own: it outlives what was sent before it.
    private void WorkInMemory()
    {
        if (_isCalm)
            return;
        SimClient client = _clients[_world.Random.Next(_clients.Count)];
        if (_world.Chance(70))
            client.Publish($"{VolatileTopics.Root}{_world.Random.Next(Cast.VolatileCount)}", (QoS)_world.Random.Next(2), retain: false, _padding);
        else
            client.Publish(ShownInMemory(client), _world.Chance(50) ? QoS.ExactlyOnce : QoS.AtLeastOnce, retain: true);
        _world.At(_world.Random.Next(300), WorkInMemory);
    }

    private void Work()
    {
        if (_isCalm)
            return;
        SimClient client = _clients[_world.Random.Next(_clients.Count)];
        QoS qos = (QoS)_world.Random.Next(3);
        switch (_world.Random.Next(12))
        {
            case < 5 when _isMonotonous && client.Kind.IsDurable && _world.Chance(40): client.Publish($"t/{_world.Random.Next(2)}", QoS.ExactlyOnce, retain: false, says: $"{client.Kind.Id}:the same"); break;
            case < 5: client.Publish($"t/{_world.Random.Next(Cast.Topics)}", qos, retain: false, _padding, _expires && _world.Chance(40) ? 1 + _world.Random.Next(20) : 0); break;
            case < 7: client.Publish($"s/{_world.Random.Next(2)}", qos, retain: false, _padding); break;
            case < 9 when _expires && _world.Chance(30): client.Publish($"e/{client.Kind.Id}", qos == QoS.AtMostOnce ? QoS.AtLeastOnce : qos, retain: true, 0, _world.Chance(50) ? 1 + _world.Random.Next(20) : 600); break;
            case < 9: client.Publish($"r/{client.Kind.Id}", qos == QoS.AtMostOnce ? QoS.AtLeastOnce : qos, retain: true); break;
            case < 11 when !_isNarrow: Keep(client, _world.Random.Next(KeptTopics)); break;
            default: client.Publish($"dm/p2p/dev-{_world.Random.Next(3)}", qos, retain: false); break;
        }

        _world.At(_world.Random.Next(120), Work);
    }

    private static void Keep(SimClient client)
    {
        for (int topic = 0; topic < KeptTopics; topic++)
            Keep(client, topic);
    }

    private static void Keep(SimClient client, int topic) =>
        client.Publish($"{Keeper.Root}{client.Kind.Id}/{topic}", topic % 2 == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce, retain: true);

    private IEnumerable<(string Topic, int Acknowledged)> Known() => _clients.SelectMany(static c => c.RetainedSent.Select(static r => (r.Key, r.Value.Acknowledged)));

    // What is retained is on its way to a subscriber, over many turns.
    private void FailInTheMiddle()
    {
        if (_isCalm || !_world.Chance(60))
            return;
        _world.At(_world.Random.Next(600), () =>
        {
            _faults++;
            _gateway.Kill(power: _world.Chance(50), 100 + _world.Random.Next(1000));
        });
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        FaultKind kind = Enum.GetValues<FaultKind>()[_world.Random.Next(Enum.GetValues<FaultKind>().Length)];
        SimClient client = _clients[_world.Random.Next(_clients.Count)];
        int number = _world.Random.Next(10_000);
        _world.At(200 + _world.Random.Next(2000), Fail);
        _faults++;
        switch (kind)
        {
            case FaultKind.Cut: client.Cut(number % 3000); break;
            case FaultKind.HalfOpen: client.Cut(60_000); break;
            case FaultKind.TakeOver: client.TakeOver(); break;
            case FaultKind.Leave: client.Leave(_expires || _isNarrow ? number * 3 : 0); break;
            case FaultKind.ManyCuts: _clients.ForEach(c => { if (_world.Chance(30)) c.Cut(_world.Random.Next(1000)); }); break;
            case FaultKind.Kill: _gateway.Kill(power: false, 100 + number % 3000); break;
            case FaultKind.Stop: Stop(number); break;
            case FaultKind.FolderGone: _gateway.LoseFolder(); break;
            case FaultKind.PowerCut: _gateway.Kill(power: true, 100 + number % 3000); break;
            case FaultKind.PowerCutAtOperation: _gateway.CutPowerAtOperation(1 + number % 20, 100 + number % 3000); break;
            case FaultKind.FailingSync: _gateway.FailSync(); break;
            case FaultKind.FullDisk:
                _world.Tell("the disk is full");
                _gateway.Capacity = _gateway.BytesUsed;
                _world.At(number, () => _gateway.Capacity = 200L * 1024 * 1024);
                break;
            case FaultKind.ClockStep:
                ClockSteps.Step(_world, number);
                break;
        }
    }

    // As a service is stopped; sometimes the power goes before it is done.
    private void Stop(int number)
    {
        _gateway.Stop(100 + number % 3000);
        if (_world.Chance(20))
            _world.At(_world.Random.Next(30), () => _gateway.Kill(power: _world.Chance(50), 100 + number % 3000));
    }
}
