using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>
/// What clients were promised and what they got. Told each step by the clients, which share no code with the broker but the
/// codec; breaks the run at the first promise that is not kept.
/// </summary>
internal sealed class Truth
{
    // A gateway passes on whole seconds.
    private const long RoundedMs = 1_000;

    private readonly SimWorld _world;
    private readonly Dictionary<string, Publication> _publications = [];
    private readonly Dictionary<string, List<Publication>> _equal = []; // by payload
    private readonly Dictionary<string, long> _anewMs = [];
    private readonly HashSet<string> _neverTold = [];
    private readonly Dictionary<(string Owner, string Id), int> _deliveries = [];
    private readonly Dictionary<(string Owner, string Publisher, string Topic, QoS QoS), int> _last = [];
    private readonly Dictionary<(string Owner, string Publisher, string Topic, QoS QoS), int> _lastSentAt = [];

    public Truth(SimWorld world)
    {
        _world = world;
        Subscriptions = new Subscriptions(world);
        world.Refused += RefusedOf;
        world.Dropped += Subscriptions.Dropped;
        world.Unretained += topic => NotRetained.Add(topic);
    }

    /// <summary>Topics of which a message once found no room to be retained.</summary>
    public HashSet<string> NotRetained { get; } = [];

    /// <summary>How often a message was dropped for somebody because a bound was reached, where there are small ones.</summary>
    public Func<string, string, int> DroppedForBound { get; set; } = static (_, _) => 0;

    /// <summary>Whether a gateway that has a message may have ended since it was published.</summary>
    public Func<long, bool> HasEndedSince { get; set; } = static _ => false;

    /// <summary>When a gateway has ended last; long ago where none has.</summary>
    public Func<long> LastEndMs { get; set; } = static () => long.MinValue;

    /// <summary>How much of the time since then no gateway may have counted, in milliseconds.</summary>
    public Func<long, long> NotCountedSince { get; set; } = static _ => 0;

    /// <summary>Whether a command may have waited in the Session of its upstream, for all that its gateway can know.</summary>
    public Func<Publication, bool> MayHaveWaitedThere { get; set; } = static _ => false;

    /// <summary>Whether a message goes to a client by two gateways at QoS 2: what was in flight between them goes again also when it has expired, for the other may have its Packet Identifier open.</summary>
    public Func<string, Publication, bool> GoesOnBetweenGateways { get; set; } = static (_, _) => false;

    public Subscriptions Subscriptions { get; }

    public int Acknowledged { get; private set; }

    public int Delivered { get; private set; }

    public IEnumerable<Publication> All => _publications.Values;

