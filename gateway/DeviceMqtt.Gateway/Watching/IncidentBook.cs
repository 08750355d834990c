using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>What went wrong of late, by kind and by whom it concerns; bounded, and forgotten after a day. Owned by the turn.</summary>
internal sealed class IncidentBook(WallClock clock)
{
    /// <summary>Incidents that are kept.</summary>
    public const int IncidentsMax = 500;

    // Of each text. Chosen: Client Identifiers of ours fit; a Topic Name may have 65,535, and 500 of those are the memory of a small board.
    private const int CharactersMax = 200;

    private const long ForgottenMs = 24 * 3_600_000;
    private readonly Dictionary<string, Incident> _all = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Incident> All => _all.Values;

    public void Add(IncidentKind kind, string subject, string where = "", string detail = "")
    {
        long now = clock.NowUnixMs;
        if (Find(kind, subject) is not { } incident)
        {
            if (_all.Count >= IncidentsMax)
                return; // the first ones are the cause, more often than not; old ones go with the beat
            _all.Add(KeyOf(kind, subject), incident = new Incident(kind, Short(subject), now));
        }

        incident.Count++;
        incident.LastUnixMs = now;
        if (where.Length > 0)
            incident.Where = Short(where);
        if (detail.Length > 0)
            incident.Detail = Short(detail);
    }

    public Incident? Find(IncidentKind kind, string subject) => _all.GetValueOrDefault(KeyOf(kind, subject));

    /// <summary>Forgets what was long ago.</summary>
    public void Beat()
    {
        long before = clock.NowUnixMs - ForgottenMs;
        foreach ((string key, Incident incident) in _all)
            if (incident.LastUnixMs < before)
                _ = _all.Remove(key);
    }

    // One text, and no pair: a dictionary of pairs would be compiled at each start.
    private static string KeyOf(IncidentKind kind, string subject) => $"{(int)kind} {Short(subject)}";

    private static string Short(string text) => text.Length <= CharactersMax ? text : text[..CharactersMax];
}
