using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>The subscribers that share one subscription, <c>$share/{name}/{filter}</c>: each message goes to one of them, in turn.</summary>
/// <param name="name">The whole filter, <c>$share/{name}/{filter}</c>: a group that everybody has left is another object when somebody is back, and known by this.</param>
internal sealed class SharedGroup(string name = "")
{
    /// <summary>The whole filter, <c>$share/{name}/{filter}</c>.</summary>
    public string Name => name;

    private readonly List<Subscription> _members = [];
    private int _next;

    public bool IsEmpty => _members.Count == 0;

    public bool Has(Subscriber subscriber) => _members.Exists(m => m.Subscriber == subscriber);

    /// <summary>Adds a member, or replaces its subscription.</summary>
    /// <returns>True when the subscriber was no member before.</returns>
    public bool Set(Subscription subscription)
    {
        int index = _members.FindIndex(m => m.Subscriber == subscription.Subscriber);
        if (index < 0)
            _members.Add(subscription);
        else
            _members[index] = subscription;
        return index < 0;
    }

    public Subscription? Remove(Subscriber subscriber)
    {
        int index = _members.FindIndex(m => m.Subscriber == subscriber);
        if (index < 0)
            return null;
        Subscription removed = _members[index];
        _members.RemoveAt(index);
        return removed;
    }

    /// <summary>The one of its members whose turn it is (<see cref="Choose"/>), as a recipient.</summary>
    /// <param name="packetBytes">About what the packet will have.</param>
    /// <param name="qos">Of the message.</param>
    /// <param name="recipient">Who.</param>
    /// <returns>False when there is nobody.</returns>
    public bool TryChoose(int packetBytes, QoS qos, out Recipient recipient)
    {
        recipient = default;
        if (Choose(packetBytes, qos) is not { } chosen)
            return false;
        recipient = new Recipient(chosen.Subscriber);
        recipient.Merge(chosen);
        return true;
    }

    /// <summary>
    /// The next member that is connected and takes messages; else one that is connected; else the next absent one for which the message waits. Null when there is nobody.
    /// </summary>
    /// <param name="packetBytes">About what the packet will have: a member that takes no packets so large is chosen only if there is no other.</param>
    /// <param name="qos">Of the message: for an absent member it waits above 0 only, and above 0 for that member.</param>
    public Subscription? Choose(int packetBytes, QoS qos)
    {
        Subscription? second = null, third = null, large = null, last = null;
        for (int i = 0; i < _members.Count; i++)
        {
            Subscription member = _members[(_next + i) % _members.Count];
            if (member.Subscriber.IsConnected && packetBytes > member.Subscriber.PacketBytesMax)
            {
                large ??= member;
                continue;
            }

            if (member.Subscriber.IsConnected && !member.Subscriber.IsBacklogged)
            {
                _next = (_next + i + 1) % _members.Count;
                return member;
            }

            if (member.Subscriber.IsConnected)
                second ??= member;
            else if (qos != QoS.AtMostOnce && member.QoS != QoS.AtMostOnce)
                third ??= member;
            else
                last ??= member;
        }

        if (_members.Count > 0)
            _next = (_next + 1) % _members.Count;
        return second ?? third ?? large ?? last;
    }
}
