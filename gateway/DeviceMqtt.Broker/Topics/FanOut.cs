using System.Collections;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// A message that is more than one turn may do: those to whom it has yet to go, and what has become of it until now. Whom it is for is the route's own list as it was, without a copy of it.
/// Owned by the turn.
/// </summary>
internal sealed class FanOut
{
    private readonly Recipient[] _recipients;
    private readonly long _version;
    private readonly Subscriber? _publisher;
    private readonly List<(Recipient Recipient, SharedGroup Group)> _chosen = [];
    private readonly List<ISlowReader> _holdingBack = [];
    private BitArray? _served; // of the recipients; null before one was out of its turn
    private HashSet<Subscriber>? _subscribers; // of the route as it is now, where it has changed since
    private long _subscribersVersion;
    private int _next;
    private int _nextChosen;
    private TurnSignal _done;
    private bool _isReleased;

    /// <param name="publication">What goes out.</param>
    /// <param name="recipients">Whom it is for, but for those who share a subscription.</param>
    /// <param name="next">Those before this one have it.</param>
    public FanOut(ref Publication publication, Recipient[] recipients, int next)
    {
        (Route, _version) = (publication.Route, publication.Route.Version);
        (_recipients, _next, _publisher) = (recipients, next, publication.Publisher);
        (Owner, HoldsPublisher) = (publication.PaidBy, publication.HoldsPublisher);
        Message = publication.Hold();
        HasDurable = publication.IsAllToGoLater;
        HasToBeKept = HasDurable && publication is { QoS: not QoS.AtMostOnce, HasToBeKept: true };
    }

    /// <summary>Where it goes.</summary>
    public Route Route { get; }

    /// <summary>Who pays for it; null for the gateway.</summary>
    public Owner? Owner { get; }

    /// <inheritdoc cref="Publication.HoldsPublisher"/>
    public bool HoldsPublisher { get; }

    /// <summary>What goes out.</summary>
    public Message Message { get; }

    /// <summary>It has gone to all.</summary>
    public bool IsDone => _next == _recipients.Length && _nextChosen == _chosen.Count;

    /// <summary>Bytes that it takes in memory, as they were counted.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Those that were chosen of shared subscriptions.</summary>
    public int Chosen => _chosen.Count;

    /// <summary>Whom it is for.</summary>
    public int Recipients => _recipients.Length;

    /// <summary>Some for Sessions that outlive their connection may be among what is left.</summary>
    public bool HasDurable { get; set; }

    /// <summary>It may have to wait for some of those to whom it goes in later turns.</summary>
    public bool HasToBeKept { get; }

    /// <summary>The custody keeps it until it has gone to all.</summary>
    public bool IsGripped { get; set; }

    /// <summary>What its acknowledgement depends on until now.</summary>
    public Kept Kept { get; private set; }

    /// <summary>A fault of the gateway kept it from somebody who acknowledges it and may come back for it: it is not acknowledged, and comes again.</summary>
    public bool HasFailed { get; set; }

    /// <summary>What its acknowledgement says.</summary>
    public ReasonCode Code { get; set; }

    /// <summary>Its publisher sends so little that nobody holds it back; null where that was not asked.</summary>
    public bool? IsLight { get; set; }

    /// <summary>Some of those for whom too much waits.</summary>
    public List<ISlowReader> HoldingBack => _holdingBack;

    /// <summary>It is for the same, and was so at the same time.</summary>
    public bool IsForSame(Recipient[] recipients) => ReferenceEquals(_recipients, recipients);

    /// <inheritdoc cref="IsForSame(Recipient[])"/>
    public bool IsForSame(FanOut other) => IsForSame(other._recipients);

    /// <summary>The last place of a client among the recipients; -1 for none.</summary>
    public int PlaceOf(string clientId) => Array.FindLastIndex(_recipients, recipient => recipient.Subscriber.ClientId == clientId);

