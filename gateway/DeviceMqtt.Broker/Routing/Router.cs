using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Routing;

/// <summary>
/// Where a message goes: to the Sessions its topic matches, to the one device it names (<see cref="PeerRouter"/>), to the
/// retained messages and to the upstreams. What is more than a turn may do goes on in others (<see cref="FanOuts"/>). Owned by the turn.
/// </summary>
internal sealed class Router(Ground ground, RouteCache routes, Delivery delivery, FanOuts fanOuts, RetainedMessages retained, PeerRouter peers, PresenceBook presence)
{
    // Chosen: no more than a read has. To end a message with it costs less than another turn.
    private const int LittleBytes = 64 * 1024;

    // The same of what a client has published, which is the last of its turn: some tenths of a millisecond. The others come one after the other.
    private const int LittleLooks = 4;

    /// <summary>Routes one message. Whoever has to wait for it holds it when this returns, and what is left of it goes on by itself.</summary>
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

        DeliverToAll(ref publication, route.Recipients);
        bool matched = route.Recipients.Length > 0;
        for (int i = 0; i < route.Groups.Length; i++)
            matched |= DeliverToOne(ref publication, route.Groups, i);

        if (publication.Retain && !route.IsMadeWhenAsked)
            _ = retained.Set(publication.Hold(), publication.Owner ?? ground.Owners.Nobody);
        if (route.IsRelayed && publication.Origin != Origin.Upstream)
        {
            ground.Upstreams.Tap!.Offer(publication.Hold(), delivery.HoldingBack);
            matched = true;
        }

        if (publication.Left is { IsDone: true })
            publication.Left = null;
        else if (publication.Left is { } left)
            fanOuts.Begin(left);
        return matched ? PublishOutcome.Accepted : PublishOutcome.NoSubscribers;
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

    private void DeliverToAll(ref Publication publication, Recipient[] recipients)
    {
        if (fanOuts.IsUnderWay(publication.Route.Topic))
        {
            Leave(ref publication, recipients, 0);
            return;
        }

        int packetBytes = publication.PacketBytes;
        int perLook = fanOuts.PerLook;
        int little = publication.HoldsPublisher ? LittleLooks * perLook : perLook;
        if (recipients.Length <= little && ground.Turn.MayWrite((long)recipients.Length * packetBytes))
        {
            ground.Turn.Did(recipients.Length);
            for (int i = 0; i < recipients.Length; i++)
                _ = delivery.Deliver(ref publication, recipients[i]);
            return;
        }

        for (int from = 0; from < recipients.Length; from += perLook)
        {
            int to = Math.Min(from + perLook, recipients.Length);
            if (!publication.IsAtOnce && recipients.Length - from > little && fanOuts.IsEnough)
            {
                Leave(ref publication, recipients, from);
                return;
            }

            ground.Turn.Did(to - from);
            if (publication.IsAtOnce || ground.Turn.MayWrite((long)(to - from) * packetBytes))
            {
                for (int i = from; i < to; i++)
                    _ = delivery.Deliver(ref publication, recipients[i]);
                continue;
            }

            for (int i = from; i < to; i++)
            {
                if (ground.Turn.HasWrittenMuch && (long)(recipients.Length - i) * packetBytes > LittleBytes)
                {
                    Leave(ref publication, recipients, i);
                    return;
                }

                _ = delivery.Deliver(ref publication, recipients[i]);
            }
        }
    }

    private bool DeliverToOne(ref Publication publication, SharedGroup[] groups, int index)
    {
        if (!groups[index].TryChoose(publication.PacketBytes, publication.QoS, out Recipient recipient))
            return false;
        if (publication is { Left: null, IsAtOnce: false } && (ground.Turn.HasWrittenMuch || (index % fanOuts.PerLook == fanOuts.PerLook - 1 && fanOuts.IsEnough)))
            Leave(ref publication, publication.Route.Recipients, publication.Route.Recipients.Length);
        if (publication.Left is { } left && publication.MayGoLater(recipient))
            left.Add(recipient, groups[index]);
        else if (publication.Left is not null)
            delivery.LetWait(ref publication, recipient);
        else
            _ = delivery.Deliver(ref publication, recipient);
        ground.Turn.Did(1);
        return true;
    }

    // To the others in later turns: those whom it may not go to later have it wait from now on, where they get it when it is theirs.
    private void Leave(ref Publication publication, Recipient[] recipients, int from)
    {
        if (!publication.HoldsPublisher && !fanOuts.HasRoomFor(publication.PaidBy))
        {
            ISlowReader[] before = [.. delivery.HoldingBack];
            fanOuts.Finish(publication.Route.Topic);
            delivery.Begin();
            delivery.HoldingBack.AddRange(before);
            publication.IsAtOnce = true;
            ground.Counters.WideAtOnce++;
            DeliverToAll(ref publication, recipients[from..]);
            return;
        }

        FanOut left = new(ref publication, recipients, from);
        publication.Left = left;
        if (publication.IsAllToGoLater)
            return;
        ISlowReader[] slow = [.. delivery.HoldingBack]; // of those who have it already
        fanOuts.ServeDurable(publication.Route.Topic, recipients);
        delivery.Begin();
        delivery.HoldingBack.AddRange(slow);
        for (int i = from; i < recipients.Length; i++)
        {
            if (publication.MayGoLater(recipients[i]))
                continue;
            delivery.LetWait(ref publication, recipients[i]);
            left.Served(i);
            ground.Turn.Did(1);
        }
    }
}
