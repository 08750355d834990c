using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Access;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// Users from a seed: they are removed, added again, get another password, role or other rights, while the gateway runs, is killed, or cannot read their file; an operator has clients forgotten. In the
/// end nobody has got what it may not, what was acknowledged is there or in the ledger with its reason, each command is explained to its sender, and presence shows who is there.
/// </summary>
internal sealed class AccessScenario
{
    public const string Roots = "abc";
    private const int FaultsMs = 90_000;
    private const string Turncoat = "app3"; // may command at times, and at times not

    private readonly SimWorld _world;
    private readonly SimUsers _users;
    private readonly SimGateway _gateway;
    private readonly Permissions _permissions;
    private readonly Dictionary<string, SentCommand> _history = new(StringComparer.Ordinal);
    private readonly List<Ear> _ears = [];
    private readonly List<Mouth> _mouths = [];
    private readonly List<SimBoard> _boards = [];
    private readonly List<SimSender> _senders = [];
    private int _faults;
    private bool _isCalm;

    private AccessScenario(int seed, PlantedFault? planted)
    {
        _world = new SimWorld(seed);
        _users = new SimUsers(_world);
        _permissions = new Permissions(_world, _users);
        _gateway = new SimGateway(_world, planted) { Users = _users };
        for (int i = 0; i < 4; i++)
            _ears.Add(new Ear($"ear{i}", i % 2 == 0 ? ProtocolVersion.V5 : ProtocolVersion.V311, _world, _gateway, _permissions));
        for (int i = 0; i < 2; i++)
            _mouths.Add(new Mouth($"mouth{i}", i % 2 == 0 ? ProtocolVersion.V5 : ProtocolVersion.V311, _world, _gateway, _permissions));
        for (int i = 1; i <= 3; i++)
            _boards.Add(new SimBoard($"board{i}", isDurable: i % 2 == 0, i > 1 ? ProtocolVersion.V5 : ProtocolVersion.V311, _world, _gateway, _history));
        for (int i = 1; i <= 3; i++)
            _senders.Add(new SimSender($"app{i}", (i + seed) % 2 == 1 ? ProtocolVersion.V311 : ProtocolVersion.V5, _world, _gateway, _history));
        foreach (Peer peer in Peers)
            _users.Add(peer.Id, RoleOf(peer), Roots);
        _users.Add("watcher", ClientRole.Operator, Roots);
    }

    private IEnumerable<Peer> Peers => _ears.Concat<Peer>(_mouths).Concat(_boards).Concat(_senders);