    /// <summary>Who has this place does not have it yet.</summary>
    public bool IsLeft(int place) => place >= _next && _served?[place] is not true;

    /// <summary>It goes to this one of a group in a later turn.</summary>
    /// <param name="recipient">Who was chosen.</param>
    /// <param name="group">Those who share the subscription that it was chosen for.</param>
    public void Add(in Recipient recipient, SharedGroup group) => _chosen.Add((recipient, group));

    /// <summary>This one has it already.</summary>
    /// <param name="index">Its place among the recipients.</param>
    public void Served(int index) => (_served ??= new BitArray(_recipients.Length))[index] = true;

    /// <summary>The message once more, as it came.</summary>
    public Publication Again(long nowMs) => new()
    {
        Route = Route,
        QoS = Message.QoS,
        Retain = Message.Retain,
        Payload = Message.Payload,
        Properties = Message.Properties,
        Publisher = _publisher,
        PaidBy = Owner,
        Origin = Message.Origin,
        IsMadeAnew = Message.IsMadeAnew,
        NowMs = nowMs,
        Held = Message,
        TraceNumber = Message.TraceNumber,
    };

    /// <summary>The next; those who have unsubscribed since are passed over.</summary>
    /// <param name="recipient">Who.</param>
    /// <param name="group">Those who share the subscription that it was chosen for, of whom it may be none any more; null for none.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(out Recipient recipient, out SharedGroup? group)
    {
        group = null;
        while (_next < _recipients.Length)
        {
            int index = _next++;
            recipient = _recipients[index];
            if (_served?[index] is not true && IsSubscribed(recipient.Subscriber))
                return true;
        }

        if (_nextChosen < _chosen.Count)
        {
            (recipient, group) = _chosen[_nextChosen++];
            return true;
        }

        recipient = default;
        return false;
    }

    /// <summary>The next of those whose Session outlives its connection, out of its turn: it is not among the others any more.</summary>
    /// <param name="index">Where to look from; where it was, behind it.</param>
    /// <param name="isWithoutAck">Also one that gets it at QoS 0.</param>
    /// <param name="recipient">Who.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTakeDurable(ref int index, bool isWithoutAck, out Recipient recipient)
    {
        for (index = Math.Max(index, _next); index < _recipients.Length; index++)
        {
            recipient = _recipients[index];
            bool isMeant = recipient.Subscriber.IsDurable && (isWithoutAck || recipient.QoS != QoS.AtMostOnce);
            if (!isMeant || _served?[index] is true || !IsSubscribed(recipient.Subscriber))
                continue;
            Served(index++);
            return true;
        }

        recipient = default;
        return false;
    }

    /// <summary>A turn of it is over.</summary>
    /// <param name="kept">What its acknowledgement depends on until now.</param>
    /// <param name="slow">Those for whom too much waits because of this turn.</param>
    public void Note(Kept kept, List<ISlowReader> slow)
    {
        Kept = kept;
        foreach (ISlowReader reader in slow)
            if (_holdingBack.Count < ISlowReader.RememberedMax && !_holdingBack.Contains(reader))
                _holdingBack.Add(reader);
    }

    /// <summary>Nobody else gets it.</summary>
    public void GiveUp() => (_next, _nextChosen) = (_recipients.Length, _chosen.Count);

    /// <summary>Completes when all have it, or nobody waits for that any more.</summary>
    public Task WhenDone() => _isReleased ? Task.CompletedTask : _done.Next();

    /// <summary>Who waits for it goes on.</summary>
    public void Release()
    {
        _isReleased = true;
        _done.Set();
    }

    // [MQTT-3.10.4-3]: nothing more goes to who has unsubscribed.
    private bool IsSubscribed(Subscriber subscriber)
    {
        if (Route.Version == _version)
            return true;
        if (_subscribersVersion != Route.Version)
            (_subscribers, _subscribersVersion) = ([.. Route.Recipients.Select(static r => r.Subscriber)], Route.Version);
        return _subscribers!.Contains(subscriber);
    }
}
