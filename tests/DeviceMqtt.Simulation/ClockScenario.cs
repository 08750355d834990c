using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Clocks;
using DeviceMqtt.Simulation.Faults;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>
/// A month without internet, from a seed: boards without a clock measure, reboot and are out of reach, their crystals run fast or slow, the gateway is killed
/// and loses its power. Then the internet is back, the network says what time it is, and all goes up: each reading within a second of the truth, or it says
/// that it is not sure (<c>q</c> 2), or has no time. Which it may be follows from what has happened.
/// </summary>
internal sealed class ClockScenario
{
    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;
    private const int BeatMs = 60_000;

    // Chosen: the crystal of a board with what temperature and age add.
    private const int MillionthsMax = 20;
    private readonly SimWorld _world;
    private readonly SimGateway _gateway;
    private readonly SimUpstream _upstream;
    private readonly Dictionary<(string Board, long Number), Reading> _history = [];
    private readonly List<ClockBoard> _boards = [];
    private readonly bool _hasBattery;
    private readonly bool _losesPower;
    private int _faults;
    private int _sure;
    private int _unsure;
    private int _without;
    private bool _isCalm;
    private bool _hasLostPower;

    private ClockScenario(int seed, PlantedFault? planted)
    {
        _world = new SimWorld(seed);
        // Of three seeds one has a clock with a battery, one has none and loses its power, one is killed only.
        (_hasBattery, _losesPower) = (seed % 3 == 0, seed % 3 != 2);
        UpstreamKind kind = new("up", 1, ProtocolVersion.V5);
        _upstream = new SimUpstream(_world, new Truth(_world), kind, new UpstreamCheck(_world, new Truth(_world), kind, static _ => false)) { DeviceSaid = Check };
        SimNetwork network = new(_world);
        network.Hosts[_upstream.Nodes[0].Name] = _upstream.Nodes[0];
        RelayOptions options = new()
        {
            Name = "up",
            ClientId = "gw-only",
            Addresses = [$"mqtt://{_upstream.Nodes[0].Name}:1883"],
            P2P = false,
            BackoffMinMs = 600_000,
            BackoffMaxMs = (int)HourMs,
            Rules = [new() { Filter = "dm/+/tele/#" }],
        };
        Truth.Expect(options.Check() is null, $"{options.Check()}");
        _gateway = new SimGateway(_world, planted, new RelaySetup("only", [options], network)) { BeatMs = BeatMs, SnapshotAfterBytes = 256 * 1024, PendingBytesMax = 8 * 1024 * 1024 }; // a board that the disk holds back is late
        for (int i = 1; i <= 4; i++)
            _boards.Add(new ClockBoard($"board{i}", _world.Random.Next(-MillionthsMax, MillionthsMax + 1), _world, _gateway, _history));
    }

    /// <param name="seed">Everything follows from it.</param>
    /// <param name="planted">Makes the gateway wrong; null for none.</param>
    public static Outcome Run(int seed, PlantedFault? planted = null)
    {
        ClockScenario scenario = new(seed, planted);
        Finding? broken = Outcome.Play(scenario.Play);
        return Outcome.Of(seed, scenario._world, scenario._faults, scenario._history.Values.Count(static r => r.IsAcknowledged), scenario._sure, broken);
    }

    // A gateway whose battery clock was never set by the network would know no more than one without.
    private void Play()
    {
        SetInternet(_hasBattery);
        _world.At(0, _gateway.Start);
        Pass(hours: 1);
        SetInternet(isThere: false);
        _boards.ForEach(static b => b.Begin());
        _world.At(DayMs, Fail);
        if (_losesPower)
            _world.At(DayMs + _world.Random.Next((int)(20 * DayMs / 1000)) * 1000L, LosePower);
        Pass(30 * 24);
        _isCalm = true;
        // Those who are out of reach come back and say what they have; the gateway still does not know what time it is.
        Pass(50);
        _world.Tell($"the internet is back: {_history.Count} readings");
        // The gateway looks at the clock with its next beat: until then it marks what goes up, and rightly.
        _world.Machine.Vouchers |= ClockVouchers.Network;
        _world.Time.WallOffset = TimeSpan.Zero;
        _world.RunUntil(_world.NowMs + (2 * BeatMs));
        SetInternet(isThere: true);
        Pass(5);
        foreach (Reading reading in _history.Values.Where(static r => r.IsAcknowledged))
            Truth.Expect(reading.HasArrived, $"reading {reading.Number} of {reading.Board} was acknowledged, and did not come");
        int all = _sure + _unsure + _without;
        // Or a gateway that is sure of nothing would be right.
        Truth.Expect(_sure * 100 >= all * (_losesPower && !_hasBattery ? 10 : 40), $"of {all} readings the gateway is sure of {_sure} alone: {_unsure} are marked, {_without} have no time");
    }

