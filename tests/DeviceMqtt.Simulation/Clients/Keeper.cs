using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>
/// What a client with a Session that is kept does to have all that is retained, again and again: it subscribes, takes what it is owed, and when that is all,
/// and nothing more has come for a while, it asks once more. Checks that the rest comes whatever happens in between: none missing, none twice at QoS 2, and
/// no older state behind a newer one.
/// </summary>
/// <param name="client">Whose subscription it is.</param>
/// <param name="world">Tells the time.</param>
/// <param name="truth">Knows what was published.</param>
/// <param name="known">What was acknowledged last, by topic, of all publishers.</param>
internal sealed class Keeper(SimClient client, SimWorld world, Truth truth, Func<IEnumerable<(string Topic, int Acknowledged)>> known)
{
    /// <summary>The topics are below this level; each is one publisher's, at one QoS.</summary>
    public const string Root = "k/";

    private const ushort SubscribeId = 60_001;
    private const ushort UnsubscribeId = 60_002;
    private const long FirstMs = 20_000;
    private const long QuietMs = 2_500;

    private readonly Dictionary<string, int> _owed = [];
    private readonly Dictionary<string, int> _last = [];
    private readonly Dictionary<string, int> _given = []; // retained, at QoS 2, since it asked
    private readonly HashSet<string> _seen = [];
    private Step _step;
    private long _quietSinceMs;
    private int _asked;

    private enum Step
    {
        Waits,
        Unsubscribes,
        Subscribes,
        IsSubscribed,
    }

    // A 5.0 client asks for what is retained only with a new subscription, and subscribes each time it is back; a 3.1.1 client cannot say that.
    private bool SubscribesEachTime => client.Kind.Version == ProtocolVersion.V5;

    /// <summary>Runs as it asks for what is retained: something may happen in the middle.</summary>
    public Action Asking { get; set; } = static () => { };

    public bool IsSettled => _step == Step.IsSubscribed && _owed.Count == 0;

    /// <summary>How often it has had everything.</summary>
    public int Rounds { get; private set; }

    /// <summary>No more rounds.</summary>
    public bool IsCalm { get; set; }

    public void Tick()
    {
        foreach (string topic in _owed.Keys.Where(truth.NotRetained.Contains).ToArray())
            _ = _owed.Remove(topic);
        if (!client.IsOn || world.NowMs < FirstMs)
            return;
        if (_step == Step.Waits)
            Ask();
        else if (_step == Step.Unsubscribes)
            SendUnsubscribe(); // there was no room
        else if (_step == Step.IsSubscribed && !IsCalm && _owed.Count == 0 && world.NowMs - _quietSinceMs > QuietMs)
            AskAgain();
    }

    public void Connected()
    {
        if (_step == Step.Unsubscribes)
            SendUnsubscribe();
        else if (_step == Step.Subscribes || (_step == Step.IsSubscribed && SubscribesEachTime))
            SendSubscribe();
    }

    public void Unsubscribed(in Frame frame)
    {
        Truth.Expect(UnsubAckPacket.TryDecode(frame, client.Kind.Version, out UnsubAckPacket? packet, out _), "a malformed UNSUBACK");
        if (_step != Step.Unsubscribes || packet!.ReasonCodes[0] >= ReasonCode.UnspecifiedError)
            return;
        truth.Subscriptions.Ended(client.Kind.Id, Root + "#");
        Ask();
    }

    public void Subscribed(in Frame frame)
    {
        Truth.Expect(SubAckPacket.TryDecode(frame, client.Kind.Version, out SubAckPacket? packet, out _), "a malformed SUBACK");
        bool isRefused = packet!.ReasonCodes[0] >= ReasonCode.UnspecifiedError;
        world.Tell($"{client.Kind.Id} is {(isRefused ? "refused" : "subscribed")}, and owed {_owed.Count}");
        if (!isRefused)
            _step = Step.IsSubscribed;
        else if (_step == Step.Subscribes)
            _step = SubscribesEachTime ? Step.Unsubscribes : Step.Waits; // no room: a later try; there may be one of a SUBSCRIBE that nobody answered
    }

