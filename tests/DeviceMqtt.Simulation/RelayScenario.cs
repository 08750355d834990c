using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Clients;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>One run from a seed: gateways with upstreams, a time of faults, a time without, and the questions at the end.</summary>
internal sealed class RelayScenario
{
    private const long FaultsMs = 60_000;
    private const long NarrowCleanMs = 120_000; // who takes one message at a time, slowly, waits for long
    private const int InnocentMax = 7; // one less than the relay takes for the upstream's fault
    private const int RetriesMax = 40; // of what is set aside
    private const int OperatorSeconds = 20; // between two looks of one, who makes room for one message: time for several connections
    private const int OutageMs = 20_000; // longer than a command is good, and than what may be late
    private readonly SimWorld _world;
    private readonly Truth _truth;
    private readonly RelayStage _stage;
    private readonly AsideWatch _aside;
    private readonly int _padding;
    private readonly bool _expires; // some messages have seconds to live
    private readonly int _maxAgeSeconds; // the rule for s/# has one; 0 for none
    private int _faults;
    private bool _isCalm;

    private RelayScenario(int seed, PlantedFault? planted, bool isNarrow)
    {
        _world = new SimWorld(seed);
        _truth = new Truth(_world);
        _padding = seed % 4 == 0 ? Payloads.PaddingMax : 0; // so that a disk can be full
        _expires = seed % 3 != 0;
        _maxAgeSeconds = seed % 4 == 1 ? 5 + (seed % 20) : 0;
        _stage = RelayStage.Build(seed, _world, _truth, planted, _maxAgeSeconds, isNarrow);
        _aside = new AsideWatch(_world, _truth, _stage);
        _truth.Subscriptions.ComeLate = true;
        _truth.MayHaveWaitedThere = command => _stage.Upstreams.Exists(u => u.Kind.Name == command.Publisher && u.MayHaveKept(command.AtMs));
        _truth.GoesOnBetweenGateways = (client, publication) => publication.QoS == QoS.ExactlyOnce && GatewayOf(client) is { } here && GatewayOf(publication.Publisher) is { } there && here != there;
        _truth.HasEndedSince = ms => _stage.Gateways.Exists(g => g.HasEndedSince(ms));
        _truth.LastEndMs = () => _stage.Gateways.Max(static g => g.LastEndMs);
        _truth.NotCountedSince = ms => _stage.Gateways.Sum(g => g.Downtimes.NotCounted(ms, _world.NowMs));
        foreach (SimGateway gateway in _stage.Gateways)
            gateway.Book.Expired = (owner, id) => _truth.CheckExpired(owner, id, LifeOf(id, gateway.Upstreams.Contains(owner)));
        if (!isNarrow)
            return;
        _truth.Subscriptions.CleanMs = NarrowCleanMs;
        _truth.Subscriptions.IsExact = true;
        _truth.DroppedForBound = DroppedForBound;
        _world.Stepped = () => _stage.Gateways.ForEach(static g => g.CheckBounds());
    }

    // On its way to a client of another gateway, or to an upstream above, it may have been dropped before: where it waited to go up, or, as a command, for the gateway that has the device.
    private int DroppedForBound(string owner, string id)
    {
        string? home = GatewayOf(owner)?.ClientId;
        return _stage.Gateways.Sum(g => g.Book.DroppedFor(owner, id) + (home is null ? 0 : g.Book.DroppedFor(home, id)) + _stage.Gateways.Sum(above => g.Book.DroppedFor(above.Name, id)));
    }

    private SimGateway? GatewayOf(string client) => _stage.Clients.Find(c => c.Client.Kind.Id == client).Gateway;