    public static Outcome Run(int seed, PlantedFault? planted = null)
    {
        AccessScenario scenario = new(seed, planted);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._permissions.Acknowledged + scenario._history.Values.Count(static c => c.AcknowledgedMs >= 0),
            scenario._permissions.Delivered + scenario._history.Values.Sum(static c => c.Executed), broken);
    }

    private static ClientRole RoleOf(Peer peer) => peer is SimBoard ? ClientRole.Device : ClientRole.Operator;

    private void Play()
    {
        _world.At(0, _gateway.Start);
        foreach (Peer peer in Peers)
            peer.Start();
        _world.At(8000, Work);
        _world.At(9000, Fail);
        _world.At(9000, Change);
        Pass(FaultsMs / 1000);
        _isCalm = true;
        _gateway.BeCalm();
        _users.IsUnreadable = false;
        _gateway.ReloadUsers();
        // The longest time of a command, a keep alive that runs out, and everybody back.
        Pass(150);
        foreach (Peer peer in Peers)
            Truth.Expect(peer.IsOn == _users.Find(peer.Id) is not null, $"{peer.Id} {(peer.IsOn ? "is there, and its user is not" : "does not come back")}");
        int explained = _permissions.CheckDelivered();
        long? dropped = _gateway.Dropped(DropReason.UserGone) + _gateway.Dropped(DropReason.NotAllowed) + _gateway.Dropped(DropReason.SessionEnded) + _gateway.Dropped(DropReason.DroppedByOperator);
        Truth.Expect(dropped >= explained, $"{explained} messages were acknowledged and dropped with a user or a right, and the ledger knows {dropped}");
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
            // Whoever may not command any more does not ask a board again that has lost it.
            Truth.Expect(command.AcknowledgedMs < 0 || command.IsExplained || command.IsLostByBoard, $"{command.Id} for {command.Board} was acknowledged, and nobody knows what became of it ({string.Join(' ', command.Receipts)})");
            string sender = command.Id.Split('-')[0];
            Truth.Expect(command.Executed == 0 || _permissions.HadRole(sender, ClientRole.Operator, command.SentMs, command.ExecutedMs), $"{command.Id} for {command.Board} was carried out, and {sender} may not command");
        }
    }

    private void CheckPresence() =>
        PresenceWatcher.Check(_world, _gateway, [.. _boards.Where(_ => _world.Chance(30))], Pass, Peers, peer => _users.Find(peer.Id) is not null, mayBeForgotten: true);

    private void Work()
    {
        if (_isCalm)
            return;
        if (_world.Chance(70))
            _mouths[_world.Random.Next(_mouths.Count)].Say(Roots[_world.Random.Next(Roots.Length)]);
        else
            _senders[_world.Random.Next(_senders.Count)].Send(_boards[_world.Random.Next(_boards.Count)].Id);
        _world.At(_world.Random.Next(300), Work);
    }

    // Of somebody, and read at once, a moment later, or by the next start.
    private void Change()
    {
        if (_isCalm)
            return;
        _faults++;
        _world.At(300 + _world.Random.Next(4000), Change);
        Peer[] all = [.. Peers];
        Peer peer = all[_world.Random.Next(all.Length)];
        long knownMs = _world.Chance(50) ? 0 : _world.Random.Next(10_000);
        switch (_world.Random.Next(10))
        {
            case < 2: _users.Change(peer.Id, static u => u with { Password = u.Password + 1 }, knownMs); break;
            case < 4 when peer is Ear or SimBoard: _users.Remove(peer.Id); break;
            case < 7 when peer is Ear or Mouth: Turn(peer.Id, Roots[_world.Random.Next(Roots.Length)]); break;
            case < 8 when peer is SimSender: _users.Change(Turncoat, static u => u with { Role = u.Role == ClientRole.Operator ? ClientRole.Device : ClientRole.Operator }); break;
            case < 9 when peer is Ear or SimBoard: Forget(peer.Id); return;
            case < 9 when _world.Chance(30): BeUnreadable(); break;
        }

        // Removed ones come back as others, sooner or later: within one look of the gateway, too.
        foreach (Peer each in all)
            if (_users.Find(each.Id) is null && _world.Chance(20))
                _users.Add(each.Id, RoleOf(each), Roots, knownMs);
        if (_world.Chance(20))
            Kill(_world.Chance(50));
        else
            _world.At(_world.Random.Next(500), _gateway.ReloadUsers);
    }

    private void BeUnreadable()
    {
        _users.IsUnreadable = true;
        _world.At(500 + _world.Random.Next(8000), () =>
        {
            _users.IsUnreadable = false;
            _gateway.ReloadUsers();
        });
    }

    private void Turn(string user, char root) =>
        _users.Change(user, u => u with { Topics = u.Topics.Contains(root) ? u.Topics.Replace($"{root}", "", StringComparison.Ordinal) : u.Topics + root });

    private void Forget(string client)
    {
        if (_gateway.TryForget(client))
            _permissions.Forgotten(client);
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _faults++;
        Peer[] all = [.. Peers];
        Peer peer = all[_world.Random.Next(all.Length)];
        switch (_world.Random.Next(10))
        {
            case < 5: peer.Cut(_world.Chance(50) ? 0 : 60_000); break;
            case < 7: peer.TakeOver(); break;
            case < 8: _boards[_world.Random.Next(_boards.Count)].Sleep(1 + _world.Random.Next(15)); break;
            case < 9 when _world.Chance(30): _gateway.Stop(100 + _world.Random.Next(3000)); break;
            case < 9: Kill(power: _world.Chance(50)); break;
            default: _gateway.CutPowerAtOperation(1 + _world.Random.Next(20), 100 + _world.Random.Next(3000)); break;
        }

        _world.At(500 + _world.Random.Next(4000), Fail);
    }

    private void Kill(bool power) => _gateway.Kill(power, 100 + _world.Random.Next(3000));
}
