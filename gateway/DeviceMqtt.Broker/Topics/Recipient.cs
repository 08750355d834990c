using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// A subscriber that gets the messages of a route, once, whatever number of its subscriptions match: at the highest QoS of
/// them and with all their identifiers [MQTT-3.3.4-2, 3.3.4-3].
/// </summary>
internal struct Recipient(Subscriber subscriber)
{
    public readonly Subscriber Subscriber = subscriber;
    public QoS QoS;
    public bool RetainAsPublished;

    /// <summary>The message does not wait behind those in the queue: a P2P message, which has a mailbox to wait in.</summary>
    public bool PassesQueue;

    /// <summary>All matching subscriptions say No Local.</summary>
    public bool NoLocal = true;

    /// <summary>At least one does, so that the client's own messages come by the others alone.</summary>
    public bool AnyNoLocal;

    /// <summary>Subscription Identifiers, in no order; null for none.</summary>
    public uint[]? Identifiers;

    public void Merge(Subscription subscription)
    {
        if (subscription.QoS > QoS)
            QoS = subscription.QoS;
        RetainAsPublished |= subscription.RetainAsPublished;
        NoLocal &= subscription.NoLocal;
        AnyNoLocal |= subscription.NoLocal;
        if (subscription.Identifier != 0)
            Identifiers = Identifiers is null ? [subscription.Identifier] : [.. Identifiers, subscription.Identifier];
    }

    /// <summary>The same without the subscriptions that say No Local: what its client gets of its own messages [MQTT-3.8.3-3].</summary>
    public readonly Recipient WithoutNoLocal(string topicName)
    {
        Recipient others = new(Subscriber);
        if (!TopicName.TryParse(topicName, out TopicName name, out _))
            return others;
        foreach (Subscription subscription in Subscriber.Subscriptions)
            if (!subscription.NoLocal && !subscription.Filter.IsShared && subscription.Filter.Matches(name))
                others.Merge(subscription);
        return others;
    }
}
