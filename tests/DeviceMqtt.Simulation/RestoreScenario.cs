using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Clients;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// One run from a seed: an image is taken of a gateway, which goes on and is then restored from it, once or twice, beside clients and an upstream that have gone on. It fails now and then, also
/// right after its first start.
/// </summary>
internal sealed class RestoreScenario
{
    private const long WorkMs = 70_000;
    private const int Topics = 3;

    // Of all who keep a Session: three who listen, two who only publish, two devices. The one of 3.1 cannot be told to begin anew.
    private static readonly ClientKind[] Kinds =
    [
        new("ear0", ProtocolVersion.V311, IsDurable: true, ["t/#"]), new("ear1", ProtocolVersion.V5, IsDurable: true, ["t/#", "s/only"]),
        new("old0", ProtocolVersion.V31, IsDurable: true, ["t/#"]),
        new("mouth0", ProtocolVersion.V311, IsDurable: true, []), new("mouth1", ProtocolVersion.V5, IsDurable: true, []),
        new("dev-0", ProtocolVersion.V311, IsDurable: true, []) { IsDevice = true }, new("dev-1", ProtocolVersion.V5, IsDurable: true, []) { IsDevice = true },
        new("clean", ProtocolVersion.V311, IsDurable: false, []),
    ];

    private readonly SimWorld _world;
    private readonly Truth _truth;
    private readonly RelayStage _stage;
    private readonly SimGateway _gateway;
    private readonly SimUpstream _upstream;
    private MemoryStorage? _image;
    private long _imageMs;
    private int _restores;
    private int _faults;
    private bool _isCalm;

    private RestoreScenario(int seed, PlantedFault? planted)
    {
        _world = new SimWorld(seed);
        _truth = new Truth(_world);
        _stage = RelayStage.BuildSmall(_world, _truth, planted, Kinds);
        (_gateway, _upstream) = (_stage.Gateways[0], _stage.Upstreams[0]);
        _truth.HasEndedSince = _gateway.HasEndedSince;
    }

    private IEnumerable<SimClient> Clients => _stage.Clients.Select(static c => c.Client);

