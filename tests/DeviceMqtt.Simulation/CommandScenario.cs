using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// Commands from a seed: boards that sleep, reset and lose their power in the middle of one, take-overs, a gateway that is killed. In the end each
/// id was carried out at most once and in its time, each acknowledged command was carried out, or its sender knows why not, and presence
/// shows who is there. In half of the seeds the boards are behind a gateway below, and one of the senders is above, as is one board. Some
/// commands are for nobody: their senders know that in the end.
/// </summary>
internal sealed class CommandScenario
{
    private const int FaultsMs = 120_000;

    // On the wire, in the board, and until the gateway looks at its clock.
    private const int SlackMs = 3_000;
    private const string Nobody = "nobody";

    private readonly SimWorld _world;
    private readonly SimGateway _gateway; // has the boards
    private readonly SimGateway[] _gateways;
    private readonly Dictionary<string, SentCommand> _history = new(StringComparer.Ordinal);
    private readonly List<SimBoard> _boards = [];
    private readonly List<SimBoard> _boardsAbove = [];
    private readonly List<SimSender> _senders = [];
    private int _faults;
    private bool _isCalm;

    private CommandScenario(int seed, PlantedFault? planted)
    {
        _world = new SimWorld(seed);
        _gateways = seed % 2 == 0 ? OneAboveTheOther(planted) : [new SimGateway(_world, planted)];
        _gateway = _gateways[^1];
        for (int i = 1; i <= 4; i++)
            _boards.Add(new SimBoard($"board{i}", isDurable: i % 2 == 0, i > 2 ? ProtocolVersion.V5 : ProtocolVersion.V311, _world, _gateway, _history, planted?.ForgetsFiles == true));
        if (_gateways.Length > 1)
            _boardsAbove.Add(new SimBoard("board9", isDurable: seed % 4 == 0, ProtocolVersion.V5, _world, _gateways[0], _history, planted?.ForgetsFiles == true));
        for (int i = 1; i <= 2; i++)
            _senders.Add(new SimSender($"app{i}", (i + (seed / 2)) % 2 == 1 ? ProtocolVersion.V311 : ProtocolVersion.V5, _world, _gateways[i % _gateways.Length], _history));
    }

