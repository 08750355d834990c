using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Routing;

/// <summary>P2P messages: to exactly the client the topic names, at the publisher's QoS, never retained (DESIGN: P2P rules 1 to 7). Owned by the turn.</summary>
internal sealed class PeerRouter(PeerGround peers, SessionTable sessions, Mailboxes mailboxes, GatewaysBelow gatewaysBelow, Receipts receipts)
{
    private readonly Ground _ground = peers.Ground;

    public PublishOutcome Publish(ref Publication publication, string target)
    {
        if (publication.Retain)
        {
            publication.Retain = false;
            _ground.Counters.P2PRetainCleared++;
        }

        if (publication.Publisher is Session sender)
            NoteAnswer(publication, sender, target);
        if (_ground.Watch is { } watch && watch.Takes(publication))
            return PublishOutcome.Accepted;
        bool isCommand = peers.Mail.Commands.LimitLifetime(ref publication, target);
        // That it waits, and who is told what becomes of it, are on the disk together: a crash between the two would leave a message of which its sender never hears.
        using FrameOfPacket frameOnDisk = publication.QoS == QoS.AtMostOnce ? default : new(_ground.Custody);
        if (publication.ExpiresMs <= publication.NowMs)
        {
            Drop(publication, target, DropReason.Expired);
            return PublishOutcome.NoSubscribers;
        }

        Session? session = sessions.Find(target);
        if (session is { IsConnected: true })
            return PublishToSession(ref publication, session, isCommand);
        if (!publication.IsBack && gatewaysBelow.Find(target, except: publication.Publisher as Session) is { } below)
            return PublishBelow(ref publication, below, target);

        if (session is null && !mailboxes.IsKnown(target))
            return FindByParent(publication) is { } gateway ? PublishBelow(ref publication, gateway, target) : PublishToNobodyHere(ref publication, target);
        bool mayWait = peers.Mail.MayWait(target, session is { IsDurable: true });
        if (publication.QoS != QoS.AtMostOnce && mayWait)
            return PutIntoMailbox(ref publication, target, identifiers: null);
        Drop(publication, target, DropReason.P2PTargetAbsent);
        return mayWait ? PublishOutcome.Accepted : PublishOutcome.NoSubscribers;
    }

    // To the gateway that has the device; it tells what becomes of the message from there on.
    private PublishOutcome PublishBelow(ref Publication publication, Session below, string target)
    {
        _ground.Counters.P2PRouted++;
        long lastEntry = _ground.Custody.LastEntry;
        if (_ground.Upstreams.Tap is { } upstream)
            publication.Add(upstream.Via); // a gateway below may be the upstream, too
        DeliveryResult result = peers.Delivery.Deliver(ref publication, new Recipient(below) { QoS = publication.QoS, NoLocal = false });
        if (result is DeliveryResult.Sent or DeliveryResult.Queued)
            receipts.Expect(publication, target, EntrySince(lastEntry), isBelow: true);
        else if (result is DeliveryResult.Absent)
            Drop(publication, target, DropReason.P2PTargetAbsent);
        else
            receipts.Sent(publication, target, entry: 0, result); // it has come to its end
        if (result is DeliveryResult.Queued)
            receipts.Queued(publication, target);
        return Outcome(result != DeliveryResult.NoRoom);
    }

    // One that is subscribed for all of its devices at once: who commands them says in the topic which gateway it is.
    private Session? FindByParent(in Publication publication) =>
        P2PTopic.TryParse(publication.Route.Topic, out string parent, out _) && sessions.Find(parent) is { IsBridge: true } gateway && gateway != publication.Publisher
        && gateway.FindSubscription(GatewaysBelow.FilterOfAll(parent)) is not null ? gateway : null;

    // The device has room for its next command. What the answer says is between the device and its asker.
    private void NoteAnswer(in Publication publication, Session device, string asker)
    {
        if (device.Mailbox is not Mailbox mailbox || mailbox.IsIdle || !peers.Mail.Commands.TryReadAnswer(publication.Payload))
            return;
        string id = peers.Mail.Commands.Answer.Id;
        using FrameOfPacket frameOnDisk = new(_ground.Custody); // that the command has come to its end, and the receipt that says so
        receipts.Answered(mailbox.FindUnanswered(id, asker), asker, device.ClientId, id);
        mailbox.Answered(id, asker);
        if (mailbox.Count > 0)
            _ground.Turn.FollowUp(() => device.Pump(_ground.Turn.NowMs));
    }

