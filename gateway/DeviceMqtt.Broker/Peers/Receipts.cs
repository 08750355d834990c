using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Tells the senders of P2P messages what became of them, on <c>$gw/receipt/{sender}</c> (DESIGN: P2P rule 7): 3.1.1 has no
/// other word for it. Only to those that subscribed to their own receipt topic, and past the subscriptions of all others.
/// <list type="bullet">
/// <item>What is known at once is told at once; of what waits or is in flight, the end is told when its custody ends.</item>
/// <item>Messages whose end is to be told are at most <see cref="GatewayLimits.ReceiptsPendingMax"/>, and forgotten at a restart.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class Receipts
{
    private const int ReceiptBytesMax = 16 * 1024; // chosen: two Client Identifiers of any length that may connect, escaped
    private const string UnansweredWord = "unanswered";
    private readonly Ground _ground;
    private readonly SessionTable _sessions;
    private readonly Delivery _delivery;
    private readonly RouteCache _routes;
    private readonly Dictionary<long, Pending> _pending = [];
    private readonly CommandEnvelope _envelope = new();
    private readonly FlatJsonWriter _json = new(ReceiptBytesMax);

    private readonly record struct Pending(string Sender, string Target, string CommandId, Owner Owner, bool IsDelivered = false)
    {
        public int Bytes => MemoryCost.Receipt(Target.Length + CommandId.Length);
    }

    public Receipts(Ground ground, SessionTable sessions, Delivery delivery, RouteCache routes)
    {
        _ground = ground;
        _sessions = sessions;
        _delivery = delivery;
        _routes = routes;
        ground.Custody.Settled = Settled;
    }

    /// <summary>The message waits for its target in the mailbox.</summary>
    public void Queued(in Publication publication, string target)
    {
        if (TryBegin(publication, target, out Pending pending))
            Tell(pending, Receipt.Queued);
    }

    /// <summary>The message is in custody under this entry: what becomes of it is told.</summary>
    public void Expect(in Publication publication, string target, long entry)
    {
        if (entry != 0 && TryBegin(publication, target, out Pending pending))
            Expect(pending, entry);
    }

    /// <summary>The target has acknowledged the message, and its custody goes on.</summary>
    public void Delivered(long entry)
    {
        if (!_pending.TryGetValue(entry, out Pending pending) || pending.IsDelivered)
            return;
        _pending[entry] = pending with { IsDelivered = true };
        Tell(pending, Receipt.Delivered);
    }

    /// <summary>The target has acknowledged the message, and has not answered before its time was over.</summary>
    public void Unanswered(long entry)
    {
        if (TryForget(entry, out Pending pending))
            Tell(pending, Receipt.Expired, UnansweredWord);
    }

    /// <summary>A device has answered a command.</summary>
    /// <param name="entry">The command; 0 when it is not known any more.</param>
    /// <param name="asker">To whom the answer goes.</param>
    /// <param name="device">Who has answered.</param>
    /// <param name="id">Of the command.</param>
    public void Answered(long entry, string asker, string device, string id)
    {
        if (!TryForget(entry, out Pending pending))
            pending = new Pending(asker, device, id, _ground.Owners.Nobody);
        if (_sessions.Find(pending.Sender) is { } sender && SubscriptionOf(sender) is not null)
            Tell(pending, Receipt.Answered);
    }

    /// <summary>The message went to its target, which is connected.</summary>
    public void Sent(in Publication publication, string target, long entry, DeliveryResult result)
    {
        if (!TryBegin(publication, target, out Pending pending))
            return;
        if (result is DeliveryResult.Slow)
            Tell(pending, Receipt.Dropped, Word(DropReason.SlowSubscriber));
        else if (result is DeliveryResult.TooLarge)
            Tell(pending, Receipt.Dropped, Word(DropReason.LargerThanClientAccepts));
        else if (result is DeliveryResult.NoRoom)
            Tell(pending, Receipt.Dropped, Word(DropReason.MailboxFull));
        else if (publication.QoS == QoS.AtMostOnce)
            Tell(pending, Receipt.Delivered);
        else
            Expect(pending, entry);
    }

    /// <summary>The message will never be delivered.</summary>
    public void Dropped(in Publication publication, string target, DropReason reason)
    {
        if (!TryBegin(publication, target, out Pending pending))
            return;
        if (reason == DropReason.Expired)
            Tell(pending, Receipt.Expired);
        else
            Tell(pending, Receipt.Dropped, Word(reason));
    }

    private bool TryBegin(in Publication publication, string target, out Pending pending)
    {
        pending = default;
        // What found no room on the disk is not acknowledged: its sender brings it again, or was told.
        if (publication.Publisher is not Session sender || _ground.Turn.Gate.Outcome.IsNoRoom || SubscriptionOf(sender) is null)
            return false;
        byte[] payload = publication.Payload.Length <= WireLimits.CommandBytesMax ? publication.Payload.ToArray() : [];
        pending = new Pending(sender.ClientId, target, _envelope.TryRead(payload, 0, payload.Length) ? _envelope.Id : "", sender.Holdings.Owner);
        return true;
    }

    private void Expect(in Pending pending, long entry)
    {
        if (entry != 0 && _pending.Count < _ground.Limits.ReceiptsPendingMax && pending.Owner[Good.Memory].TryTake(pending.Bytes))
            _pending.Add(entry, pending);
    }

    private bool TryForget(long entry, out Pending pending)
    {
        if (!_pending.Remove(entry, out pending))
            return false;
        pending.Owner[Good.Memory].Give(pending.Bytes);
        return true;
    }

    private void Settled(long entry, Outcome outcome)
    {
        if (!TryForget(entry, out Pending pending))
            return;
        if (outcome.IsDelivered && pending.IsDelivered)
            return;
        if (outcome.IsDelivered)
            Tell(pending, Receipt.Delivered);
        else if (outcome.Reason == DropReason.Expired)
            Tell(pending, Receipt.Expired);
        else
            Tell(pending, Receipt.Dropped, Word(outcome.Reason));
    }

    private static string Word(DropReason reason) => reason switch
    {
        DropReason.P2PTargetUnknown => "unknown",
        DropReason.P2PTargetAbsent => "absent",
        DropReason.P2PNotAllowed or DropReason.SenderForged => "denied",
        DropReason.SlowSubscriber => "slow",
        DropReason.LargerThanClientAccepts => "large",
        DropReason.Damaged => "damaged",
        DropReason.ClientRefused => "refused",
        _ => "full",
    };

    // A receipt must not start inside the routing of the message it is about.
    private void Tell(Pending pending, string status, string why = "") => _ground.Turn.FollowUp(() => Publish(pending, status, why));

    private void Publish(in Pending pending, string status, string why)
    {
        if (_sessions.Find(pending.Sender) is not { } sender || SubscriptionOf(sender) is not { } subscription)
            return;
        if (!Receipt.Write(_json, status, pending.Target, pending.CommandId, why))
            return;
        Publication publication = new()
        {
            Route = _routes.Get(subscription.Filter.Value),
            QoS = QoS.AtLeastOnce,
            Payload = _json.Buffer.AsSpan(0, _json.Length),
            Origin = Origin.Gateway,
            NowMs = _ground.Turn.NowMs,
        };
        Recipient recipient = new(sender);
        recipient.Merge(subscription);
        _delivery.Begin();
        _ = _delivery.Deliver(ref publication, recipient);
    }

    private static Subscription? SubscriptionOf(Session sender) =>
        sender.Subscriptions.Count == 0 ? null : sender.FindSubscription(ReceiptTopic.Build(sender.ClientId));
}
