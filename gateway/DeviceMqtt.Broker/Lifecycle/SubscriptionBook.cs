using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>Subscriptions made and ended, in all the places that have to know: the Session, the tree, the custody, the devices of gateways below. Owned by the turn.</summary>
internal sealed class SubscriptionBook(Ground ground, TopicTree tree, GatewaysBelow gatewaysBelow)
{
    /// <summary>Makes a subscription, or replaces the one of the same filter.</summary>
    /// <param name="session">Who subscribes.</param>
    /// <param name="subscription">To what.</param>
    /// <param name="owedUpTo">The number of the last retained message that it is owed; null where it asks for none (<see cref="ICustody.Subscribed"/>).</param>
    /// <param name="kept">What SUBACK waits for. Nothing has changed where there was no room.</param>
    /// <param name="telling">What a gateway below says of the device that it subscribes for.</param>
    /// <returns>False when the Session has as many as it may have, or there was no room.</returns>
    public bool TryAdd(Session session, Subscription subscription, long? owedUpTo, out Kept kept, DeviceTelling telling = DeviceTelling.Nothing)
    {
        kept = Kept.NotNeeded;
        if (!session.HasRoomFor(subscription.Filter, session.IsBridge ? GatewaysBelow.CostOf(subscription.Filter) : 0))
            return false;
        using FrameOfPacket frameOnDisk = session.IsBridge ? new(ground.Custody) : default; // with it, who has its device
        if (session.IsOnDisk)
            kept = ground.Custody.Subscribed(subscription, owedUpTo);
        if (kept.IsNoRoom)
            return false;
        if (owedUpTo is null && session.FindSubscription(subscription.Filter.Value) is { } before)
            subscription.TakesOver(before);
        Set(session, subscription);
        NoteDevice(session, subscription.Filter, telling);
        return true;
    }

    /// <summary>A subscription of a recovery.</summary>
    /// <param name="session">Who subscribed.</param>
    /// <param name="subscription">To what.</param>
    /// <param name="order">Which record of the journal it was.</param>
    public void Restore(Session session, Subscription subscription, long order)
    {
        Set(session, subscription);
        if (session.IsBridge && gatewaysBelow.Restore(session, subscription.Filter, order) is { } device)
            ground.Upstreams.Tap?.ClientKnown(device);
    }

    /// <summary>Ends one.</summary>
    /// <param name="session">Who subscribed.</param>
    /// <param name="filter">To what.</param>
    /// <param name="existed">False when there was none.</param>
    /// <returns>What UNSUBACK waits for. Nothing has changed where there was no room.</returns>
    public Kept Remove(Session session, TopicFilter filter, out bool existed)
    {
        existed = session.FindSubscription(filter.Value) is not null;
        if (!existed)
            return session.IsOnDisk ? ground.Custody.KeptSoFar() : Kept.NotNeeded;
        Kept kept = session.IsOnDisk ? ground.Custody.Unsubscribed(session.ClientId, filter) : Kept.NotNeeded;
        if (kept.IsNoRoom)
            return kept;
        _ = session.Unsubscribe(filter);
        _ = tree.Remove(session, filter);
        gatewaysBelow.Unsubscribed(session, filter);
        return kept;
    }

    /// <summary>The client is back, and may have less than before: ends what it may not have any more.</summary>
    /// <returns>True when it had some of those.</returns>
    public bool RemoveForbidden(Session session)
    {
        if (session.Rights is not { } rights || session.Subscriptions.Count == 0)
            return false;
        bool hadSome = false;
        // No client has asked for it: where there is no room the record stays, and is judged again by the next connection. What it brings is not delivered.
        foreach (Subscription subscription in session.Subscriptions.Where(s => !rights.MaySubscribe(s.Filter.Match)).ToArray())
        {
            Remove(session, subscription.Filter, out _).ForNobody(); // it is judged again by the next connection, as said above
            // No packet answers this: the client has its Session, and not all that it had.
            hadSome = true;
            ground.Counters.SubscriptionsRefused++;
            ground.Events.SubscriptionRefused(session.Name, subscription.Filter.Value, ReasonCode.NotAuthorized, "its client may not have these topics any more: the subscription is ended");
        }

        return hadSome;
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

    /// <summary>A device has connected here: no gateway below has it.</summary>
    public void DeviceIsHere(string clientId) => gatewaysBelow.CameHere(clientId);

    /// <summary>The client is a bridge again, and has subscriptions of before.</summary>
    public void NoteDevices(Session session)
    {
        foreach (Subscription subscription in session.Subscriptions)
            NoteDevice(session, subscription.Filter, DeviceTelling.IsKnown);
    }

    /// <summary>The client is no bridge any more, and gets nothing that is for others.</summary>
    public void ForgetDevices(Session session)
    {
        foreach (Subscription subscription in session.Subscriptions)
            gatewaysBelow.Unsubscribed(session, subscription.Filter);
    }

    private void Set(Session session, Subscription subscription)
    {
        session.Holdings.Set(subscription);
        tree.Set(subscription);
    }

    // A device of a gateway below is reached through us from further up as well.
    private void NoteDevice(Session session, TopicFilter filter, DeviceTelling telling)
    {
        if (session.IsBridge && gatewaysBelow.Subscribed(session, filter, telling) is { } device)
            ground.Upstreams.Tap?.ClientKnown(device);
    }
}