    private int LifeOf(string id, bool isUp) =>
        _truth.Find(id) is { } publication ? RelayStage.LifeOf(publication, isUp ? _maxAgeSeconds : 0) : 0;

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="planted">Makes the gateways wrong; null for none.</param>
    /// <param name="isNarrow">The bounds of the gateways and of their clients are small.</param>
    public static Outcome Run(int seed, PlantedFault? planted = null, bool isNarrow = false)
    {
        RelayScenario scenario = new(seed, planted, isNarrow);
        Finding? broken = Outcome.Play(scenario.Play);
        int delivered = scenario._truth.Delivered + scenario._stage.Upstreams.Sum(static u => u.Check.Count);
        Dictionary<string, long> reached = scenario._stage.Gateways.SelectMany(static g => g.Reached).GroupBy(static r => r.Key).ToDictionary(static g => g.Key, static g => g.Max(static r => r.Value));
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._truth.Acknowledged, delivered, broken) with { Reached = reached };
    }

    private void Play()
    {
        foreach (SimGateway gateway in _stage.Gateways)
            _world.At(0, gateway.Start);
        _stage.Clients.ForEach(static c => c.Client.Start());
        _world.At(5000, Work);
        _world.At(6000, Command);
        _world.At(6000, Fail);
        foreach ((SimGateway above, string topic, long fromMs, long forMs) in _stage.Denials)
        {
            _world.At(fromMs, () => _aside.Deny(above, topic));
            if (fromMs + forMs < FaultsMs)
                _world.At(fromMs + forMs, _aside.AllowAll);
        }

        for (int second = 0; second < FaultsMs / 1000; second++)
            Pass(1);

        // No more faults and no more work: everybody comes to rest.
        _isCalm = true;
        _stage.Gateways.ForEach(static g => g.BeCalm());
        _stage.Upstreams.ForEach(static u => u.BeCalm());
        Rest("");
        CheckArrived();
        BeCutOff();
        RunAsideCommands();
        Rest(" after what was set aside");
        CommandAll();
        _truth.CheckDelivered();
        _truth.CheckEqualDelivered();
        _stage.Gateways.ForEach(static g => g.CheckSettled());
        long twice = _stage.Upstreams.Sum(static u => (long)u.Check.Twice);
        long counted = _stage.Gateways.Sum(static g => g.SentAsNew);
        Truth.Expect(twice <= counted, $"{twice} QoS 2 messages came again, and {counted} are counted as sent again");
        CheckPresence();
    }

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _world.RunUntil(_world.NowMs + 1000);
            foreach (SimGateway gateway in _stage.Gateways)
            {
                gateway.CheckState();
                _aside.Look(gateway);
            }

            if (!_isCalm)
                _aside.RetrySometimes();
            _stage.CheckNoLoop();
        }
    }

    private void Rest(string when)
    {
        for (int second = 1; second <= 400 && !IsAtRest; second++)
        {
            Pass(1);
            if (second % OperatorSeconds == 0)
                _aside.MakeRoom();
        }

        foreach ((SimClient client, _) in _stage.Clients)
            Truth.Expect(client.IsSettled, $"{client.Kind.Id} does not come to rest{when}: it starves");
        foreach (SimGateway gateway in _stage.Gateways)
            Truth.Expect(gateway.Relay is null or { IsIdle: true }, $"the relay of {gateway.Name} does not come to rest{when}: {gateway.Relay?.Pending}");
        Pass(10);
    }

    private bool IsAtRest => _stage.Clients.TrueForAll(static c => c.Client.IsSettled) && _stage.Gateways.TrueForAll(static g => g.IsUp && g.Relay is null or { IsIdle: true });

    private void CheckArrived()
    {
        foreach (SimUpstream upstream in _stage.Upstreams)
        {
            HashSet<string> aside = _aside.For(upstream.Kind.Name);
            upstream.Check.CheckArrived(aside.Union(_aside.ForGateways()).ToHashSet(), new HashSet<string>());
            // Before it is known that the upstream is at fault some may be set aside; each process begins anew.
            int innocent = aside.Count(id => upstream.RefusedForAWhile.Contains(id) && !SimUpstream.IsUnwanted(id));
            int most = InnocentMax * _stage.Gateways.Where(g => g.Upstreams.Contains(upstream.Kind.Name)).Sum(static g => 1 + g.Ends);
            Truth.Expect(innocent <= most, $"{upstream.Kind.Name} refused everything for {upstream.Kind.RefusesAllForMs} ms, and {innocent} messages are set aside for that, of {upstream.RefusedForAWhile.Count}");
        }
    }

    /// <summary>An operator has a look: the upstreams are choosy no more, and what was set aside is tried again or dropped. What waits below goes up first.</summary>
    private void RunAsideCommands()
    {
        _aside.AllowAll();
        for (int tries = 0; tries < RetriesMax && _aside.ForGateways().Any(); tries++)
        {
            _aside.RetryBelow();
            Pass(20);
        }

        foreach (SimUpstream upstream in _stage.Upstreams)
        {
            upstream.TakesAll = true;
            string name = upstream.Kind.Name;
            HashSet<string> aside = _aside.For(name);
            bool retries = _world.Chance(70);
            foreach (string id in aside)
                upstream.Check.Refused(id);
            // What finds no place in a small backlog stays aside until that has gone up.
            for (int tries = 0; tries == 0 || (retries && tries < RetriesMax && _aside.For(name).Count > 0); tries++)
            {
                foreach (SimGateway gateway in _stage.Gateways.Where(g => g.Upstreams.Contains(name)))
                    _aside.Run(gateway, name, retries ? "retry" : "drop");
                Pass(20);
            }

            upstream.Check.CheckArrived(new HashSet<string>(), retries ? new HashSet<string>() : aside);
        }
    }

    // Commands that wait upstream for longer than they are good: they are sent to all devices while a link is down. Where a gateway starts meanwhile, it knows of the time from there on.
    private void BeCutOff()
    {
        foreach (SimUpstream upstream in _stage.Upstreams)
        {
            int cutOffMs = OutageMs + _world.Random.Next(OutageMs / 2);
            bool isDown = _world.Chance(50);
            foreach (UpstreamNode node in upstream.Nodes)
                if (isDown)
                    node.GoDown(cutOffMs);
                else
                    MakeUnreachable(node, cutOffMs);
            if (_world.Chance(30))
            {
                SimGateway killed = _stage.Gateways[_world.Random.Next(_stage.Gateways.Count)];
                _world.At(_world.Random.Next(OutageMs / 3), () => killed.Kill(power: _world.Chance(50), 100 + _world.Random.Next(2000)));
            }

            for (int second = 0; second < 3; second++)
            {
                Pass(1);
                foreach (string device in _stage.Devices)
                    _ = upstream.Command(device, isLimited: true);
            }

            Pass(cutOffMs / 1000);
        }

        Rest(" after commands have waited");
    }

    private void MakeUnreachable(UpstreamNode node, long backMs)
    {
        _world.Tell($"{node.Name} cannot be reached for {backMs} ms");
        node.IsReachable = false;
        _stage.Gateways.ForEach(g => g.Relay?.Cut(node.Name, -1, 60_000));
        _world.At(backMs, () => node.IsReachable = true);
    }

    // Each upstream reaches each device of the gateways below it.
    private void CommandAll()
    {
        foreach ((SimClient client, SimGateway gateway) in _stage.Clients.Where(static c => c.Client.Kind.IsDevice))
            foreach (SimUpstream upstream in _stage.AllUpstreamsAbove(gateway).Where(u => u.Kind.ClosesFor != $"+/p2p/{client.Kind.Id}"))
                Truth.Expect(upstream.Command(client.Kind.Id), $"{upstream.Kind.Name} has no subscription for {client.Kind.Id}");
        Pass(20);
    }

    private void CheckPresence()
    {
        ShowsThat("everybody is there", []);
        SimClient[] gone = [.. _stage.Clients.Select(static c => c.Client).Where(_ => _world.Chance(40))];
        foreach (SimClient client in gone)
            client.Vanish();
        if (_world.Chance(50))
        {
            Pass(2);
            SimGateway killed = _stage.Gateways[_world.Random.Next(_stage.Gateways.Count)];
            if (_world.Chance(40))
                killed.Stop(60_000);
            else
                killed.Kill(power: _world.Chance(50), 60_000);
            Pass(45);
            foreach (SimUpstream upstream in _stage.UpstreamsOf(killed))
                Truth.Expect(upstream.Retained.GetValueOrDefault($"presence/{killed.ClientId}") == "false", $"{killed.Name} is gone, and {upstream.Kind.Name} shows '{upstream.Retained.GetValueOrDefault($"presence/{killed.ClientId}")}'");
            foreach ((SimClient client, SimGateway gateway) in _stage.Clients.Where(c => c.Gateway == killed))
                foreach (SimUpstream upstream in _stage.UpstreamsOf(gateway))
                    Truth.Expect(upstream.Retained.GetValueOrDefault($"presence/{client.Kind.Id}") == "0", $"{killed.Name} is gone, and {upstream.Kind.Name} shows its client {client.Kind.Id} as '{upstream.Retained.GetValueOrDefault($"presence/{client.Kind.Id}")}'");
        }

        Pass(80);
        ShowsThat("some are gone", gone);
    }

    private void ShowsThat(string what, SimClient[] gone)
    {
        foreach (SimGateway gateway in _stage.Gateways)
            foreach (SimUpstream upstream in _stage.UpstreamsOf(gateway).Where(u => u.Kind.ClosesFor != $"presence/{gateway.ClientId}"))
                Truth.Expect(upstream.Retained.GetValueOrDefault($"presence/{gateway.ClientId}") == "true", $"{gateway.Name} is there, and {upstream.Kind.Name} shows '{upstream.Retained.GetValueOrDefault($"presence/{gateway.ClientId}")}'");
        foreach ((SimClient client, SimGateway gateway) in _stage.Clients)
            foreach (SimUpstream upstream in _stage.AllUpstreamsAbove(gateway))
            {
                string shown = upstream.Retained.GetValueOrDefault($"presence/{client.Kind.Id}", "nothing");
                Truth.Expect((shown == "0") == gone.Contains(client) && shown != "nothing", $"when {what}: {client.Kind.Id} is {(gone.Contains(client) ? "gone" : "there")}, and {upstream.Kind.Name} shows '{shown}'");
            }
    }

    private void Work()
    {
        if (_isCalm)
            return;
        (SimClient client, SimGateway gateway) = _stage.Clients[_world.Random.Next(_stage.Clients.Count)];
        QoS qos = (QoS)_world.Random.Next(3);
        int expirySeconds = _expires && _world.Chance(40) ? 1 + _world.Random.Next(25) : 0;
        if (_world.Chance(20))
            client.Publish(VolatileTopics.Of(gateway.Name), (QoS)_world.Random.Next(2), retain: false, _padding);
        else if (client.Kind.IsDevice)
            client.Publish($"t/{gateway.Name}/{client.Kind.Id}", qos, retain: false, _padding, expirySeconds);
        else if (_world.Chance(70))
            client.Publish($"t/{gateway.Name}/{_world.Random.Next(4)}", qos, retain: false, _padding, expirySeconds);
        else
            client.Publish($"s/{gateway.Name}", qos, retain: false, _padding);
        _world.At(_world.Random.Next(150), Work);
    }

    private void Command()
    {
        if (_isCalm)
            return;
        if (_stage.Upstreams.Count > 0)
            _ = _stage.Upstreams[_world.Random.Next(_stage.Upstreams.Count)].Command(_stage.Devices[_world.Random.Next(_stage.Devices.Length)]);
        _world.At(_world.Random.Next(1000), Command);
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        RelayFaultKind kind = Enum.GetValues<RelayFaultKind>()[_world.Random.Next(Enum.GetValues<RelayFaultKind>().Length)];
        SimGateway gateway = _stage.Gateways[_world.Random.Next(_stage.Gateways.Count)];
        SimUpstream? upstream = _stage.Upstreams.Count == 0 ? null : _stage.Upstreams[_world.Random.Next(_stage.Upstreams.Count)];
        UpstreamNode? node = upstream?.Nodes[_world.Random.Next(upstream.Nodes.Length)];
        int number = _world.Random.Next(10_000);
        _world.At(200 + _world.Random.Next(2500), Fail);
        _faults++;
        switch (kind)
        {
            case RelayFaultKind.CutLink: CutLink(gateway, 1 + number % 2000, 1 + number % 700); break;
            case RelayFaultKind.HalfOpenLink: CutLink(gateway, number % 2 == 0 ? -1 : number, number % 3 == 0 ? 100 : 60_000); break;
            case RelayFaultKind.CutClients: _stage.Clients.ForEach(c => { if (_world.Chance(30)) c.Client.Cut(_world.Random.Next(1000)); }); break;
            case RelayFaultKind.NodeDown: node?.GoDown(number); break;
            case RelayFaultKind.NodeUnreachable:
                if (node is not null)
                    MakeUnreachable(node, number);
                break;
            case RelayFaultKind.AllNodesDown:
                foreach (UpstreamNode each in upstream?.Nodes ?? [])
                    each.GoDown(number);
                break;
            case RelayFaultKind.SessionsLost: upstream?.LoseSessions(); break;
            case RelayFaultKind.UpstreamFull: upstream?.BeFull(number / 2); break;
            case RelayFaultKind.UpstreamSilent: upstream?.BeSilent(number / 2); break;
            case RelayFaultKind.UpstreamSlow: upstream?.BeSlow(number); break;
            case RelayFaultKind.Kill: gateway.Kill(power: false, 100 + number % 3000); break;
            case RelayFaultKind.KillTwice:
                gateway.Kill(power: true, 100);
                _world.At(101 + number % 300, () => gateway.Kill(power: false, 100 + number % 3000));
                break;
            case RelayFaultKind.PowerCut: gateway.Kill(power: true, 100 + number % 3000); break;
            case RelayFaultKind.PowerCutAtOperation: gateway.CutPowerAtOperation(1 + number % 20, 100 + number % 3000); break;
            case RelayFaultKind.FailingSync: gateway.FailSync(); break;
            case RelayFaultKind.ClockStep: ClockSteps.Step(_world, number); break;
            case RelayFaultKind.Stop:
                gateway.Stop(100 + number % 3000);
                if (_world.Chance(20))
                    _world.At(_world.Random.Next(60), () => gateway.Kill(power: _world.Chance(50), 100 + number % 3000));
                break;
            case RelayFaultKind.FullDisk:
                _world.Tell($"the disk of {gateway.Name} is full");
                gateway.Capacity = gateway.BytesUsed;
                _world.At(number, () => gateway.Capacity = 200L * 1024 * 1024);
                break;
        }
    }

    private void CutLink(SimGateway gateway, long noticedHereMs, long noticedThereMs)
    {
        _world.Tell($"the links of {gateway.Name} break");
        gateway.Relay?.Cut(host: null, noticedHereMs, noticedThereMs);
    }
}