    public void Got(string topic, string id, QoS qos, bool isRetained, bool isNew)
    {
        if (!topic.StartsWith(Root, StringComparison.Ordinal))
            return;
        _quietSinceMs = world.NowMs;
        int number = int.Parse(id.Split(':')[1]);
        world.Tell($"{client.Kind.Id} gets {id} QoS {(int)qos} of {topic}{(isRetained ? ", retained" : "")}{(isNew ? "" : ", again")}");
        if (!isNew)
            return;
        // What comes again at QoS 1 may be older.
        bool isFirst = _seen.Add(id);
        // One that is not acknowledged may be on the disk for who waits for it, and not as what is retained: the power went between the two. Its publisher sends it again.
        bool isBehindUnacknowledged = isRetained && truth.Find($"{id.Split(':')[0]}:{_last.GetValueOrDefault(topic)}") is { IsAcknowledged: false };
        Truth.Expect(number >= _last.GetValueOrDefault(topic) || (qos != QoS.ExactlyOnce && !isFirst) || isBehindUnacknowledged, $"{client.Kind.Id} got {id} of {topic} behind number {_last.GetValueOrDefault(topic)}");
        _last[topic] = Math.Max(number, _last.GetValueOrDefault(topic));
        if (_owed.TryGetValue(topic, out int least) && number >= least)
            _ = _owed.Remove(topic);
        if (!isRetained || qos != QoS.ExactlyOnce || truth.Find(id) is not { IsDurable: true })
            return;
        int times = _given[id] = _given.GetValueOrDefault(id) + 1;
        Truth.Expect(times <= _asked, $"{client.Kind.Id} got {id} of {topic}, which is retained and of QoS 2, {times} times, and asked {_asked} times");
    }

    /// <summary>A message for this client was dropped because a bound was reached: it had taken the place of what is owed.</summary>
    public void Dropped(string topic) => _owed.Remove(topic);

    public void CheckAllCame() =>
        Truth.Expect(_owed.Count == 0, $"{client.Kind.Id} was to get what is retained, and never got {string.Join(", ", _owed.Take(5).Select(static o => $"{o.Key} from number {o.Value}"))}: {_owed.Count} in all");

    private void AskAgain()
    {
        Rounds++;
        if (!SubscribesEachTime)
        {
            Ask();
            return;
        }

        _step = Step.Unsubscribes;
        SendUnsubscribe();
    }

    private void Ask()
    {
        _step = Step.Subscribes;
        _given.Clear();
        _asked = 0;
        _owed.Clear();
        foreach ((string topic, int acknowledged) in known().Where(k => k.Topic.StartsWith(Root, StringComparison.Ordinal) && k.Acknowledged > 0 && !truth.NotRetained.Contains(k.Topic)))
            _owed[topic] = acknowledged;
        SendSubscribe();
        Asking();
    }

    private void SendSubscribe()
    {
        world.Tell($"{client.Kind.Id} subscribes to what is retained");
        truth.Subscriptions.Asked(client.Kind.Id, Root + "#", isDurable: true);
        // With a subscription that is there already nothing is owed anew.
        _asked = SubscribesEachTime ? 1 : _asked + 1;
        _ = TopicFilter.TryParse(Root + "#", out TopicFilter filter, out _);
        SubscriptionRequest request = new(filter, QoS.ExactlyOnce, NoLocal: false, RetainAsPublished: false, SubscribesEachTime ? RetainHandling.SendIfNewSubscription : RetainHandling.SendAtSubscribe);
        client.Send(w => new SubscribePacket { PacketId = SubscribeId, Requests = [request] }.Write(w, client.Kind.Version));
    }

    private void SendUnsubscribe()
    {
        world.Tell($"{client.Kind.Id} unsubscribes");
        _ = TopicFilter.TryParse(Root + "#", out TopicFilter filter, out _);
        client.Send(w => new UnsubscribePacket { PacketId = UnsubscribeId, Filters = [filter] }.Write(w, client.Kind.Version));
    }
}