    private void Pass(int hours)
    {
        for (int i = 0; i < hours; i++)
        {
            _world.RunUntil(_world.NowMs + HourMs);
            _gateway.CheckState();
        }
    }

    private void SetInternet(bool isThere)
    {
        ClockVouchers battery = _hasBattery ? ClockVouchers.Battery : ClockVouchers.None;
        _world.Machine.Vouchers = battery | (isThere ? ClockVouchers.Network : ClockVouchers.None);
        _upstream.Nodes[0].IsReachable = isThere;
        if (isThere)
            _world.Time.WallOffset = TimeSpan.Zero;
        else
            _gateway.Relay?.Cut(host: null, 1, 1);
    }

    private void LosePower()
    {
        if (_isCalm || !_gateway.IsUp)
            return;
        _faults++;
        _hasLostPower = true;
        long offMs = 600_000 + _world.Random.Next((int)(20 * HourMs));
        // A machine without a battery clock goes on about where it was when it had last written down what time it is, or at some other time.
        if (!_hasBattery)
            _world.Time.WallOffset -= TimeSpan.FromMilliseconds(offMs + _world.Random.Next((int)-HourMs, (int)HourMs));
        _gateway.Kill(power: true, offMs);
    }

    private void Fail()
    {
        if (_isCalm)
            return;
        _faults++;
        ClockBoard board = _boards[_world.Random.Next(_boards.Count)];
        switch (_world.Random.Next(8))
        {
            case < 3: board.Reboot(); break;
            case < 7: board.GoAway(HourMs + _world.Random.Next((int)(40 * HourMs))); break;
            // Killed before that, the gateway would not know any more that the network once vouched for the battery's clock.
            default:
                if (_gateway.IsUp && (!_hasBattery || _hasLostPower))
                    _gateway.Kill(power: false, 1000 + _world.Random.Next(600_000));
                break;
        }

        _world.At(HourMs + _world.Random.Next((int)(15 * HourMs)), Fail);
    }

    private void Check(string topic, string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        JsonElement root = json.RootElement;
        long number = root.GetProperty("n").GetInt64();
        Truth.Expect(_history.TryGetValue((topic.Split('/')[1], number), out Reading? reading), $"nobody has measured {payload}");
        if (reading!.HasArrived)
            return;
        reading.HasArrived = true;
        bool isCounted = !_losesPower || _hasBattery;
        if (!root.TryGetProperty("t", out JsonElement time))
        {
            _without++;
            Truth.Expect(reading.IsLate, $"reading {number} of {reading.Board} came at once, and has no time");
            return;
        }

        double truth = (_world.Time.GetUtcNow() - _world.Time.WallOffset).ToUnixTimeMilliseconds() - (_world.NowMs - reading.MeasuredMs);
        double offMs = (double.Parse(time.GetRawText(), CultureInfo.InvariantCulture) * 1000) - truth;
        int quality = root.GetProperty("q").GetInt32();
        _world.Tell($"{reading.Board}:{number} is {offMs:F0} ms off, q {quality}");
        Truth.Expect(quality is 1 or 2, $"{payload} has no quality that is known");
        if (quality == 2)
        {
            _unsure++;
            Truth.Expect(reading.IsLate || !isCounted, $"reading {number} of {reading.Board} came at once, to a gateway that knows how long ago that was, and it is not sure");
            return;
        }

        _sure++;
        Truth.Expect(Math.Abs(offMs) < 1000, $"reading {number} of {reading.Board}, boot {reading.Boot}, is {offMs:F0} ms off{(reading.IsLate ? ", sent late" : "")}");
    }
}