    private PublishOutcome PublishToSession(ref Publication publication, Session session, bool isCommand)
    {
        // A client that subscribed to its own topic gets the message once, at the publisher's QoS, with the identifier it gave.
        uint[]? identifiers = session.FindSubscription(publication.Route.Topic) is { Identifier: not 0 and var identifier } ? [identifier] : null;
        bool isPaced = isCommand && peers.Mail.Births.Find(session.ClientId) is not null;
        bool waits = publication.QoS != QoS.AtMostOnce && (session.Mailbox is Mailbox { Count: > 0 } || !session.HasRoomFor(publication.MessageBytes));
        if ((isPaced || waits) && mailboxes.IsKnown(session.ClientId))
            return PutIntoMailbox(ref publication, session.ClientId, identifiers, session);

        _ground.Counters.P2PRouted++;
        long lastEntry = _ground.Custody.LastEntry;
        DeliveryResult result = peers.Delivery.Deliver(
            ref publication, new Recipient(session) { QoS = publication.QoS, NoLocal = false, Identifiers = identifiers, PassesQueue = true });
        receipts.Sent(publication, session.ClientId, EntrySince(lastEntry), result);
        return Outcome(result != DeliveryResult.NoRoom);
    }

    private PublishOutcome PutIntoMailbox(ref Publication publication, string target, uint[]? identifiers, Session? connected = null)
    {
        _ground.Counters.P2PRouted++;
        long lastEntry = _ground.Custody.LastEntry;
        if (!mailboxes.Put(target, new QueuedMessage(publication.Hold(), publication.QoS, Retain: false, identifiers)))
        {
            receipts.Dropped(publication, target, DropReason.MailboxFull);
            return PublishOutcome.NoRoom;
        }

        receipts.Expect(publication, target, EntrySince(lastEntry));
        connected?.Pump(_ground.Turn.NowMs);
        if (mailboxes.Find(target) is not { Count: > 0 } mailbox)
            return PublishOutcome.Accepted;
        receipts.Queued(publication, target);
        if (connected is not null && mailbox.IsFilling)
            peers.Delivery.HoldingBack.Add(mailbox);
        return PublishOutcome.Accepted;
    }

    // An application behind the upstream may be meant. What came from there ends here.
    private PublishOutcome PublishToNobodyHere(ref Publication publication, string target)
    {
        if (_ground.Upstreams.Tap is { } upstream && publication.Origin != Origin.Upstream)
        {
            // Whoever asks there expects an answer.
            if (publication.Publisher is { } sender && mailboxes.MakeReachable(sender.ClientId))
                upstream.ClientKnown(sender.ClientId);
            OwedReceipt owed = receipts.BeginUpstream(publication, target);
            // What ends while it is offered, for its time is over, does so together with the word of all of them, or not at all.
            using FrameOfPacket frameOnDisk = owed.Sender is null ? default : new(_ground.Custody);
            bool isTaken = upstream.Offer(publication.Hold(), peers.Delivery.HoldingBack, owed);
            owed.Fates?.Offered();
            if (isTaken)
                return PublishOutcome.Accepted;
        }

        Drop(publication, target, DropReason.P2PTargetUnknown);
        return PublishOutcome.NoSubscribers;
    }

    private void Drop(in Publication publication, string target, DropReason reason)
    {
        _ground.Counters.Drop(new Drop(reason, DropOwner.Client(target), publication.Route.Topic, publication.Payload.Length), publication.TraceNumber);
        receipts.Dropped(publication, target, reason);
    }

    private long EntrySince(long lastEntry) => _ground.Custody.LastEntry == lastEntry ? 0 : _ground.Custody.LastEntry;

    private static PublishOutcome Outcome(bool hadRoom) => hadRoom ? PublishOutcome.Accepted : PublishOutcome.NoRoom;
}
