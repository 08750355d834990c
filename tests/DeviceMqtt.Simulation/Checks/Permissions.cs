using DeviceMqtt.Broker.Words;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>Who was allowed what, and when, as the gateway had read it; what may come to a client by that, and what must.</summary>
internal sealed class Permissions
{
    // What was on its way to a client when its right was taken, and until all Sessions were looked at.
    private const long SlackMs = 2_000;

    private readonly SimWorld _world;
    private readonly Dictionary<string, List<State>> _states = [];
    private readonly Dictionary<(string Client, char Root), List<long>> _grants = [];
    private readonly Dictionary<string, List<long>> _forgotten = [];
    private readonly Dictionary<string, Said> _said = [];
    private readonly HashSet<(string Client, string Id)> _delivered = [];

    public Permissions(SimWorld world, SimUsers users)
    {
        _world = world;
        users.Loaded = Loaded;
    }

    /// <summary>A message as its publisher knows it.</summary>
    /// <param name="id">What it says.</param>
    /// <param name="publisher">Who has published it.</param>
    /// <param name="topic">Its first letter says who may have it.</param>
    /// <param name="atMs">When it was sent first.</param>
    public sealed class Said(string id, string publisher, string topic, long atMs)
    {
        public string Id => id;

        public string Publisher => publisher;

        public string Topic => topic;

        public char Root => topic[0];

        public long AtMs => atMs;

        /// <summary>Negative until then.</summary>
        public long AcknowledgedMs { get; set; } = -1;
    }

    private sealed record State(long FromMs, SimUsers.User? User, bool IsKnown);

    public int Delivered => _delivered.Count;

    public int Acknowledged => _said.Values.Count(static s => s.AcknowledgedMs >= 0);

    public void Published(Said said)
    {
        _said.Add(said.Id, said);
        _world.Tell($"{said.Publisher} publishes {said.Id} to {said.Topic}");
    }

    public void AcknowledgedBy(string id)
    {
        if (_said[id].AcknowledgedMs < 0)
            _said[id].AcknowledgedMs = _world.NowMs;
        _world.Tell($"{id} is acknowledged");
    }

    /// <summary>From now on what it may have must arrive.</summary>
    public void Granted(string client, char root)
    {
        _world.Tell($"{client} is subscribed to {root}");
        List(_grants, (client, root)).Add(_world.NowMs);
    }

    /// <summary>An operator has a client forgotten that is away: its Session is over.</summary>
    public void Forgotten(string client) => List(_forgotten, client).Add(_world.NowMs);

    public void DeliveredTo(string client, string topic, string id)
    {
        _world.Tell($"{client} gets {id}");
        Truth.Expect(_said.TryGetValue(id, out Said? said) && said.Topic == topic, $"{client} got '{id}' under {topic}, which nobody published there");
        Truth.Expect(Between(client, _world.NowMs - SlackMs, _world.NowMs).Any(s => s.User?.Topics.Contains(said!.Root) == true), $"{client} got {id} under {topic}, which it may not have");
        long routedMs = said!.AcknowledgedMs < 0 ? _world.NowMs : said.AcknowledgedMs;
        Truth.Expect(Between(client, _world.NowMs - SlackMs, _world.NowMs).Any(s => s.User is { } user && SinceWhen(client, user.Id) <= routedMs), $"{client} got {id}, which was for the user of that name before it");
        Truth.Expect(Between(said.Publisher, said.AtMs, _world.NowMs).Any(s => s.User?.Topics.Contains(said.Root) == true), $"{client} got {id} under {topic}, where {said.Publisher} may not publish");
        _ = _delivered.Add((client, id));
    }

    /// <summary>Whether a client had a role at some time between.</summary>
    public bool HadRole(string client, ClientRole role, long fromMs, long toMs) => Between(client, fromMs, toMs).Any(s => s.User?.Role == role);

    /// <summary>Everything is quiet: what was acknowledged is there, unless its receiver is another, may not have it any more, or was forgotten.</summary>
    /// <returns>How many are not there for such a reason: the ledger knows them.</returns>
    public int CheckDelivered()
    {
        int explained = 0;
        foreach (Said said in _said.Values.Where(s => s.AcknowledgedMs >= 0 && Lasted(s.Publisher, s.Root, s.AtMs - SlackMs, s.AcknowledgedMs + SlackMs)))
            foreach (((string client, char root), List<long> grants) in _grants)
            {
                if (root != said.Root || _delivered.Contains((client, said.Id)))
                    continue;
                Truth.Expect(!grants.Exists(g => g <= said.AtMs && Lasted(client, root, g, _world.NowMs)), $"{said.Id} on {said.Topic} was acknowledged, and {client} never got it");
                explained += grants.Exists(g => g <= said.AtMs && Lasted(client, root, g, said.AcknowledgedMs + SlackMs)) ? 1 : 0;
            }

        return explained;
    }

    private void Loaded(IReadOnlyDictionary<string, SimUsers.User>? users)
    {
        foreach (string name in _states.Keys.Union(users?.Keys ?? []).ToArray())
        {
            List<State> states = List(_states, name);
            // What cannot be read does not change who somebody is.
            SimUsers.User? now = users is null ? states.LastOrDefault()?.User : users.GetValueOrDefault(name);
            states.Add(new State(_world.NowMs, now, users is not null));
        }
    }

    // One user of that name, with that right, all the time, and not forgotten.
    private bool Lasted(string client, char root, long fromMs, long toMs)
    {
        State[] states = [.. Between(client, fromMs, toMs)];
        return states.Length > 0 && states.All(s => s.User?.Topics.Contains(root) == true && s.User.Id == states[0].User!.Id) && !List(_forgotten, client).Exists(f => f >= fromMs && f <= toMs);
    }

    private long SinceWhen(string client, long id) => _states[client].First(s => s.User?.Id == id).FromMs;

    private IEnumerable<State> Between(string client, long fromMs, long toMs)
    {
        List<State> states = List(_states, client);
        for (int i = 0; i < states.Count; i++)
            if (states[i].FromMs <= toMs && (i + 1 == states.Count || states[i + 1].FromMs >= fromMs))
                yield return states[i];
    }

    private static List<TValue> List<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out List<TValue>? list))
            lists[key] = list = [];
        return list;
    }
}
