using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// A subscriber that gets the messages of a route, once, whatever number of its subscriptions match (or once for each of their identifiers, <see cref="Only"/>): at the highest QoS of
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

    /// <summary>It stands for this Subscription Identifier alone, and others for others of the same subscriber; 0 for all.</summary>
    public uint Only;

    /// <summary>It stands for subscriptions without an identifier, too.</summary>
    public bool TakesOthers;

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
    public readonly Recipient WithoutNoLocal(string topicName) => Of(Subscriber, topicName, Only, TakesOthers, withNoLocal: false);

    /// <summary>A subscriber with those of its subscriptions that match.</summary>
    /// <param name="subscriber">Whose subscriptions.</param>
    /// <param name="topicName">What they are to match.</param>
    /// <param name="only">With this Subscription Identifier alone; 0 for all.</param>
    /// <param name="takesOthers">And those without an identifier.</param>
    /// <param name="withNoLocal">And those that say No Local.</param>
    public static Recipient Of(Subscriber subscriber, string topicName, uint only, bool takesOthers, bool withNoLocal)
    {
        Recipient found = new(subscriber) { Only = only, TakesOthers = takesOthers };
        if (!TopicName.TryParse(topicName, out TopicName name, out _))
            return found;
        foreach (Subscription subscription in subscriber.Subscriptions)
        {
            bool isMeant = only == 0 || subscription.Identifier == only || (takesOthers && subscription.Identifier == 0);
            if (isMeant && (withNoLocal || !subscription.NoLocal) && !subscription.Filter.IsShared && subscription.Filter.Matches(name))
                found.Merge(subscription);
        }

        if (only != 0 && found.Identifiers is not null)
            found.Identifiers = [only]; // once, however many subscriptions have it
        return found;
    }
}
