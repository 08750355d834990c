using System.Net;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>All that is noted for the console while the gateway runs. Made only where there is one. Its books are owned by the turn.</summary>
internal sealed class Observation
{
    public Observation(Ground ground, NotedBytes bytes, IBrokerEvents next, TimeProvider time)
    {
        Clients = new ClientBook(ground.Clock, ground.Limits.SessionsMax, bytes.Visits);
        Incidents = new IncidentBook(ground.Clock);
        Devices = new DeviceBook(new ReadingsBudget(bytes.Readings), ground.Clock, ground.Turn, ground.Limits.KnownDevicesMax, Clients.IsHere);
        _replay = new ReadingsReplay(Devices, ground.Clock);
        Topics = new TopicBook(bytes.Topics);
        Commands = new CommandBook(ground.Clock, ground.Turn);
        Lookout = new Lookout(Devices, Topics, Commands, ground.Clock);
        Log = new LogTail(time);
        Events = new WatchEvents(next, Clients, Incidents);
        StartedUnixMs = ground.Clock.NowUnixMs;
        Relay = new RelayHistory(ground.Clock, ground.Turn);
        Journal = new JournalGrowth(ground.Turn);
        _ground = ground;
    }

    private readonly Ground _ground;
    private readonly ReadingsReplay _replay;
    private long _fillAnywayMs = long.MaxValue; // monotonic; that for "not asked to yet", and for "done"

    /// <summary>The backlog of the upstreams over time.</summary>
    public RelayHistory Relay { get; }

    /// <summary>How the journal grows.</summary>
    public JournalGrowth Journal { get; }

    public ClientBook Clients { get; }

    public IncidentBook Incidents { get; }

    public DeviceBook Devices { get; }

    public TopicBook Topics { get; }

    public CommandBook Commands { get; }

    public Lookout Lookout { get; }

    public LogTail Log { get; }

    /// <summary>For the broker: notes, and tells the log.</summary>
    public IBrokerEvents Events { get; }

    /// <summary>When the gateway started, by the clock on the wall.</summary>
    public long StartedUnixMs { get; }

    /// <summary>A message that the journal still has, while it is read at the start.</summary>
    public void TakeOld(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long acceptedUnixMs) => _replay.Take(topic, payload, acceptedUnixMs);

    /// <summary>Makes readings of those, over as many turns as it takes, once the clock is right or nobody sets it.</summary>
    public void FillReadings()
    {
        using Turn.Scope scope = _ground.Turn.Enter();
        _fillAnywayMs = _ground.Turn.NowMs + ReadingsReplay.ClockPatienceMs;
        FillIfDue();
    }

    private void FillIfDue()
    {
        if (_fillAnywayMs == long.MaxValue || (!_replay.IsClockRight && _ground.Turn.NowMs < _fillAnywayMs))
            return;
        _fillAnywayMs = long.MaxValue;
        _ground.Turn.Jobs.Continue(_replay);
    }

    /// <summary>A client took a port with TLS for one without, or the other way round. On any thread.</summary>
    public void TakeWrongPort(EndPoint? remote, bool isTls)
    {
        string address = ClientBook.AddressOf(remote);
        using Turn.Scope scope = _ground.Turn.Enter();
        Incidents.Add(isTls ? IncidentKind.TlsOnPlainPort : IncidentKind.PlainOnTlsPort, address, address);
    }

    /// <summary>Once a second. Inside a turn.</summary>
    public void Beat()
    {
        Topics.Beat(_ground.Turn.NowMs);
        FillIfDue();
        Commands.Beat();
        Incidents.Beat();
        Relay.Beat();
        Journal.Beat();
    }
}
