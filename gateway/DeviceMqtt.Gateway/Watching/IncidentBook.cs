using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>What went wrong of late, by kind and by whom it concerns; bounded, and forgotten after a day. Owned by the turn.</summary>
internal sealed class IncidentBook(WallClock clock)
{
    /// <summary>Incidents of one kind that are kept. Chosen: more than anybody reads. Who makes many of one kind keeps none of another away.</summary>
    public const int IncidentsOfKindMax = 30;

    // Of each text. Chosen: Client Identifiers of ours fit; a Topic Name may have 65,535, and hundreds of those are the memory of a small board.
    private const int CharactersMax = 200;

    private const long ForgottenMs = 24 * 3_600_000;
    private readonly Dictionary<string, Incident>?[] _byKind = new Dictionary<string, Incident>?[Enum.GetValues<IncidentKind>().Length];

    public IEnumerable<Incident> All => _byKind.Where(static ofKind => ofKind is not null).SelectMany(static ofKind => ofKind!.Values);

    public void Add(IncidentKind kind, string subject, string where = "", string detail = "")
    {
        long now = clock.NowMs;
        if (Find(kind, subject) is not { } incident)
        {
            Dictionary<string, Incident> ofKind = _byKind[(int)kind] ??= new(StringComparer.Ordinal);
            if (ofKind.Count >= IncidentsOfKindMax)
                _ = ofKind.Remove(ofKind.MinBy(static i => i.Value.LastMs).Key); // what happens now has a place, also where a stranger has taken all
            string name = Short(subject);
            ofKind.Add(name, incident = new Incident(kind, name, now));
        }

        incident.Count++;
        incident.LastMs = now;
        if (where.Length > 0)
            incident.Where = Short(where);
        if (detail.Length > 0)
            incident.Detail = Short(detail);
    }

    public Incident? Find(IncidentKind kind, string subject) => _byKind[(int)kind]?.GetValueOrDefault(Short(subject));

    /// <summary>Forgets what was long ago, in running time.</summary>
    public void Beat()
    {
        long before = clock.NowMs - ForgottenMs;
        foreach (Dictionary<string, Incident>? ofKind in _byKind)
            if (ofKind is not null)
                foreach ((string name, Incident incident) in ofKind)
                    if (incident.LastMs < before)
                        _ = ofKind.Remove(name);
    }

    private static string Short(string text) => text.Length <= CharactersMax ? text : text[..CharactersMax];
}
