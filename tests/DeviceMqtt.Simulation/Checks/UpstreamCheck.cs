using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Upstreams;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>What one upstream was to get, and what it got.</summary>
/// <param name="world">Tells the time.</param>
/// <param name="truth">Knows what was published.</param>
/// <param name="kind">What it is.</param>
/// <param name="selects">Whether the rules send a topic there.</param>
internal sealed class UpstreamCheck(SimWorld world, Truth truth, UpstreamKind kind, Func<string, bool> selects)
{
    private const long SlackMs = 5_000; // on the wire, and until the gateway looks at its clock
    private const long NoticedMs = 30_000; // what was on its way at QoS 1, and what the gateway was to be told again of
    private readonly Dictionary<string, (int ExactlyOnce, int Losses)> _arrived = [];
    private readonly Dictionary<(string Publisher, string Topic, QoS QoS), int> _last = [];
    private readonly Dictionary<(string Publisher, string Topic, QoS QoS), int> _lastSentAt = [];
    private readonly HashSet<string> _refused = [];
    private readonly string _name = kind.Name;
    private int _losses;
    private long _restoredMs = -1;
    private long _anewMs;
    private int _notTold; // the last loss that the gateway cannot know of
    private long _notToldMs = long.MinValue / 2;

    /// <summary>After which a message is not sent any more; 0 where it is sent at any time.</summary>
    public Func<Publication, int> LifeSeconds { get; init; } = static _ => 0;

    /// <summary>QoS 2 messages that came more than once, after the upstream had lost its Session and the gateway was told.</summary>
    public int Twice { get; private set; }

    public int Count => _arrived.Count;

    public void SessionLost()
    {
        _losses++;
        if (_restoredMs > _anewMs)
            _anewMs = world.NowMs;
    }

    /// <summary>The upstream has let go what it had open from before the restore: from here on it gets QoS 2.</summary>
    public void BeganAnew() => _anewMs = Math.Max(_anewMs, world.NowMs);

    /// <summary>The gateway was restored: until the upstream begins anew it gets QoS 1 at most.</summary>
    public void Restored() => _restoredMs = world.NowMs;

    /// <summary>The gateway never got the CONNACK that said that the Session was lost: what comes twice for that it cannot count, and where it was its first one it knows nothing of the Session, and frees its identifiers first.</summary>
    public void LossWasNotTold() => (_notTold, _notToldMs) = (_losses, world.NowMs);

    /// <summary>The order of what was refused once is nobody's promise, nor that it comes only once.</summary>
    public void Refused(string id) => _refused.Add(id);

    /// <param name="topic">Under which it came.</param>
    /// <param name="id">Of the message.</param>
    /// <param name="qos">At which it came.</param>
    /// <param name="payload">All of it.</param>
    /// <param name="isAgain">With DUP set: it was on its way before.</param>
    public void Arrived(string topic, string id, QoS qos, string payload, bool isAgain)
    {
        world.Tell($"{_name} gets {id} QoS {(int)qos}");
        Truth.Expect(truth.Find(id) is not null, $"{_name} got '{id}', which nobody published");
        Publication publication = truth.Find(id)!;
        Truth.Expect(topic == publication.Topic && selects(topic), $"{_name} got {id} under {topic}, and it was published to {publication.Topic}");
        Truth.CheckContents(_name, publication, payload);
        CheckNotLate(publication, isAgain);
        // The rule for these topics sends exactly once what was published so.
        bool isExactlyOnce = publication.QoS == QoS.ExactlyOnce && topic.StartsWith("t/", StringComparison.Ordinal);
        Truth.Expect(qos == QoS.ExactlyOnce || !isExactlyOnce || kind.HasOldSessions || publication.AtMs <= _notToldMs + NoticedMs || (_restoredMs >= 0 && (_restoredMs > _anewMs || publication.AtMs <= _anewMs + NoticedMs)), $"{_name} got {id} at QoS {(int)qos}");
        // To a node with an old Session it goes at QoS 1, which may come any number of times and says nothing of those of QoS 2.
        bool isFirst = !_arrived.ContainsKey(id);
        (int count, int losses) = _arrived.GetValueOrDefault(id, (0, _losses));
        _arrived[id] = (count + (qos == QoS.ExactlyOnce ? 1 : 0), losses);
        if (!isFirst)
        {
            if (count == 0 || qos != QoS.ExactlyOnce || !publication.IsDurable || publication.MayComeTwice || _refused.Contains(id))
                return;
            Twice += losses < _notTold ? 0 : 1;
            Truth.Expect(count + 1 <= 1 + _losses - losses, $"{_name} got {id}, of QoS 2, {count + 1} times, and lost its Session {_losses - losses} times since");
            return;
        }

        // One that a gateway dropped for a bound, and whose acknowledgement the gateway below never noted, because it was killed before: that sends it again, behind later ones that found room (seed 265 with small bounds).
        if (_refused.Contains(id) || publication.MayBeRefused || publication.MayComeTwice || truth.DroppedForBound(_name, id) > 0)
            return;
        var line = (publication.Publisher, topic, publication.QoS);
        Truth.Expect(_last.GetValueOrDefault(line, -1) < publication.Number, $"{_name} got {id} behind number {_last.GetValueOrDefault(line)} of the same publisher and topic");
        _last[line] = publication.Number;
        // Published at different QoS, and sent at the same [MQTT-4.6.0-6].
        var sent = (publication.Publisher, topic, qos);
        Truth.Expect(_lastSentAt.GetValueOrDefault(sent, -1) < publication.Number, $"{_name} got {id}, sent at QoS {(int)qos}, behind number {_lastSentAt.GetValueOrDefault(sent)} of the same publisher and topic, sent at the same");
        _lastSentAt[sent] = publication.Number;
    }

    private void CheckNotLate(Publication publication, bool isAgain)
    {
        int lifeSeconds = LifeSeconds(publication);
        if (lifeSeconds == 0 || isAgain || !publication.IsAcknowledged)
            return;
        long lateMs = world.NowMs - publication.AcknowledgedMs - (lifeSeconds * 1000L) - truth.NotCountedSince(publication.AcknowledgedMs);
        Truth.Expect(lateMs < SlackMs, $"{_name} got {publication.Id} {lateMs} ms after it had expired");
    }

    /// <summary>Everything is quiet: what was acknowledged is there, or aside.</summary>
    public void CheckArrived(IReadOnlySet<string> aside, IReadOnlySet<string> dropped)
    {
        foreach (Publication publication in truth.All.Where(p => p.IsAcknowledged && p.QoS != QoS.AtMostOnce && selects(p.Topic) && LifeSeconds(p) == 0 && !truth.MayBeLost(p)))
            Truth.Expect(_arrived.ContainsKey(publication.Id) || aside.Contains(publication.Id) || dropped.Contains(publication.Id) || truth.DroppedForBound(_name, publication.Id) > 0, $"{publication.Id} on {publication.Topic} was acknowledged, and {_name} never got it");
    }
}