    public static Outcome Run(int seed, PlantedFault? planted = null)
    {
        RestoreScenario scenario = new(seed, planted);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._truth.Acknowledged, scenario._truth.Delivered + scenario._upstream.Check.Count, broken);
    }

    private void Play()
    {
        _world.At(0, _gateway.Start);
        foreach (SimClient client in Clients)
            client.Start();
        _world.At(5000, Work);
        _world.At(6000, Command);
        _world.At(8000, Fail);
        _world.At(10_000 + _world.Random.Next(10_000), TakeImage);
        Pass((int)(WorkMs / 1000));
        Truth.Expect(_restores > 0, "the gateway was never restored");

        _isCalm = true;
        _gateway.BeCalm();
        _upstream.BeCalm();
        Rest("");
        _upstream.Check.CheckArrived(new HashSet<string>(), new HashSet<string>());
        _truth.CheckDelivered();
        if (_restores == 1)
            CheckCommands();
        CheckOver();
        _truth.CheckDelivered();
        _gateway.CheckSettled();
    }

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _world.RunUntil(_world.NowMs + 1000);
            _gateway.CheckState();
        }
    }

    private void Rest(string when)
    {
        for (int second = 0; second < 400 && !IsAtRest; second++)
            Pass(1);
        foreach (SimClient client in Clients)
            Truth.Expect(client.IsSettled, $"{client.Kind.Id} does not come to rest{when}: it starves");
        Truth.Expect(_gateway.Relay is { IsIdle: true }, $"the relay does not come to rest{when}: {_gateway.Relay?.Pending}");
        Pass(10);
    }

    private bool IsAtRest => Clients.All(static c => c.IsSettled) && _gateway is { IsUp: true, Relay.IsIdle: true };

    // Everybody is known to the gateway, or what it forgets could not be told from what a restore takes.
    private void TakeImage()
    {
        if (!_gateway.IsUp || Clients.Any(static c => !c.IsSubscribed || (c.Kind.IsDevice && !c.IsOn)))
        {
            _world.At(200, TakeImage);
            return;
        }

        (_image, _imageMs) = (_gateway.TakeImage(), _world.NowMs);
        _world.Tell("the image is taken");
        _world.At(1000 + _world.Random.Next(15_000), Restore);
    }

    private void Restore()
    {
        _restores++;
        _truth.Restored(_imageMs);
        _upstream.Check.Restored();
        _upstream.RestoredMs = _world.NowMs;
        foreach (SimClient client in Clients)
        {
            client.MayLoseSession = true;
            if (client.Kind.Version == ProtocolVersion.V31)
                _truth.IsNeverTold(client.Kind.Id);
        }

        long backMs = 100 + _world.Random.Next(2000);
        _gateway.Restore(_image!, backMs);
        // Killed as soon as it is up, before or after its journal knows what it is.
        if (_world.Chance(60))
            _world.At(backMs + _world.Random.Next(60), () => Kill(100));
        if (_world.Chance(30))
            _world.At(backMs + 1000 + _world.Random.Next(4000), () => Kill(100));
        // The upstream begins anew one time out of two.
        if (_world.Chance(50))
            _world.At(backMs + 2000 + _world.Random.Next(8000), _upstream.LoseSessions);
        if (_restores == 1 && _world.Chance(30))
            _world.At(backMs + 3000 + _world.Random.Next(8000), _world.Chance(50) ? Restore : TakeImage);
    }

    private void Kill(long backMs)
    {
        _faults++;
        _gateway.Kill(power: _world.Chance(50), backMs);
    }

    // Nothing of the image is lost in silence: commands that waited in it are counted.
    private void CheckCommands()
    {
        int lost = _truth.NeverArrived(p => p.IsStaleCommand && p.AcknowledgedMs <= _imageMs);
        Truth.Expect(_gateway.Dropped(DropReason.Restored) >= lost, $"{lost} commands of the image never arrived, and {_gateway.Dropped(DropReason.Restored)} are counted as dropped for the restore");
    }

    /// <summary>Everybody has said something and got an answer since: nobody is told once more, also not behind another start.</summary>
    private void CheckOver()
    {
        foreach (SimClient client in Clients)
            client.Publish($"t/{_world.Random.Next(Topics)}", QoS.ExactlyOnce, retain: false);
        // The upstream has let go what it had open, or begins anew.
        if (_world.Chance(30))
            _upstream.LoseSessions();
        Rest(" after the restore");
        for (int second = 0; second < 200 && _gateway.Relay is not { HasOldIdentifiers: false }; second++)
            Pass(1);
        Truth.Expect(_gateway.Relay is { HasOldIdentifiers: false }, $"{_upstream.Kind.Name} never begins anew");
        _upstream.Check.BeganAnew();
        Publish();
        Rest(" when the upstream has begun anew");
        foreach (SimClient client in Clients)
            client.MayLoseSession = false;
        _gateway.Kill(power: _world.Chance(50), 1000);
        Rest(" after a start behind the restore");
        Truth.Expect(_gateway.Relay is { HasOldIdentifiers: false }, $"{_upstream.Kind.Name} has begun anew, and a start does not know it");
        _upstream.LoseSessions();
        Rest(" when the upstream has lost its Session");
        Publish();
        Rest(" at the end");
        Truth.Expect(_upstream.PacketIdMax <= GatewayRelay.OldIdentifiersMax, $"Packet Identifier {_upstream.PacketIdMax} was used, and after a restore no more than {GatewayRelay.OldIdentifiersMax} are let go here");
        foreach (string device in _stage.Devices)
            Truth.Expect(_upstream.Command(device), $"the upstream has no subscription for {device}");
        Pass(20);
        _upstream.Check.CheckArrived(new HashSet<string>(), new HashSet<string>());
    }

    private void Publish()
    {
        foreach (SimClient client in Clients)
            client.Publish("t/0", QoS.ExactlyOnce, retain: false);
    }

    private void Work()
    {
        if (_isCalm)
            return;
        SimClient client = _stage.Clients[_world.Random.Next(_stage.Clients.Count)].Client;
        QoS qos = _world.Chance(60) ? QoS.ExactlyOnce : QoS.AtLeastOnce;
        if (!client.Kind.IsDevice && _world.Chance(15))
            client.Publish($"dm/p2p/{_stage.Devices[_world.Random.Next(_stage.Devices.Length)]}", qos, retain: false);
        else if (_world.Chance(80))
            client.Publish($"t/{_world.Random.Next(Topics)}", qos, retain: false);
        else
            client.Publish("s/only", qos, retain: false);
        _world.At(_world.Random.Next(100), Work);
    }

    private void Command()
    {
        if (_isCalm)
            return;
        _ = _upstream.Command(_stage.Devices[_world.Random.Next(_stage.Devices.Length)]);
        _world.At(_world.Random.Next(1500), Command);
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _world.At(500 + _world.Random.Next(3000), Fail);
        _faults++;
        SimClient client = _stage.Clients[_world.Random.Next(_stage.Clients.Count)].Client;
        int number = _world.Random.Next(10_000);
        switch (_world.Random.Next(9))
        {
            case 0: client.Cut(number % 3000); break;
            case 1: client.TakeOver(); break;
            case 2: client.Leave(); break;
            case 3:
                foreach (SimClient each in Clients)
                    if (_world.Chance(50))
                        each.Cut(_world.Random.Next(1000));
                break;
            case 4: _gateway.Relay?.Cut(host: null, 1 + (number % 2000), 1 + (number % 700)); break;
            case 5: _upstream.BeSlow(number); break;
            case 6: _upstream.BeSilent(number / 2); break;
            case 7 when number % 3 == 0: _gateway.Stop(100 + (number % 2000)); break;
            case 7: Kill(100 + (number % 2000)); break;
            case 8: _gateway.CutPowerAtOperation(1 + (number % 20), 100 + (number % 2000)); break;
        }
    }
}