    // The upper one first.
    private SimGateway[] OneAboveTheOther(PlantedFault? planted)
    {
        SimNetwork network = new(_world);
        RelayOptions options = new()
        {
            Name = "upper",
            ClientId = "gw-lower",
            Addresses = ["mqtt://upper:1883"],
            BackoffMinMs = 200,
            BackoffMaxMs = 4000,
            KeepAliveSeconds = 10,
            Rules = [new() { Filter = "$gw/receipt/+" }, new() { Direction = RelayDirection.In, Filter = "$gw/receipt/+" }],
        };
        Truth.Expect(options.Check() is null, $"{options.Check()}");
        SimGateway upper = new(_world, planted, new RelaySetup("upper", [], network));
        network.Hosts["upper"] = upper;
        return [upper, new SimGateway(_world, planted, new RelaySetup("lower", [options], network))];
    }

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="planted">Makes the gateways or the boards wrong; null for none.</param>
    public static Outcome Run(int seed, PlantedFault? planted = null)
    {
        CommandScenario scenario = new(seed, planted);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._history.Values.Count(c => c.AcknowledgedMs >= 0), scenario._history.Values.Sum(c => c.Executed), broken);
    }

    private void Play()
    {
        foreach (SimGateway gateway in _gateways)
            _world.At(0, gateway.Start);
        foreach (Peer peer in _boards.Concat<Peer>(_boardsAbove).Concat(_senders))
            peer.Start();
        _world.At(8000, Work);
        _world.At(9000, Fail);
        _world.DroppedBy = FailWithACommand;
        Pass(FaultsMs / 1000);
        _isCalm = true;
        foreach (SimGateway gateway in _gateways)
            gateway.BeCalm();
        // The longest time of a command, a keep alive that runs out, and everybody back.
        Pass(180);
        foreach (Peer peer in _boards.Concat<Peer>(_boardsAbove).Concat(_senders))
            Truth.Expect(peer.IsOn, $"{peer.Id} does not come back");
        CheckHistory();
        CheckPresence();
    }

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _world.RunUntil(_world.NowMs + 1000);
            foreach (SimGateway gateway in _gateways)
                gateway.CheckState();
        }
    }

    private void CheckHistory()
    {
        foreach (SentCommand command in _history.Values)
        {
            Truth.Expect(command.Executed <= 1, $"{command.Id} for {command.Board} was carried out {command.Executed} times");
            Truth.Expect(command.AcknowledgedMs < 0 || command.IsExplained, $"{command.Id} for {command.Board} was acknowledged, and nobody knows what became of it ({string.Join(' ', command.Receipts)})");
            Truth.Expect(!command.IsAnswerAcknowledged || command.IsAnswered, $"the answer of {command.Board} to {command.Id} was acknowledged, and did not come");
            Truth.Expect(command.Board == Nobody || !command.Receipts.Contains("dropped unknown"), $"{command.Id}: {command.Board} was here before, and its gateway says that it does not know it");
            if (command.Executed == 0 || command.AcknowledgedMs < 0)
                continue;
            // While the power is away nobody counts: what waits across that becomes too old by its length at most.
            long notCountedMs = _gateways.Sum(g => g.Downtimes.NotCountedWithoutPower(command.AcknowledgedMs, command.ExecutedMs));
            bool isLate = command.ExecutedMs - command.AcknowledgedMs > (command.TtlSeconds * 1000L) + SlackMs + notCountedMs;
            Truth.Expect(!isLate, $"{command.Id} for {command.Board} was carried out {command.ExecutedMs - command.AcknowledgedMs} ms after it was acknowledged, and was good for {command.TtlSeconds} s and the {notCountedMs} ms that nobody counted");
        }
    }

    private void CheckPresence() =>
        PresenceWatcher.Check(_world, _gateway, [.. _boards.Where(_ => _world.Chance(40))], Pass, _boards, static _ => true, mayBeForgotten: false);

    private void Work()
    {
        if (_isCalm)
            return;
        string target = _world.Chance(5) ? Nobody : AnyBoard().Id;
        _senders[_world.Random.Next(_senders.Count)].Send(target);
        _world.At(_world.Random.Next(800), Work);
    }

    private SimBoard AnyBoard()
    {
        int one = _world.Random.Next(_boards.Count + _boardsAbove.Count);
        return one < _boards.Count ? _boards[one] : _boardsAbove[0];
    }

    // The power goes between the end of a command and what is told of it.
    private void FailWithACommand(string gateway, string topic)
    {
        if (_isCalm || !topic.StartsWith("dm/p2p/", StringComparison.Ordinal) || !_world.Chance(30))
            return;
        _faults++;
        _gateways.Single(g => g.Name == gateway).CutPowerAtOperation(1 + _world.Random.Next(5), 100 + _world.Random.Next(1000));
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _faults++;
        SimBoard board = AnyBoard();
        SimGateway gateway = _gateways[_world.Random.Next(_gateways.Length)];
        switch (_world.Random.Next(_gateways.Length == 1 ? 14 : 16))
        {
            case < 3: board.Reset(); break;
            case < 5: board.Sleep(1 + _world.Random.Next(30)); break;
            case < 6: board.TakeOver(); break;
            case < 8: board.Cut(_world.Chance(50) ? 0 : 60_000); break;
            case < 9: _senders[_world.Random.Next(_senders.Count)].Cut(_world.Chance(50) ? 0 : 60_000); break;
            case < 10: gateway.Kill(power: false, 100 + _world.Random.Next(3000)); break;
            case < 11: gateway.Stop(100 + _world.Random.Next(3000)); break;
            case < 12:
                gateway.Kill(power: true, 100 + _world.Random.Next(3000));
                break;
            case < 14:
                gateway.CutPowerAtOperation(1 + _world.Random.Next(20), 100 + _world.Random.Next(3000));
                break;
            default:
                _world.Tell("the link between the gateways breaks");
                _gateway.Relay?.Cut(host: null, 1 + _world.Random.Next(2000), _world.Chance(50) ? 100 : 60_000);
                break;
        }

        _world.At(500 + _world.Random.Next(6000), Fail);
    }
}
