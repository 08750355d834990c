using System.Text.Json;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Simulation.Commands;

/// <summary>
/// A board: it acknowledges before it looks, keeps eight commands that wait, writes into its file what it is about to carry out, and loses all
/// but that file with a reset or its power.
/// </summary>
/// <param name="id">Its Client Identifier.</param>
/// <param name="isDurable">It has a Session that outlives its connections.</param>
/// <param name="version">Of MQTT.</param>
/// <param name="world">Where it is.</param>
/// <param name="gateway">To which it connects.</param>
/// <param name="history">All commands, by id.</param>
/// <param name="forgetsFile">A wrong board: a reset takes its file too.</param>
internal sealed class SimBoard(string id, bool isDurable, ProtocolVersion version, SimWorld world, SimGateway gateway, Dictionary<string, SentCommand> history, bool forgetsFile = false)
    : Peer(id, isDurable, version, world, gateway)
{
    private const int WaitingMax = 8;
    private readonly HashSet<string> _file = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, string From)> _waiting = new();
    private readonly CommandEnvelope _envelope = new();
    private int _boot;
    private bool _isBusy;
    private string? _atHand; // what it is about to carry out

    /// <summary>The board starts anew, in the middle of whatever it does.</summary>
    public void Reset()
    {
        World.Tell($"{Id} resets");
        _boot++;
        foreach (string lost in _waiting.Select(static w => w.Id).Append(_atHand).OfType<string>())
            history[lost].IsLostByBoard = true;
        _waiting.Clear();
        _atHand = null;
        _isBusy = false;
        if (forgetsFile)
            _file.Clear();
        ForgetOpen();
        Cut(World.Chance(50) ? 0 : 60_000);
    }

    /// <summary>It says goodbye and sleeps.</summary>
    public void Sleep(int seconds)
    {
        if (!IsOn)
            return;
        World.Tell($"{Id} sleeps");
        Publish($"dm/{Id}/info", Birth($",\"sleepFor\":{seconds}"), retain: true);
        IsOff = true;
        int boot = _boot;
        World.At(200, () =>
        {
            if (boot == _boot)
                Disconnect();
            Reset(); // deep sleep ends with a start
            World.At(seconds * 1000L, () => IsOff = false);
        });
    }

    /// <summary>It is gone for good.</summary>
    public void Vanish()
    {
        IsOff = true;
        Cut(1_000_000);
    }

    protected override void Welcome() => Publish($"dm/{Id}/info", Birth(""), retain: true);

    protected override void Receive(string topic, string payload)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(payload);
        if (!_envelope.TryRead(bytes, 0, bytes.Length))
            return;
        Truth.Expect(topic == $"dm/p2p/{Id}" && history[_envelope.Id].Board == Id, $"{Id} gets {_envelope.Id} on {topic}, which is for {history[_envelope.Id].Board}");
        Truth.Expect(_waiting.Count < WaitingMax, $"{Id} is handed more commands than it can keep");
        _waiting.Enqueue((_envelope.Id, _envelope.From));
        Next();
    }

    protected override void Acknowledged(string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        if (json.RootElement.TryGetProperty("st", out _))
        {
            string about = json.RootElement.GetProperty("id").GetString()!;
            World.Tell($"{Id} knows that the gateway has its answer to {about}");
            history[about].IsAnswerAcknowledged = true;
        }
    }

    private string Birth(string more) => $$"""{"id":"{{Id}}","b":{{_boot}},"up":1,"win":1,"cmd":["relay.set!"]{{more}}}""";

    private void Next()
    {
        if (_isBusy || !_waiting.TryDequeue(out (string Id, string From) command))
            return;
        _isBusy = true;
        _atHand = command.Id;
        int boot = _boot;
        World.At(World.Random.Next(300), () =>
        {
            if (boot != _boot)
                return;
            bool isNew = _file.Add(command.Id);
            if (isNew)
            {
                SentCommand known = history[command.Id];
                known.Executed++;
                known.ExecutedMs = World.NowMs;
            }

            // The power may go between what it does and what it says.
            World.At(World.Random.Next(100), () =>
            {
                if (boot != _boot)
                    return;
                World.Tell($"{Id} answers {command.Id}");
                Publish($"dm/p2p/{command.From}", $$"""{"id":"{{command.Id}}","st":"{{(isNew ? "ok" : "dup")}}","code":0}""");
                _isBusy = false;
                _atHand = null;
                Next();
            });
        });
    }
}
