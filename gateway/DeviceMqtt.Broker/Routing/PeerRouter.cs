using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Routing;

/// <summary>P2P messages: to exactly the client the topic names, at the publisher's QoS, never retained (DESIGN: P2P rules 1 to 7). Owned by the turn.</summary>
internal sealed class PeerRouter(Ground ground, Delivery delivery, SessionTable sessions, Mailboxes mailboxes, GatewaysBelow gatewaysBelow, Receipts receipts)
{
    public PublishOutcome Publish(ref Publication publication, string target)
    {
        if (publication.Retain)
        {
            publication.Retain = false;
            ground.Counters.P2PRetainCleared++;
        }

        publication.LimitLifetime((uint)ground.Limits.MailboxSecondsMax);
        Session? session = sessions.Find(target);
        if (session is { IsConnected: true })
            return PublishToSession(ref publication, session);
        if (gatewaysBelow.Find(target) is { } below && below != publication.Publisher)
        {
            ground.Counters.P2PRouted++;
            return Outcome(delivery.Deliver(ref publication, new Recipient(below) { QoS = publication.QoS, NoLocal = false }) != DeliveryResult.NoRoom);
        }

        if (session is null && !mailboxes.IsKnown(target))
            return PublishToNobodyHere(ref publication, target);
        if (publication.QoS != QoS.AtMostOnce)
            return PutIntoMailbox(ref publication, target);
        ground.Counters.Drop(new Drop(DropReason.P2PTargetAbsent, DropOwner.Client(target), publication.Route.Topic, publication.Payload.Length));
        receipts.Dropped(publication, target, DropReason.P2PTargetAbsent);
        return PublishOutcome.Accepted;
    }

    private PublishOutcome PublishToSession(ref Publication publication, Session session)
    {
        ground.Counters.P2PRouted++;
        long lastEntry = ground.Custody.LastEntry;
        // A client that subscribed to its own topic gets the message once, at the publisher's QoS, with the identifier it gave.
        uint[]? identifiers = session.FindSubscription(publication.Route.Topic) is { Identifier: not 0 and var identifier } ? [identifier] : null;
        DeliveryResult result = delivery.Deliver(ref publication, new Recipient(session) { QoS = publication.QoS, NoLocal = false, Identifiers = identifiers });
        receipts.Sent(publication, session.ClientId, EntrySince(lastEntry), result);
        return Outcome(result != DeliveryResult.NoRoom);
    }

    private PublishOutcome PutIntoMailbox(ref Publication publication, string target)
    {
        ground.Counters.P2PRouted++;
        long lastEntry = ground.Custody.LastEntry;
        bool hadRoom = mailboxes.Put(target, new QueuedMessage(publication.Hold(), publication.QoS, Retain: false, Identifiers: null));
        if (hadRoom)
            receipts.Queued(publication, target, EntrySince(lastEntry));
        else
            receipts.Dropped(publication, target, DropReason.MailboxFull);
        return Outcome(hadRoom);
    }

    // An application behind the upstream may be meant. What came from there ends here.
    private PublishOutcome PublishToNobodyHere(ref Publication publication, string target)
    {
        if (ground.Upstreams.Tap is { } upstream && publication.Origin != Origin.Upstream)
        {
            // Whoever asks there expects an answer.
            if (publication.Publisher is { } sender && mailboxes.MakeReachable(sender.ClientId))
                upstream.ClientKnown(sender.ClientId);
            upstream.Offer(publication.Hold(), delivery.HoldingBack);
            return PublishOutcome.Accepted;
        }

        ground.Counters.Drop(new Drop(DropReason.P2PTargetUnknown, DropOwner.Client(target), publication.Route.Topic, publication.Payload.Length));
        receipts.Dropped(publication, target, DropReason.P2PTargetUnknown);
        return PublishOutcome.NoSubscribers;
    }

    private long EntrySince(long lastEntry) => ground.Custody.LastEntry == lastEntry ? 0 : ground.Custody.LastEntry;

    private static PublishOutcome Outcome(bool hadRoom) => hadRoom ? PublishOutcome.Accepted : PublishOutcome.NoRoom;
}
