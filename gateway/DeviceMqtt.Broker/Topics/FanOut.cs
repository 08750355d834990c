using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// A message that is more than one turn may write: those to whom it has yet to go, and what has become of it until now. Its packet stays with its connection,
/// which is not read before all have it: so the messages of one publisher keep their order. Owned by the turn.
/// </summary>
internal sealed class FanOut(Route route)
{
    private readonly List<(Recipient Recipient, SharedGroup? Group)> _left = [];
    private readonly int _version = route.Version;
    private HashSet<Subscriber>? _subscribers; // of the route as it is now, where it has changed since
    private int _subscribersVersion;
    private int _next;

    /// <summary>Where it goes.</summary>
    public Route Route => route;

    /// <summary>It has gone to all.</summary>
    public bool IsDone => _next == _left.Count;

    /// <summary>As an object, where somebody holds it already: there is one, however many turns it takes.</summary>
    public Message? Message { get; private set; }

    /// <summary>Its number for the one who follows messages; 0 where nobody does.</summary>
    public uint TraceNumber { get; private set; }

    /// <summary>What its acknowledgement depends on until now.</summary>
    public Kept Kept { get; private set; }

    /// <summary>What its acknowledgement says.</summary>
    public ReasonCode Code { get; set; }

    /// <summary>It goes to this one in a later turn.</summary>
    /// <param name="recipient">Who.</param>
    /// <param name="group">Those who share the subscription that it was chosen for; null for none.</param>
    public void Add(in Recipient recipient, SharedGroup? group) => _left.Add((recipient, group));

    /// <summary>The next; those who have unsubscribed since are passed over.</summary>
    /// <param name="recipient">Who.</param>
    /// <param name="group">Those who share the subscription that it was chosen for, of whom it may be none any more; null for none.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(out Recipient recipient, out SharedGroup? group)
    {
        while (_next < _left.Count)
        {
            (recipient, group) = _left[_next++];
            if (group is not null || IsSubscribed(recipient.Subscriber))
                return true;
        }

        (recipient, group) = (default, null);
        return false;
    }

    /// <summary>The turn is over.</summary>
    /// <param name="held">The message as an object; null while nobody has had to hold it.</param>
    /// <param name="traceNumber">Its number for the one who follows messages.</param>
    /// <param name="kept">What its acknowledgement depends on until now.</param>
    public void Note(Message? held, uint traceNumber, Kept kept) => (Message, TraceNumber, Kept) = (held, traceNumber, kept);

    // [MQTT-3.10.4-3]: nothing more goes to who has unsubscribed.
    private bool IsSubscribed(Subscriber subscriber)
    {
        if (route.Version == _version)
            return true;
        if (_subscribersVersion != route.Version)
            (_subscribers, _subscribersVersion) = ([.. route.Recipients.Select(static r => r.Subscriber)], route.Version);
        return _subscribers!.Contains(subscriber);
    }
}
