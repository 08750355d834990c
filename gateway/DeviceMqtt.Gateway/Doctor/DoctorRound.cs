using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>Looks at clients, devices, disk and upstreams, and says in sentences what is not well. Looks when somebody asks, and at most every few seconds.</summary>
internal sealed class DoctorRound(DoctorSource source)
{
    /// <summary>Kinds of things that are looked for, for the page that has nothing to report.</summary>
    public const int Checks = 52;

    /// <summary>Notes that are told at once: who has more has one cause.</summary>
    public const int NotesMax = 200;

    private const long FreshMs = 2_000;
    private readonly Lock _lock = new();

    // Of one round, and used again by the next.
    private readonly List<Session> _sessions = [];
    private readonly List<KeyValuePair<string, List<Visit>>> _clients = [];
    private readonly List<DeviceEntry> _devices = [];
    private Task<Finding>? _last;

    /// <summary>What is not well now, the worst first; as of two seconds ago at most.</summary>
    public Task<Finding> LookAsync()
    {
        lock (_lock)
            return _last is { } last && (!last.IsCompleted || (last.IsCompletedSuccessfully && IsFresh(last.Result))) ? last : _last = Task.Run(FindAsync);
    }

    private async Task<Finding> FindAsync()
    {
        List<Note> notes = await MakeAsync();
        return new Finding(Broker.Turn.MonotonicMs(), [.. notes.OrderBy(static n => n.Level).ThenByDescending(static n => n.Count).Take(NotesMax)]);
    }

    private BrokerState Broker => source.Broker;

    private bool IsFresh(Finding finding) => Broker.Turn.MonotonicMs() - finding.MadeMs < FreshMs;

    private async Task<List<Note>> MakeAsync()
    {
        List<Note> notes = [];
        long now = Broker.Clock.NowUnixMs;
        await TurnWork.ForEachAsync(Broker.Turn, _sessions, () => Broker.Sessions.All, (Session session) => ClientRules.Look(FactsOf(session), now, notes));
        // Those that were here and left no session.
        await TurnWork.ForEachAsync(Broker.Turn, _clients, () => source.Observation.Clients.All, (KeyValuePair<string, List<Visit>> client) =>
        {
            if (Broker.Sessions.Find(client.Key) is null)
                ClientRules.Look(new ClientFacts(client.Key, client.Value, 0, 0, 1, 0, 1, HasAllFilter: false, IsConnected: false), now, notes);
        });
        await TurnWork.ForEachAsync(Broker.Turn, _devices, () => source.Observation.Devices.Devices, (DeviceEntry device) => DeviceRules.Look(device, now, notes));
        TurnWork.Read(Broker.Turn, () =>
        {
            foreach (Incident incident in source.Observation.Incidents.All)
                notes.AddFound(IncidentRules.Look(incident, now));
            LookAtGateway(notes, now);
            return 0;
        });
        return [.. notes.Select(WithDevice)];
    }

    private void LookAtGateway(List<Note> notes, long now)
    {
        if (source.State?.Status is { } journal)
            notes.AddFound(GatewayRules.JournalNearBound(journal));
        if (source.State is { } state)
            notes.AddFound(GatewayRules.LedgerUnbalanced(state.Ledger.IsBalanced));
        foreach (Uplink uplink in source.Uplinks)
        {
            notes.AddFound(GatewayRules.UpstreamDown(uplink.Name, uplink.Status, uplink.Session.Buffer.Count, now));
            notes.AddFound(GatewayRules.SetAside(uplink.Name, uplink.Session.Buffer.SetAsides.Count));
            notes.AddFound(GatewayRules.RelayNearBound(uplink.Name, uplink.Session.Buffer.Count, Broker.Limits.RelayMessagesMax));
        }

        notes.AddFound(GatewayRules.ConnectionsNearBound(source.Connections(), Broker.Limits));
        notes.AddFound(GatewayRules.DevicesNotKept(source.Observation.Devices.NotKept, Broker.Limits.KnownDevicesMax));
        if (source.Certificate?.Invoke() is { } certificate)
            notes.AddFound(GatewayRules.CertificateEnds(certificate.File, certificate.UntilUnixMs, now));
        notes.AddFound(GatewayRules.OpenToAll(source.IsAnonymous));
        foreach ((string below, int count) in source.Observation.Devices.NewTopics)
            notes.AddFound(GatewayRules.TopicsExplode(below, count));
    }

    private ClientFacts FactsOf(Session session) => new(
        session.ClientId, source.Observation.Clients.Of(session.ClientId), session.IsConnected ? session.Terms.KeepAliveSeconds : 0, session.InflightCount, session.IsConnected ? session.Terms.WindowMax : 1,
        session.Queue.Count, Broker.Limits.QueueMessagesMax, session.FindSubscription("#") is not null, session.IsConnected);

    // A note about a client that is a device leads to its page.
    private static Note WithDevice(Note note) =>
        note.Device.Length > 0 || note.Subject.Length == 0 ? note : note with { Device = Wire.ClientId.TrySplitGroup(note.Subject, out _, out string device) ? device : "" };
}
