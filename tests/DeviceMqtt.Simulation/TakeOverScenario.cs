using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.TakeOvers;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// Take-overs from a seed: a client connects while its old connection is open and what that has sent lies unread in the socket, a DISCONNECT above all. All of it counts first. The gateway is killed, stopped and
/// loses its power now and then; what was on its way then is asked about at the end alone.
/// </summary>
internal sealed class TakeOverScenario
{
    private const long FaultsMs = 60_000;
    private const long CheckMs = 4_000; // a CONNECT is held for a second at most, and the disk may be slow
    private readonly SimWorld _world;
    private readonly SimGateway _gateway;
    private readonly RaceEar _ear;
    private readonly List<Racer> _racers = [];
    private int _faults;
    private int _checked;
    private bool _isCalm;

    private TakeOverScenario(int seed, PlantedFault? planted)
    {
        _world = new SimWorld(seed);
        _gateway = new SimGateway(_world, planted);
        _ear = new RaceEar("ear", _world, _gateway);
        for (int i = 0; i < 12; i++)
            _racers.Add(new Racer($"racer{i}", (ProtocolVersion)(3 + (i % 3)), isDurable: i % 2 == 0, _world, _gateway));
    }

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="planted">Makes the gateway wrong; null for none.</param>
    public static Outcome Run(int seed, PlantedFault? planted = null)
    {
        TakeOverScenario scenario = new(seed, planted);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._racers.Sum(static r => r.Acknowledged), scenario._ear.Heard, broken);
    }

    private void Play()
    {
        _world.At(0, _gateway.Start);
        _ear.Start();
        foreach (Racer racer in _racers)
        {
            racer.Start();
            _world.At(6000 + _world.Random.Next(4000), () => TakeOver(racer));
        }

        _world.At(10_000, Fail);
        Pass((int)(FaultsMs / 1000));
        _isCalm = true;
        _gateway.BeCalm();
        Pass(30);
        foreach (Racer racer in _racers)
            Truth.Expect(racer.IsSettled, $"{racer.Id} does not come to rest: it starves");
        Truth.Expect(_checked > 0, "no take-over was looked at");
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

    private void TakeOver(Racer racer)
    {
        if (_isCalm)
            return;
        _world.At(CheckMs + 200 + _world.Random.Next(1500), () => TakeOver(racer));
        long earSinceMs = _ear.OnSinceMs;
        if (racer.TakeOver() is not { } race)
            return;
        _faults++;
        _world.At(CheckMs, () =>
        {
            if (_gateway.HasEndedSince(race.BeganMs) || earSinceMs != _ear.OnSinceMs || earSinceMs == long.MaxValue)
                return;
            _checked++;
            racer.Check(race, _ear);
        });
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _faults++;
        _world.At(6_000 + _world.Random.Next(10_000), Fail);
        long backMs = 100 + _world.Random.Next(2000);
        switch (_world.Random.Next(4))
        {
            case 0: _gateway.Stop(backMs); break;
            case 1: _gateway.CutPowerAtOperation(1 + _world.Random.Next(20), backMs); break;
            default: _gateway.Kill(power: _world.Chance(50), backMs); break;
        }
    }
}
