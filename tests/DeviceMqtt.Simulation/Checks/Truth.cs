using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>
/// What clients were promised and what they got. Told each step by the clients, which share no code with the broker but the
/// codec; breaks the run at the first promise that is not kept.
/// </summary>
internal sealed class Truth
{
    private readonly SimWorld _world;
    private readonly Dictionary<string, Publication> _publications = [];
    private readonly Dictionary<string, List<Publication>> _equal = []; // by payload
    private readonly Dictionary<(string Filter, string Owner), long> _subscriptions = [];
    private readonly Dictionary<(string Owner, string Id), int> _deliveries = [];
    private readonly Dictionary<(string Owner, string Publisher, string Topic, QoS QoS), int> _last = [];
    private readonly Dictionary<(string Owner, string Publisher, string Topic, QoS QoS), int> _lastSentAt = [];

    public Truth(SimWorld world)
    {
        _world = world;
        world.Refused += RefusedOf;
    }

    /// <summary>Whether a gateway that has a message may have ended since it was published.</summary>
    public Func<long, bool> HasEndedSince { get; set; } = static _ => false;

    public int Acknowledged { get; private set; }

    public int Delivered { get; private set; }

    public IEnumerable<Publication> All => _publications.Values;

    public static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new BrokenPromiseException(otherwise);
    }

    public Publication? Find(string id) => _publications.GetValueOrDefault(id);

    public void Published(Publication publication)
    {
        _publications.Add(publication.Id, publication);
        if (publication.IsOneOfEqual)
            EqualTo(publication.Payload).Add(publication);
        _world.Tell($"{publication.Publisher} publishes {publication.Id} QoS {(int)publication.QoS} to {publication.Topic}");
    }

    public void AcknowledgedBy(Publication publication)
    {
        publication.IsAcknowledged = true;
        Acknowledged++;
        _world.Tell($"{publication.Id} is acknowledged");
    }

    /// <summary>From now on what matches must arrive.</summary>
    /// <param name="owner">The Client Identifier, or the group of a shared subscription.</param>
    /// <param name="filter">A Topic Name, or the level above with <c>/#</c>.</param>
    public void Subscribed(string owner, string filter) => _ = _subscriptions.TryAdd((filter, owner), _world.NowMs);

    /// <param name="owner">The Client Identifier, or the group of a shared subscription.</param>
    /// <param name="isShared">It is a group.</param>
    /// <param name="id">Of the message.</param>
    /// <param name="qos">At which it came.</param>
    /// <param name="isDurable">The Session of who got it was kept.</param>
    public void DeliveredTo(string owner, bool isShared, string id, QoS qos, bool isDurable)
    {
        Delivered++;
        _world.Tell($"{owner} gets {id} QoS {(int)qos}");
        if (_equal.TryGetValue(id, out List<Publication>? equal))
        {
            int came = _deliveries[(owner, id)] = _deliveries.GetValueOrDefault((owner, id)) + 1;
            Expect(came <= equal.Count || !isDurable || equal.Exists(static p => p.MayComeTwice), $"{owner} got {id} {came} times, and {equal.Count} were published");
            return;
        }

        Expect(_publications.TryGetValue(id, out Publication? publication), $"{owner} got '{id}', which nobody published");
        int count = _deliveries[(owner, id)] = _deliveries.GetValueOrDefault((owner, id)) + 1;
        if (qos == QoS.ExactlyOnce && isDurable && publication is { IsDurable: true, MayComeTwice: false })
            Expect(count == 1, $"{owner} got {id}, of QoS 2, {count} times");
        if (isShared || count > 1 || publication!.MayComeTwice || publication.MayBeRefused)
            return;
        var line = (owner, publication!.Publisher, publication.Topic, publication.QoS);
        int last = _last.GetValueOrDefault(line, -1);
        Expect(last < publication.Number, $"{owner} got {id} behind number {last} of the same publisher and topic");
        _last[line] = publication.Number;
        // Published at different QoS, and sent at the same [MQTT-4.6.0-6]: a subscription at QoS 1 gets those of QoS 1 and 2 in one order.
        // Not those of QoS 0: one that a gateway above has no room for comes again behind later ones that found room, and nobody waits for it (seed 16 with upstreams).
        if (publication.QoS == QoS.AtMostOnce)
            return;
        var sent = (owner, publication.Publisher, publication.Topic, qos);
        last = _lastSentAt.GetValueOrDefault(sent, -1);
        Expect(last < publication.Number, $"{owner} got {id}, sent at QoS {(int)qos}, behind number {last} of the same publisher and topic, sent at the same");
        _lastSentAt[sent] = publication.Number;
    }

    /// <summary>It was in memory alone, and a gateway has ended since.</summary>
    public bool MayBeLost(Publication publication) => publication.IsVolatile && HasEndedSince(publication.AtMs);

    /// <summary>Everything is quiet: what was acknowledged has arrived.</summary>
    public void CheckDelivered()
    {
        foreach (Publication publication in _publications.Values.Where(p => p.IsAcknowledged && p.QoS != QoS.AtMostOnce && !MayBeLost(p)))
            foreach (((string filter, string owner), long sinceMs) in _subscriptions)
                if (!publication.IsOneOfEqual && sinceMs <= publication.AtMs && Matches(filter, publication.Topic))
                    Expect(_deliveries.ContainsKey((owner, publication.Id)), $"{publication.Id} on {publication.Topic} was acknowledged, and {owner} never got it");
    }

    /// <summary>Of messages that say the same as many have come as were acknowledged.</summary>
    public void CheckEqualDelivered()
    {
        foreach ((string payload, List<Publication> equal) in _equal)
            foreach (((string filter, string owner), long sinceMs) in _subscriptions)
            {
                int due = equal.Count(p => p.IsAcknowledged && sinceMs <= p.AtMs && Matches(filter, p.Topic));
                Expect(_deliveries.GetValueOrDefault((owner, payload)) >= due, $"{due} of '{payload}' were acknowledged, and {owner} got {_deliveries.GetValueOrDefault((owner, payload))}");
            }
    }

    private List<Publication> EqualTo(string payload) => _equal.TryGetValue(payload, out List<Publication>? known) ? known : _equal[payload] = [];

    private void RefusedOf(string clientId)
    {
        foreach (Publication publication in _publications.Values)
            if (publication.Publisher == clientId && !publication.IsAcknowledged && publication.QoS != QoS.AtMostOnce)
                publication.MayBeRefused = true;
    }

    private static bool Matches(string filter, string topic) => filter == topic || (filter.EndsWith("/#", StringComparison.Ordinal) && topic.StartsWith(filter[..^1], StringComparison.Ordinal));
}
