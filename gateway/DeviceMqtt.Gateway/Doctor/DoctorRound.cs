using DeviceMqtt.Broker.Peers;
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
    public const int Checks = 62;

    private const long FreshMs = 2_000;
    private readonly Lock _lock = new();

    // Of one round, and used again by the next.
    private readonly List<Session> _sessions = [];
    private readonly List<string> _clients = [];
    private readonly List<DeviceEntry> _devices = [];
    private readonly List<Mailbox> _mailboxes = [];
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
        return Finding.Of(Broker.Turn.MonotonicMs(), notes);
    }

    private BrokerState Broker => source.Broker;

    private bool IsFresh(Finding finding) => Broker.Turn.MonotonicMs() - finding.MadeMs < FreshMs;

    private async Task<List<Note>> MakeAsync()
    {
        List<Note> notes = [];
        (long nowMs, long nowUnixMs) = (Broker.Turn.MonotonicMs(), Broker.Clock.NowUnixMs);
        await TurnWork.ForEachAsync(Broker.Turn, _sessions, () => Broker.Sessions.All, (Session session) => ClientRules.Look(FactsOf(session, nowMs), nowMs, notes));
        // Those that were here and left no session.
        await TurnWork.ForEachAsync(Broker.Turn, _clients, () => source.Observation.Clients.All, (string clientId) =>
        {
            if (Broker.Sessions.Find(clientId) is null)
                ClientRules.Look(new ClientFacts(clientId, source.Observation.Clients.Of(clientId)) { IsFought = IsFought(clientId, nowMs) }, nowMs, notes);
        });
        await TurnWork.ForEachAsync(Broker.Turn, _mailboxes, () => Broker.Mailboxes.Busy, (Mailbox mailbox) => notes.AddFound(ClientRules.MailboxNearBound(mailbox.ClientId, mailbox.Count, mailbox.Fullness)));
        await TurnWork.ForEachAsync(Broker.Turn, _devices, () => source.Observation.Devices.Devices, (DeviceEntry device) => DeviceRules.Look(device, new DeviceLook(nowUnixMs, Broker.Turn.NowMs) { BackUnixMs = source.OverdueOf(device) }, notes));
        TurnWork.Read(Broker.Turn, () =>
        {
            foreach (Incident incident in source.Observation.Incidents.All)
                notes.AddFound(IncidentRules.Look(incident, nowMs, nowUnixMs));
            List<Note> ofGateway = [];
            LookAtGateway(ofGateway, nowUnixMs);
            notes.AddRange(ofGateway.Select(static note => note with { IsOfGateway = true }));
            return 0;
        });
        return [.. notes.Select(WithDevice)];
    }

    private void LookAtGateway(List<Note> notes, long nowUnixMs)
    {
        if (source.State?.Status is { } journal)
        {
            notes.AddFound(GatewayRules.JournalNearBound(journal));
            notes.AddFound(GatewayRules.JournalDamaged(journal));
        }

        if (source.State is { } state)
            notes.AddFound(GatewayRules.LedgerUnbalanced(state.Ledger.IsBalanced));
        foreach (Uplink uplink in source.Uplinks)
        {
            notes.AddFound(GatewayRules.UpstreamDown(uplink.Name, uplink.Status, uplink.Session.Buffer.Count, nowUnixMs));
            notes.AddFound(GatewayRules.SetAside(uplink.Name, uplink.Session.Buffer.SetAsides.Count));
            notes.AddFound(GatewayRules.RelayNearBound(uplink.Name, uplink.Session.Buffer.Count, uplink.Session.Buffer.Fullness));
        }

        notes.AddFound(GatewayRules.QueuesNearBound(Broker.QueueBytes, Broker.Limits.QueueBytesTotalMax));
        notes.AddFound(GatewayRules.ConnectionsNearBound(source.Connections(), Broker.Limits));
        foreach (NotKeptCause cause in source.Observation.Devices.NotKept.Lately(Broker.Turn.NowMs))
            notes.AddFound(GatewayRules.DevicesNotKept(cause, Broker.Limits));
        if (source.Certificate?.Invoke() is { } certificate)
        {
            notes.AddFound(GatewayRules.CertificateNotYet(certificate.File, certificate.FromUnixMs, nowUnixMs));
            notes.AddFound(GatewayRules.CertificateEnds(certificate.File, certificate.UntilUnixMs, nowUnixMs));
        }

        notes.AddFound(GatewayRules.OpenToAll(source.IsAnonymous));
        foreach ((string below, int count) in source.Observation.Devices.NewTopics.Lately(Broker.Turn.NowMs))
            notes.AddFound(GatewayRules.TopicsExplode(below, count));
    }

    private ClientFacts FactsOf(Session session, long nowMs)
    {
        IReadOnlyList<Visit> visits = source.Observation.Clients.Of(session.ClientId);
        long tookNothingMs = Math.Max(0, nowMs - session.TookMs);
        return new ClientFacts(session.ClientId, visits)
        {
            KeepAliveSeconds = session.IsConnected ? session.Terms.KeepAliveSeconds : 0,
            InFlight = session.InflightCount,
            InFlightMax = session.IsConnected ? session.Terms.WindowMax : 1,
            TookNothingMs = visits.Count > 0 ? Math.Min(tookNothingMs, Math.Max(0, nowMs - visits[^1].FromMs)) : tookNothingMs, // what it owes from a connection before, it owes since this one
            Waiting = session.Queue.Count,
            Queue = session.Queue.Fullness,
            HasAllFilter = session.FindSubscription("#") is not null,
            IsConnected = session.IsConnected,
            IsFought = IsFought(session.ClientId, nowMs),
        };
    }

    private bool IsFought(string clientId, long nowMs) => source.Observation.Incidents.Find(IncidentKind.ClientIdFought, clientId) is { } fight && nowMs - fight.LastMs < ClientRules.TenMinutesMs;

    // A note about a client that is a device leads to its page.
    private static Note WithDevice(Note note) =>
        note.Device.Length > 0 || note.Subject.Length == 0 ? note : note with { Device = Wire.ClientId.TrySplitGroup(note.Subject, out _, out string device) ? device : "" };
}
