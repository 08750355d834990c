using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// Commands from a seed: boards that sleep, reset and lose their power in the middle of one, take-overs, a gateway that is killed. In the end each
/// id was carried out at most once and in its time, each acknowledged command was carried out, or its sender knows why not, and presence
/// shows who is there.
/// </summary>
internal sealed class CommandScenario
{
    private const int FaultsMs = 120_000;

    // On the wire, in the board, and until the gateway looks at its clock.
    private const int SlackMs = 3_000;
    private readonly SimWorld _world;
    private readonly SimGateway _gateway;
    private readonly Dictionary<string, SentCommand> _history = new(StringComparer.Ordinal);
    private readonly List<SimBoard> _boards = [];
    private readonly List<SimSender> _senders = [];
    private int _faults;
    private bool _isCalm;
    private bool _hadPowerCut;

    private CommandScenario(int seed)
    {
        _world = new SimWorld(seed);
        _gateway = new SimGateway(_world, planted: null);
        for (int i = 1; i <= 4; i++)
            _boards.Add(new SimBoard($"board{i}", isDurable: i % 2 == 0, i > 2 ? ProtocolVersion.V5 : ProtocolVersion.V311, _world, _gateway, _history));
        for (int i = 1; i <= 2; i++)
            _senders.Add(new SimSender($"app{i}", i == 1 ? ProtocolVersion.V311 : ProtocolVersion.V5, _world, _gateway, _history));
    }

    public static Outcome Run(int seed)
    {
        CommandScenario scenario = new(seed);
        string? broken = null;
        try
        {
            scenario.Play();
        }
        catch (Exception exception)
        {
            broken = exception is BrokenPromiseException ? exception.Message : exception.ToString();
        }

        SimWorld world = scenario._world;
        return new Outcome(seed, world.Events, scenario._faults, scenario._history.Values.Count(c => c.AcknowledgedMs >= 0), scenario._history.Values.Sum(c => c.Executed), world.TraceHash, broken, world.StoryOf(broken ?? ""));
    }

    private void Play()
    {
        _world.At(0, _gateway.Start);
        foreach (Peer peer in _boards.Concat<Peer>(_senders))
            peer.Start();
        _world.At(8000, Work);
        _world.At(9000, Fail);
        Pass(FaultsMs / 1000);
        _isCalm = true;
        // The longest time of a command, a keep alive that runs out, and everybody back.
        Pass(180);
        foreach (Peer peer in _boards.Concat<Peer>(_senders))
            Truth.Expect(peer.IsOn, $"{peer.Id} does not come back");
        CheckHistory();
        CheckPresence();
    }

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _world.RunUntil(_world.NowMs + 1000);
            _gateway.CheckState();
        }
    }

    private void CheckHistory()
    {
        foreach (SentCommand command in _history.Values)
        {
            Truth.Expect(command.Executed <= 1, $"{command.Id} for {command.Board} was carried out {command.Executed} times");
            Truth.Expect(command.AcknowledgedMs < 0 || command.IsExplained, $"{command.Id} for {command.Board} was acknowledged, and nobody knows what became of it ({string.Join(' ', command.Receipts)})");
            bool isLate = command.Executed > 0 && command.AcknowledgedMs >= 0 && command.ExecutedMs - command.AcknowledgedMs > (command.TtlSeconds * 1000L) + SlackMs;
            // While the power is away nobody counts: what waits becomes too old by that at most.
            Truth.Expect(_hadPowerCut || !isLate, $"{command.Id} for {command.Board} was carried out {command.ExecutedMs - command.AcknowledgedMs} ms after it was acknowledged, and was good for {command.TtlSeconds} s");
        }
    }

    private void CheckPresence()
    {
        SimBoard[] gone = [.. _boards.Where(_ => _world.Chance(40))];
        foreach (SimBoard board in gone)
            board.Vanish();
        if (_world.Chance(50))
            _gateway.Kill(power: false, 1000);
        Pass(60);
        PresenceWatcher watcher = new("watcher", _world, _gateway);
        watcher.Start();
        Pass(20);
        foreach (SimBoard board in _boards)
        {
            string told = watcher.Told.GetValueOrDefault(board.Id, "nothing");
            bool isShown = told.StartsWith("{\"online\":true", StringComparison.Ordinal);
            Truth.Expect(isShown == !gone.Contains(board), $"{board.Id} is {(gone.Contains(board) ? "gone" : "there")}, and shown as {told}");
        }
    }

    private void Work()
    {
        if (_isCalm)
            return;
        _senders[_world.Random.Next(_senders.Count)].Send(_boards[_world.Random.Next(_boards.Count)].Id);
        _world.At(_world.Random.Next(800), Work);
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _faults++;
        SimBoard board = _boards[_world.Random.Next(_boards.Count)];
        switch (_world.Random.Next(12))
        {
            case < 3: board.Reset(); break;
            case < 5: board.Sleep(1 + _world.Random.Next(30)); break;
            case < 6: board.TakeOver(); break;
            case < 8: board.Cut(_world.Chance(50) ? 0 : 60_000); break;
            case < 9: _senders[_world.Random.Next(_senders.Count)].Cut(_world.Chance(50) ? 0 : 60_000); break;
            case < 11: _gateway.Kill(power: false, 100 + _world.Random.Next(3000)); break;
            default:
                _hadPowerCut = true;
                _gateway.Kill(power: true, 100 + _world.Random.Next(3000));
                break;
        }

        _world.At(500 + _world.Random.Next(6000), Fail);
    }
}
