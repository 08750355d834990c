using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>Subscriptions made and ended, in all the places that have to know: the Session, the tree, the custody, the devices of gateways below. Owned by the turn.</summary>
internal sealed class SubscriptionBook(Ground ground, TopicTree tree, GatewaysBelow gatewaysBelow)
{
    /// <summary>Makes a subscription, or replaces the one of the same filter.</summary>
    /// <returns>False when the Session has as many as it may have; <paramref name="isNew"/> is false when it replaced one.</returns>
    public bool TryAdd(Session session, Subscription subscription, out bool isNew)
    {
        if (!session.TrySubscribe(subscription, out isNew))
            return false;
        tree.Set(subscription);
        if (session.IsOnDisk)
            ground.Custody.Subscribed(subscription);
        NoteDevice(session, subscription.Filter);
        return true;
    }

    /// <summary>A subscription of a recovery.</summary>
    public void Restore(Session session, Subscription subscription)
    {
        _ = session.TrySubscribe(subscription, out _);
        tree.Set(subscription);
        NoteDevice(session, subscription.Filter);
    }

    /// <summary>Ends one.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(Session session, TopicFilter filter)
    {
        if (!session.Unsubscribe(filter))
            return false;
        if (session.IsOnDisk)
            ground.Custody.Unsubscribed(session.ClientId, filter);
        _ = tree.Remove(session, filter);
        gatewaysBelow.Unsubscribed(session, filter);
        return true;
    }

    /// <summary>The Session ends: nothing is looked for on its behalf any more. The custody forgets them with the Session.</summary>
    public void RemoveAll(Session session)
    {
        foreach (Subscription subscription in session.Subscriptions)
        {
            _ = tree.Remove(session, subscription.Filter);
            gatewaysBelow.Unsubscribed(session, subscription.Filter);
        }
    }

    /// <summary>The client is no bridge any more, and gets nothing that is for others.</summary>
    public void ForgetDevices(Session session)
    {
        foreach (Subscription subscription in session.Subscriptions)
            gatewaysBelow.Unsubscribed(session, subscription.Filter);
    }

    // A device of a gateway below is reached through us from further up as well.
    private void NoteDevice(Session session, TopicFilter filter)
    {
        if (session.IsBridge && gatewaysBelow.Subscribed(session, filter) is { } device)
            ground.Upstreams.Tap?.ClientKnown(device);
    }
}
