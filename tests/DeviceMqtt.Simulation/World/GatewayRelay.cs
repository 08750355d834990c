using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Uplinks;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Faults;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Simulation.World;

/// <summary>The relay of one run of a gateway, from its start until it is killed.</summary>
internal sealed class GatewayRelay
{
    /// <summary>More are not used in one run, and all there are would be most of what happens in it.</summary>
    public const ushort OldIdentifiersMax = 3000;

    private readonly MqttBroker _broker;
    private readonly List<Uplink> _uplinks;
    private readonly SimNetwork.Port _port;
    private readonly RelaySetup _setup;
    private readonly SimWorld _world;
    private Task _running = Task.CompletedTask;
    private readonly Action _cancel;
    private readonly CancellationToken _stopping;
    private bool _isDead;
    private string? _unexplained;

    /// <summary>Before the broker is recovered.</summary>
    public GatewayRelay(SimWorld world, RelaySetup setup, MqttBroker broker, PlantedFault? planted, Func<string, WireFault?> faultOf)
    {
        (_world, _setup, _broker) = (world, setup, broker);
        CancellationTokenSource stopping = new();
        (_cancel, _stopping) = (stopping.Cancel, stopping.Token); // here, and not on the thread pool
        _port = new SimNetwork.Port(setup.Network, setup.Name, faultOf);
        RelayWorld around = new(new ProcessTime(world.Time, () => !_isDead)) { Network = _port, Random = new Random(world.Random.Next()), PacketIdMax = OldIdentifiersMax };
        _uplinks = RelayParts.Create(setup.Upstreams, broker.State, around, NullLogger.Instance);
        if (planted?.Tap is { } tap && broker.State.Upstreams.Tap is { } right)
            broker.State.ConnectUpstream(tap(right));
    }

    /// <summary>QoS 2 messages that were sent again as new ones.</summary>
    public long SentAsNew => _uplinks.Sum(static u => u.Session.SentAsNew);

    public bool IsIdle => Look(s => s.Buffer.Count == 0 && s.WhenIdle().IsCompleted) && _uplinks.TrueForAll(static u => u.Status.State == UplinkState.Connected);

    /// <summary>The gateway was restored, and an upstream may have Packet Identifiers open that it knows nothing of.</summary>
    public bool HasOldIdentifiers => !Look(static s => !s.Buffer.HasOldIdentifiers);

    public string Pending => string.Join(", ", _uplinks.Select(static u => $"{u.Name} is {u.Status.State} ({u.Status.LastEnd}), {u.Session.Buffer.Waiting} wait, {u.Session.Buffer.InFlight} are in flight, {u.Session.Buffer.Flow.DueCount} of them due, {u.Session.Buffer.SetAsides.Count} are aside"));

    public void Start()
    {
        _running = Task.WhenAll(_uplinks.Select(u => u.RunAsync(_stopping)));
        foreach (Uplink uplink in _uplinks)
            uplink.Changed = () => Changed(uplink);
    }

    /// <summary>Takes its leave of all upstreams.</summary>
    public async Task StopAsync()
    {
        _cancel();
        await _running;
    }

    public void CheckBounds(BoundsCheck bounds)
    {
        foreach (Uplink uplink in _uplinks)
            bounds.LookAtRelay(uplink.Name, uplink.Session.Buffer.Count, uplink.Session.Buffer.InFlight, uplink.Session.Buffer.SetAsides.Count);
    }

    /// <summary>The process is gone.</summary>
    public void Die()
    {
        _isDead = true;
        _port.Die(1 + _world.Random.Next(3000));
    }

    public void Cut(string? host, long noticedHereMs, long noticedThereMs) => _port.Cut(host, noticedHereMs, noticedThereMs);

    /// <summary>What is set aside for one upstream: the first words of the payloads.</summary>
    public IEnumerable<string> AsideOf(string upstream) =>
        _uplinks.Single(u => u.Name == upstream).Session.Buffer.SetAsides.All.Select(static a => Upstreams.SimUpstream.IdOf(a.Queued.Message.Payload));

    /// <summary>Those of them for which connections ended: the upstream may have them.</summary>
    public IEnumerable<string> AsideForEnds(string upstream) =>
        _uplinks.Single(u => u.Name == upstream).Session.Buffer.SetAsides.All.Where(static a => a.Why == AsideReason.EndsTheConnection).Select(static a => Upstreams.SimUpstream.IdOf(a.Queued.Message.Payload));

    /// <summary>The relay stands because an upstream refuses each message.</summary>
    public bool RefusesAll(string upstream) => _uplinks.Single(u => u.Name == upstream).Status.LastEnd.Reason == UplinkEndReason.AllRefused;

    /// <summary>The upstreams that the relay stands for, or holds something for: they refuse what is in flight, and no more may be set aside. With the number of the oldest that is, and its first words.</summary>
    public IEnumerable<(string Upstream, int Number, string Id)> AsideFull() =>
        _uplinks.Where(static u => u.Session.Buffer is { InFlight: > 0, SetAsides.Count: > 0 } && (u.Status.LastEnd.Reason == UplinkEndReason.AsideFull || HoldsRefused(u)))
            .Select(static u => (u.Name, u.Session.Buffer.SetAsides.All[0]))
            .Select(static o => (o.Name, o.Item2.Number, Upstreams.SimUpstream.IdOf(o.Item2.Queued.Message.Payload)));

    public void RunAsideCommand(string words)
    {
        using Turn.Scope scope = _broker.State.Turn.Enter();
        string answer = _broker.State.Upstreams.AsideCommands!.Run(words);
        _world.Tell($"{_setup.Name} relay aside {words}: {answer}");
    }

    public void Check()
    {
        Truth.Expect(!_running.IsFaulted, $"the relay of {_setup.Name} has failed: {_running.Exception}");
        Truth.Expect(_unexplained is null, _unexplained ?? "");
        foreach (Uplink uplink in _uplinks)
        {
            UplinkEnd end = uplink.Status.LastEnd;
            bool isAllowed = end.Reason is not (UplinkEndReason.InternalError or UplinkEndReason.NotMqtt or UplinkEndReason.ProtocolError)
                || (end.Reason == UplinkEndReason.ProtocolError && end.Detail.Contains("QuotaExceeded", StringComparison.Ordinal));
            Truth.Expect(isAllowed, $"a connection of {_setup.Name} to {uplink.Name} ended with {end}");
        }
    }

    // Who says that the upstream has closed must not have done so itself.
    private void Changed(Uplink uplink)
    {
        UplinkStatus status = uplink.Status;
        _world.Tell($"{_setup.Name} {uplink.Name}: {status.State} {status.LastEnd.Reason}");
        if (status is { State: UplinkState.Disconnected, LastEnd.Reason: UplinkEndReason.ConnectionLost } && !_port.WasEndedFromOutside(new Uri(status.Address).Host))
            _unexplained ??= $"{_setup.Name} lost its connection to {uplink.Name}, which nobody has broken";
    }

    private static bool HoldsRefused(Uplink uplink) => uplink.Status.State == UplinkState.Connected && uplink.Session is { Buffer.Flow.DueCount: 0, StandingStillSinceMs: null };

    private bool Look(Func<RelaySession, bool> look)
    {
        using Turn.Scope scope = _broker.State.Turn.Enter();
        return _uplinks.TrueForAll(u => look(u.Session));
    }
}
