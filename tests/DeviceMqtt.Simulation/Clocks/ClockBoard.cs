using System.Text.Json;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clocks;

/// <summary>
/// A board without a clock, whose crystal runs fast or slow: it measures every hour or two, connects for that, and keeps in its flash what it has not got rid of.
/// </summary>
internal sealed class ClockBoard(string id, int millionths, SimWorld world, SimGateway gateway, Dictionary<(string Board, long Number), Reading> history)
    : Peer(id, isDurable: false, ProtocolVersion.V311, world, gateway)
{
    private const int HourMs = 3_600_000;
    private const int StaysMs = 3_000;

    // A reading that was measured before it was connected took no longer than this to connect.
    private const int AtOnceMs = 200;
    private readonly List<Reading> _outbox = [];
    private long _number;
    private long _boot;
    private long _bootedMs;
    private long _awayUntilMs;

    public void Begin()
    {
        _bootedMs = World.NowMs;
        World.At(World.Random.Next(HourMs), Measure);
    }

    /// <summary>Its clock begins anew, and so does what it counts by.</summary>
    public void Reboot()
    {
        World.Tell($"{Id} reboots");
        Cut(World.Chance(50) ? 0 : 60_000);
        ForgetOpen();
        (_boot, _bootedMs) = (_boot + 1, World.NowMs);
        World.At(5_000, Visit);
    }

    public void GoAway(long ms)
    {
        World.Tell($"{Id} is out of reach for {ms / 60_000} minutes");
        Cut(60_000);
        _awayUntilMs = World.NowMs + ms;
    }

    protected override void Welcome()
    {
        Publish($"dm/{Id}/info", $$"""{"id":"{{Id}}","b":{{_boot}},"up":{{UpMs}},"win":1,"cmd":[]}""", retain: true);
        foreach (Reading reading in _outbox)
        {
            reading.IsLate |= World.NowMs - reading.MeasuredMs > AtOnceMs;
            Publish($"dm/{Id}/tele/env", $$"""{"n":{{reading.Number}},"up":{{reading.UpMs}},"b":{{reading.Boot}},"temp":21.5{{(reading.IsLate ? ",\"h\":1" : "")}}}""");
        }
    }

    protected override void Receive(string topic, string payload)
    {
    }

    protected override void Acknowledged(string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        if (!json.RootElement.TryGetProperty("n", out JsonElement number))
            return;
        Reading reading = history[(Id, number.GetInt64())];
        reading.IsAcknowledged = true;
        _ = _outbox.Remove(reading);
    }

    private long UpMs => (long)((World.NowMs - _bootedMs) * (1 + (millionths / 1e6)));

    private void Measure()
    {
        World.At(HourMs + World.Random.Next(HourMs), Measure);
        Reading reading = new(Id, ++_number, _boot, UpMs, World.NowMs);
        history.Add((Id, reading.Number), reading);
        _outbox.Add(reading);
        Visit();
    }

    private void Visit()
    {
        if (World.NowMs < _awayUntilMs)
            return;
        Connect();
        World.At(StaysMs, () =>
        {
            Disconnect();
            ForgetOpen(); // what was not acknowledged is in the outbox
        });
    }
}
