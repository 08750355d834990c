using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Routing;

/// <summary>
/// Where a message goes: to the Sessions its topic matches, to the one device it names (<see cref="PeerRouter"/>), to the
/// retained messages and to the upstreams. Owned by the turn.
/// </summary>
internal sealed class Router(Ground ground, RouteCache routes, Delivery delivery, RetainedMessages retained, PeerRouter peers, PresenceBook presence)
{
    /// <summary>Routes one message. Whoever has to wait for it holds it when this returns.</summary>
    public PublishOutcome Publish(ref Publication publication)
    {
        Route route = publication.Route;
        routes.Refresh(route);
        delivery.Begin();
        ground.Watch?.Published(ref publication);
        if (ground.Counters.Trace is { } trace)
            publication.TraceNumber = trace.Accepted(publication);
        if (route.P2PTarget is { } target)
            return peers.Publish(ref publication, target);

        Recipient[] recipients = route.Recipients;
        if (ground.Turn.MayWrite((long)recipients.Length * PacketBytesOf(publication)))
        {
            for (int i = 0; i < recipients.Length; i++)
                _ = delivery.Deliver(ref publication, recipients[i]);
        }
        else
        {
            for (int i = 0; i < recipients.Length; i++)
                Deliver(ref publication, recipients[i], group: null);
        }

        bool matched = recipients.Length > 0;
        foreach (SharedGroup group in route.Groups)
            matched |= DeliverToOne(ref publication, group);

        if (publication.Retain && !route.IsMadeWhenAsked)
            _ = retained.Set(publication.Hold(), publication.Owner ?? ground.Owners.Nobody);
        if (route.IsRelayed && publication.Origin != Origin.Upstream)
        {
            ground.Upstreams.Tap!.Offer(publication.Hold(), delivery.HoldingBack);
            matched = true;
        }

        return matched ? PublishOutcome.Accepted : PublishOutcome.NoSubscribers;
    }

    /// <summary>A message that was more than the turn before might write goes on to those who do not have it yet, as far as this one may.</summary>
    public void GoOn(ref Publication publication)
    {
        FanOut left = publication.Left!;
        routes.Refresh(left.Route);
        delivery.Begin();
        while (!ground.Turn.HasWrittenMuch && left.TryTake(out Recipient recipient, out SharedGroup? group))
            if (group is null || group.Has(recipient.Subscriber) || TryChooseAgain(publication, group, ref recipient))
                _ = delivery.Deliver(ref publication, recipient);
            else
                DropFor(recipient, publication);
        if (left.IsDone)
            publication.Left = null;
    }

    /// <summary>A message that was published comes again: it is the retained one of its topic once more, and nobody gets it.</summary>
    public void RetainAgain(ref Publication publication)
    {
        if (!publication.Route.IsMadeWhenAsked)
            _ = retained.Set(publication.Hold(), publication.Owner ?? ground.Owners.Nobody, isRepeated: true);
    }

    /// <summary>Delivers the retained messages that a new subscription matches [MQTT-3.3.1-6], over as many turns as it takes.</summary>
    public void DeliverRetained(Session session, Subscription subscription)
    {
        session.Owe(new RetainedCursor(retained, subscription, retained.LastNumber));
        if (PresenceCursor.Open(presence, subscription) is { } present)
            session.Owe(present);
        session.Pump(ground.Turn.NowMs);
    }

    private bool DeliverToOne(ref Publication publication, SharedGroup group)
    {
        if (!TryChoose(publication, group, out Recipient recipient))
            return false;
        Deliver(ref publication, recipient, group);
        return true;
    }

    // Fixed header, lengths, Packet Identifier and a Subscription Identifier have at most 20 bytes.
    private static int PacketBytesOf(in Publication publication) => publication.ContentBytes + 20;

    private static bool TryChoose(in Publication publication, SharedGroup group, out Recipient recipient)
    {
        recipient = default;
        if (group.Choose(PacketBytesOf(publication)) is not { } chosen)
            return false;
        recipient = new Recipient(chosen.Subscriber);
        recipient.Merge(chosen);
        return true;
    }

    // Nobody of a group is left.
    private void DropFor(in Recipient chosen, in Publication publication) => ground.Counters.Drop(
        new Drop(DropReason.SessionEnded, DropOwner.Client(((Session)chosen.Subscriber).ClientId), publication.Route.Topic, publication.Payload.Length), publication.TraceNumber);

    // Who was chosen has unsubscribed since, or its Session has ended: it is another's turn. Of the group as it is now: where everybody had left, those who are back are another.
    private static bool TryChooseAgain(in Publication publication, SharedGroup group, ref Recipient recipient)
    {
        if (Array.Find(publication.Left!.Route.Groups, now => now.Name == group.Name) is not { } present || !TryChoose(publication, present, out Recipient again))
            return false;
        recipient = again;
        if (publication.QoS == QoS.ExactlyOnce)
            recipient.QoS = QoS.AtMostOnce; // as to whom it was to go (Publication.MayGoLater)
        return true;
    }

    private void Deliver(ref Publication publication, in Recipient recipient, SharedGroup? group)
    {
        if (ground.Turn.HasWrittenMuch && publication.MayGoLater(recipient.QoS))
            (publication.Left ??= new FanOut(publication.Route)).Add(recipient, group);
        else
            _ = delivery.Deliver(ref publication, recipient);
    }
}