    public static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
            throw new BrokenPromiseException(otherwise);
    }

    public Publication? Find(string id) => _publications.GetValueOrDefault(id);

    /// <summary>Those that say the same; null where one says it alone.</summary>
    public List<Publication>? FindEqual(string payload) => _equal.GetValueOrDefault(payload);

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
        publication.AcknowledgedMs = _world.NowMs;
        Acknowledged++;
        _world.Tell($"{publication.Id} is acknowledged");
    }

    /// <summary>From now on what matches must arrive.</summary>
    /// <param name="owner">The Client Identifier, or the group of a shared subscription.</param>
    /// <param name="filter">A Topic Name, or the level above with <c>/#</c>.</param>
    public void Subscribed(string owner, string filter)
    {
        Subscriptions.Asked(owner, filter, isDurable: true);
        Subscriptions.Granted(owner, filter);
    }

    /// <param name="by">Who got it.</param>
    /// <param name="publication">What it should be.</param>
    /// <param name="payload">What it is.</param>
    public static void CheckContents(string by, Publication publication, string payload) =>
        Expect(publication.IsLimitedCommand ? payload == publication.Payload : Payloads.Is(payload, publication.Id, publication.Padding), $"{by} got {publication.Id} with other contents than it was published with: {payload.Length} characters");

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
            Expect(came <= equal.Count || !isDurable || qos != QoS.ExactlyOnce || equal.Exists(static p => p.MayComeTwice), $"{owner} got {id} {came} times, and {equal.Count} were published");
            return;
        }

        Expect(_publications.TryGetValue(id, out Publication? publication), $"{owner} got '{id}', which nobody published");
        Expect(!publication!.IsStaleCommand, $"{owner} got {id}, a command that waited in the image from which the gateway was restored");
        int count = _deliveries[(owner, id)] = _deliveries.GetValueOrDefault((owner, id)) + 1;
        bool isOfBefore = publication.AtMs <= _anewMs.GetValueOrDefault(owner, -1) || _neverTold.Contains(owner);
        if (qos == QoS.ExactlyOnce && isDurable && !isOfBefore && publication is { IsDurable: true, MayComeTwice: false })
            Expect(count == 1, $"{owner} got {id}, of QoS 2, {count} times");
        // One that was dropped for a bound, and whose acknowledgement did not arrive, comes again behind later ones that found room (seed 12 with upstreams and small bounds).
        // So does a command that was taken for too old, and that its upstream sends again to a gateway that has ended before it had acknowledged it: that takes it for younger (seeds 103 and 145 with upstreams).
        if (isShared || isOfBefore || count > 1 || publication!.MayComeTwice || publication.MayBeRefused || DroppedForBound(owner, id) > 0 || MayHaveBeenTooOld(publication))
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
    public bool MayBeLost(Publication publication) => publication.IsOfLostTime || (publication.IsVolatile && HasEndedSince(publication.AtMs));

    /// <summary>
    /// A gateway goes on with what it was at an earlier moment. What was acknowledged since may be lost; what was acknowledged before is not, and may come again; commands of before do not. What is
    /// not acknowledged is with its publisher still.
    /// </summary>
    /// <param name="imageMs">The moment.</param>
    public void Restored(long imageMs)
    {
        foreach (Publication publication in _publications.Values)
        {
            publication.MayComeTwice = true;
            bool isCommand = publication.Topic.StartsWith("dm/p2p/", StringComparison.Ordinal);
            publication.IsStaleCommand |= isCommand && publication.IsAcknowledged;
            publication.IsOfLostTime |= publication.IsAcknowledged && (isCommand || publication.AcknowledgedMs > imageMs);
        }
    }

    /// <summary>
    /// A client was told that there is no Session: what it had of before may come again, and so may what it publishes once more. Until it has answered it is told so at each connection.
    /// </summary>
    public void BeganAnew(string clientId)
    {
        _anewMs[clientId] = _world.NowMs;
        foreach (Publication publication in _publications.Values)
            if (publication.Publisher == clientId && !publication.IsAcknowledged)
                publication.MayComeTwice = true;
    }

    /// <summary>The client cannot be told that there is no Session: what comes to it at QoS 2 may come twice from now on.</summary>
    public void IsNeverTold(string clientId) => _neverTold.Add(clientId);

    /// <summary>Commands that were acknowledged and never arrived; of those that say the same nobody knows which.</summary>
    public int NeverArrived(Func<Publication, bool> which) => _publications.Values.Count(p => which(p) && !p.IsOneOfEqual && !_deliveries.Keys.Any(d => d.Id == p.Id));

    /// <summary>Everything is quiet: what was acknowledged has arrived.</summary>
    public void CheckDelivered()
    {
        foreach (Publication publication in Due.Where(static p => !p.IsOneOfEqual))
            foreach ((string owner, bool isDurable) in Subscriptions.Musts(publication))
                Expect(_deliveries.ContainsKey((owner, publication.Id)) || (isDurable && DroppedForBound(owner, publication.Id) > 0), $"{publication.Id} on {publication.Topic} was acknowledged, and {owner} never got it{(isDurable ? "" : ", while it was there with its clean Session")}");
    }

    /// <summary>Of messages that say the same as many have come as were acknowledged.</summary>
    public void CheckEqualDelivered()
    {
        var due = Due.Where(static p => p.IsOneOfEqual).SelectMany(p => Subscriptions.Musts(p).Select(must => must.Owner).Distinct().Select(owner => (owner, p.Payload))).CountBy(static d => d);
        foreach (((string owner, string payload), int count) in due)
            Expect(_deliveries.GetValueOrDefault((owner, payload)) + DroppedForBound(owner, payload) >= count, $"{count} of '{payload}' were acknowledged, and {owner} never got more than {_deliveries.GetValueOrDefault((owner, payload))} of them");
    }

    /// <summary>How many messages durable Sessions were to get and never got.</summary>
    public int CountMissing() =>
        Due.Where(static p => !p.IsOneOfEqual).Sum(p => Subscriptions.Musts(p).Where(must => must.IsDurable && !_deliveries.ContainsKey((must.Owner, p.Id))).DistinctBy(static must => must.Owner).Count());

    /// <summary>A gateway lets a message go because its time is over: it is.</summary>
    /// <param name="owner">Whose it was to be.</param>
    /// <param name="id">Its first words.</param>
    /// <param name="lifeSeconds">How long it had; 0 for longer than any run.</param>
    public void CheckExpired(string owner, string id, int lifeSeconds)
    {
        if (Find(id) is not { } publication)
            return;
        _world.Tell($"{id} has expired for {owner}");
        publication.HasExpired = true;
        long agedMs = _world.NowMs - publication.AtMs;
        // One that may have waited upstream is taken for as old as the link was down.
        bool isOver = agedMs > (lifeSeconds * 1000L) - RoundedMs || (publication.IsLimitedCommand && MayHaveWaitedThere(publication));
        Expect(lifeSeconds > 0 && isOver, $"{id} has expired for {owner} after {agedMs} ms, and had {(lifeSeconds > 0 ? $"{lifeSeconds} s" : "no end")}");
    }

    private IEnumerable<Publication> Due => _publications.Values.Where(p => p.IsAcknowledged && p.QoS != QoS.AtMostOnce && !MayBeLost(p));

    private bool MayHaveBeenTooOld(Publication publication) =>
        publication.IsLimitedCommand && (publication.HasExpired || (HasEndedSince(publication.AtMs) && MayHaveWaitedThere(publication)));

    private List<Publication> EqualTo(string payload) => _equal.TryGetValue(payload, out List<Publication>? known) ? known : _equal[payload] = [];

    private void RefusedOf(string clientId)
    {
        foreach (Publication publication in _publications.Values)
            if (publication.Publisher == clientId && !publication.IsAcknowledged && publication.QoS != QoS.AtMostOnce)
                publication.MayBeRefused = true;
    }
}
