using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Tells the senders of P2P messages what became of them, on <c>$gw/receipt/{sender}</c> (DESIGN: P2P rule 7): 3.1.1 has no
/// other word for it. To a sender here that subscribed to its own receipt topic, past the subscriptions of all others; to one behind an
/// upstream (the <c>from</c> of its command) where a rule of the relay sends that topic up; to one behind a gateway below through that
/// gateway, if it is subscribed to <see cref="ReceiptTopic.All"/>.
/// <list type="bullet">
/// <item>What is known at once is told at once. Where that is the end, the acknowledgement of the message waits until the disk has the receipt, if
/// it is kept for its listener. Of what waits or is in flight, the end is told when its custody ends, after a restart too: where the listener here has a Session that
/// outlives its connection, or the receipt goes up, it is on the disk with the end, or neither is.</item>
/// <item>Messages whose end is to be told are at most <see cref="GatewayLimits.ReceiptsPendingMax"/>.</item>
/// <item>Where nobody listens nothing is read, kept or made. A receipt has no receipt, and none that came up goes up further.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed partial class Receipts
{
    private const int ReceiptBytesMax = 16 * 1024; // chosen: two Client Identifiers of any length that may connect, escaped
    private const string OfTheGateway = ""; // no client has this identifier
    private readonly Ground _ground;
    private readonly SessionTable _sessions;
    private readonly Delivery _delivery;
    private readonly RouteCache _routes;
    private readonly Commands _commands;
    private readonly GatewaysBelow _gatewaysBelow;
    private readonly Dictionary<long, (OwedReceipt Receipt, Owner Owner)> _owed = [];

    // Known, and not told yet: while the packet at hand is routed.
    private readonly Queue<Untold> _untold = new();

    // Among those is the end of a message that is in nobody's custody: nothing but the receipt will ever speak of it.
    private bool _hasEnded;
    private readonly FlatJsonWriter _json = new(ReceiptBytesMax);

    public Receipts(Ground ground, SessionTable sessions, Delivery delivery, RouteCache routes, Commands commands, GatewaysBelow gatewaysBelow)
    {
        _ground = ground;
        _sessions = sessions;
        _delivery = delivery;
        _routes = routes;
        _commands = commands;
        _gatewaysBelow = gatewaysBelow;
        ground.Custody.Settled = Settled;
        ground.Custody.IsOwed = entry => _owed.Count > 0 && _owed.ContainsKey(entry);
    }

    /// <summary>Messages whose end is still to be told.</summary>
    public int OwedCount => _owed.Count;

    /// <summary>What is still to be told of an entry in the custody.</summary>
    public bool TryFindOwed(long entry, out OwedReceipt owed)
    {
        bool isOwed = _owed.TryGetValue(entry, out (OwedReceipt Receipt, Owner Owner) one);
        owed = one.Receipt;
        return isOwed;
    }

    /// <summary>One of a recovery. It is not told where there is no room to remember it.</summary>
    public void Restore(long entry, in OwedReceipt owed)
    {
        Owner owner = _ground.Owners.Restored;
        if (_owed.Count < _ground.Limits.ReceiptsPendingMax && owner[Good.Memory].TryTake(BytesOf(owed)))
            _owed.Add(entry, (owed, owner));
    }

    /// <summary>The message waits for its target.</summary>
    public void Queued(in Publication publication, string target)
    {
        if (TryBegin(publication, target, out OwedReceipt owed))
            Tell(owed, Receipt.Queued);
    }

    /// <summary>The message is in custody under this entry: what becomes of it is told.</summary>
    /// <param name="publication">The message.</param>
    /// <param name="target">For whom it is.</param>
    /// <param name="entry">0 when it is not in custody.</param>
    /// <param name="isBelow">It goes to a gateway below, which tells the rest.</param>
    public void Expect(in Publication publication, string target, long entry, bool isBelow = false)
    {
        if (entry != 0 && TryBegin(publication, target, out OwedReceipt owed))
            Owe(entry, isBelow ? owed with { Marks = owed.Marks | ReceiptMarks.IsBelow } : owed, OwnerOf(publication));
    }

    /// <summary>
    /// A message was routed and is about to be acknowledged. Where it has come to its end already its sender is told before, and the acknowledgement
    /// waits for the receipt: after a kill in that moment a sender of 3.1.1 would have neither its message nor a word about it.
    /// </summary>
    public void TellEnds()
    {
        if (!_hasEnded)
            return;
        Kept message = _ground.Turn.Gate.Outcome;
        TellAll();
        if (!_ground.Turn.Gate.Outcome.IsNoRoom || message.IsNoRoom)
            return;
        // No room for the receipt, which is counted. Its message is acknowledged all the same, or it would come again and again.
        _ground.Turn.Gate.BeginPacket();
        _ground.Turn.Gate.Join(message);
    }

    /// <summary>The target has acknowledged the message, and its custody goes on.</summary>
    public void Delivered(long entry)
    {
        if (!_owed.TryGetValue(entry, out (OwedReceipt Receipt, Owner Owner) one) || one.Receipt.Marks.HasFlag(ReceiptMarks.IsDelivered))
            return;
        OwedReceipt told = one.Receipt with { Marks = one.Receipt.Marks | ReceiptMarks.IsDelivered };
        _owed[entry] = (told, one.Owner);
        using FrameOfPacket frameOnDisk = new(_ground.Custody);
        _ground.Custody.ReceiptOwed(entry, told);
        TellKept(one.Receipt, Receipt.Delivered);
    }

    /// <summary>The target has acknowledged the message, and has not answered before its time was over. In one frame with the end of its custody.</summary>
    public void Unanswered(long entry)
    {
        if (TryForget(entry, out OwedReceipt owed))
            TellKept(owed, Receipt.Expired, Receipt.Unanswered);
    }

    /// <summary>A device has answered a command. In one frame with the end of its custody, unless the answer comes before its PUBACK, which is the end then.</summary>
    /// <param name="entry">The command; 0 when it is not known any more.</param>
    /// <param name="asker">To whom the answer goes.</param>
    /// <param name="device">Who has answered.</param>
    /// <param name="id">Of the command.</param>
    public void Answered(long entry, string asker, string device, string id)
    {
        if (TryForget(entry, out OwedReceipt owed) || TryFind(asker, isFromUpstream: _sessions.Find(asker) is null, out ReceiptMarks _))
            TellKept(owed.Sender is null ? new OwedReceipt(asker, device, id, MarksOf(asker)) : owed, Receipt.Answered);
    }

    /// <summary>The message went to its target, which is connected.</summary>
    public void Sent(in Publication publication, string target, long entry, DeliveryResult result)
    {
        bool isToldAnyway = result is DeliveryResult.NoRoom && IsToldByItsAcknowledgement(publication);
        if (isToldAnyway || !TryBegin(publication, target, out OwedReceipt owed))
            return;
        _hasEnded |= result is DeliveryResult.Slow or DeliveryResult.TooLarge or DeliveryResult.NoRoom;
        if (result is DeliveryResult.Slow)
            Tell(owed, Receipt.Dropped, Word(DropReason.SlowSubscriber));
        else if (result is DeliveryResult.TooLarge)
            Tell(owed, Receipt.Dropped, Word(DropReason.LargerThanClientAccepts));
        else if (result is DeliveryResult.NoRoom)
            Tell(owed, Receipt.Dropped, Word(DropReason.MailboxFull));
        else if (publication.QoS == QoS.AtMostOnce)
            Tell(owed, Receipt.Delivered);
        else
            Owe(entry, owed, OwnerOf(publication));
    }

    /// <summary>The message will never be delivered.</summary>
    public void Dropped(in Publication publication, string target, DropReason reason)
    {
        if (IsToldByItsAcknowledgement(publication) || !TryBegin(publication, target, out OwedReceipt owed))
            return;
        _hasEnded = true;
        Tell(owed, StatusOf(reason), WhyOf(reason));
    }

    /// <summary>
    /// Another gateway tells what became of a message whose sender is here, or behind a gateway below. It does not go up from here, nor back to
    /// where it came from: it could go round.
    /// </summary>
    public void Pass(string sender, ReadOnlySpan<byte> payload, Session? cameFrom = null)
    {
        if (FindListener(sender) is { } subscription && subscription.Subscriber != cameFrom)
            Deliver(sender, payload, subscription);
    }

    private void Deliver(string sender, ReadOnlySpan<byte> payload, Subscription subscription)
    {
        Session session = (Session)subscription.Subscriber;
        Publication publication = PublicationOf(sender, payload);
        Recipient recipient = new(session);
        recipient.Merge(subscription);
        _delivery.Begin();
        _ = _delivery.Deliver(ref publication, recipient);
    }

    private bool TryBegin(in Publication publication, string target, out OwedReceipt owed)
    {
        owed = default;
        // What found no room on the disk is not acknowledged: its sender brings it again, or was told.
        if (_ground.Turn.Gate.Outcome.IsNoRoom)
            return false;
        if (publication is { Publisher: null, Origin: Origin.Gateway } && _ground.Watch is not null)
        {
            bool isOwn = _commands.TryRead(publication.Payload);
            owed = new OwedReceipt(OfTheGateway, target, isOwn ? _commands.Envelope.Id : "", ReceiptMarks.None);
            return isOwn;
        }

        if (publication.Publisher is Session { IsBridge: true } below)
            return TryBeginBelow(below, publication, target, out owed);
        bool isFromUpstream = publication.Origin == Origin.Upstream;
        if (isFromUpstream && _ground.Upstreams.Tap is null)
            return false;
        string? sender = (publication.Publisher as Session)?.ClientId;
        if (!isFromUpstream && (sender is null || !TryFind(sender, isFromUpstream: false, out _)))
            return false;
        bool isCommand = _commands.TryRead(publication.Payload);
        if (isFromUpstream)
            sender = isCommand ? _commands.Envelope.From : null;
        if (sender is null || !TryFind(sender, isFromUpstream, out ReceiptMarks marks))
            return false;
        owed = new OwedReceipt(sender, target, isCommand ? _commands.Envelope.Id : "", marks) { User = (publication.Publisher as Session)?.User ?? default };
        return true;
    }

    // A gateway below brings the command of one of its clients. It may not have told yet that it has that client.
    private bool TryBeginBelow(Session below, in Publication publication, string target, out OwedReceipt owed)
    {
        owed = default;
        if (below.FindSubscription(ReceiptTopic.All) is null || !_commands.TryRead(publication.Payload))
            return false;
        string sender = _commands.Envelope.From;
        if (_sessions.Find(sender) is not null || (_gatewaysBelow.Find(sender) is { } other && other != below))
            return false;
        owed = new OwedReceipt(sender, target, _commands.Envelope.Id, ReceiptMarks.None) { Below = below.ClientId };
        return true;
    }

    // Whether somebody listens for the receipts of a sender.
    private bool TryFind(string sender, bool isFromUpstream, out ReceiptMarks marks)
    {
        marks = isFromUpstream ? ReceiptMarks.IsUpstream : ReceiptMarks.None;
        return isFromUpstream
            ? _ground.Upstreams.Tap is not null && _routes.Get(ReceiptTopic.Build(sender)).IsRelayed
            : FindListener(sender) is not null;
    }

    // The subscription that the receipts of a sender go to: its own, if it is still the same user, or that of the gateway below that has it.
    private Subscription? FindListener(string sender, string? below = null, UserIdentity user = default)
    {
        if (_sessions.Find(sender) is { } session)
            return user.IsOther(session.User) ? null : SubscriptionOf(session);
        return (_gatewaysBelow.Find(sender) ?? (below is null ? null : _sessions.Find(below)))?.FindSubscription(ReceiptTopic.All);
    }

    // A gateway below tells its sender what PUBACK says (5.0), and would tell it twice.
    private static bool IsToldByItsAcknowledgement(in Publication publication) =>
        publication.QoS != QoS.AtMostOnce && publication.Publisher is Session { IsGatewayOf5: true };

    private ReceiptMarks MarksOf(string asker) => _sessions.Find(asker) is null ? ReceiptMarks.IsUpstream : ReceiptMarks.None;

    // Told from now on what becomes of it, unless there is no memory to remember that.
    private void Owe(long entry, in OwedReceipt owed, Owner owner)
    {
        _ = TryForget(entry, out _);
        if (entry == 0 || _owed.Count >= _ground.Limits.ReceiptsPendingMax || !owner[Good.Memory].TryTake(BytesOf(owed)))
            return;
        _owed.Add(entry, (owed, owner));
        // What the gateway itself has asked it does not remember over a restart.
        if (owed.Sender.Length > 0)
            _ground.Custody.ReceiptOwed(entry, owed);
    }

    private bool TryForget(long entry, out OwedReceipt owed)
    {
        bool isOwed = _owed.Remove(entry, out (OwedReceipt Receipt, Owner Owner) one);
        owed = one.Receipt;
        if (isOwed)
            one.Owner[Good.Memory].Give(BytesOf(owed));
        return isOwed;
    }

    private static int BytesOf(in OwedReceipt owed) => MemoryCost.Receipt(owed.Sender.Length + owed.Target.Length + owed.CommandId.Length + (owed.User.Name?.Length ?? 0));

    private Owner OwnerOf(in Publication publication) => (publication.Publisher as Session)?.Holdings.Owner ?? _ground.Owners.Nobody;

    private void Settled(long entry, Outcome outcome)
    {
        if (!TryForget(entry, out OwedReceipt owed) || owed.Marks.HasFlag(ReceiptMarks.IsOver))
            return;
        if (owed.Upstream is not null)
            SettledUpstream(owed, outcome);
        else if (owed.Marks.HasFlag(ReceiptMarks.IsDelivered))
            TellUnanswered(owed, outcome);
        else if (!outcome.IsDelivered)
            TellKept(owed, StatusOf(outcome.Reason), WhyOf(outcome.Reason));
        else if (!owed.Marks.HasFlag(ReceiptMarks.IsBelow))
            TellKept(owed, Receipt.Delivered);
    }

    // The device has it, as its sender was told, and was to get it once more, for it has not answered: whatever became of that.
    private void TellUnanswered(in OwedReceipt owed, Outcome outcome)
    {
        if (!outcome.IsDelivered)
            TellKept(owed, Receipt.Expired, Receipt.Unanswered);
    }

    private static string StatusOf(DropReason reason) => reason == DropReason.Expired ? Receipt.Expired : Receipt.Dropped;

    private static string WhyOf(DropReason reason) => reason == DropReason.Expired ? "" : Word(reason);

    private static string Word(DropReason reason) => reason switch
    {
        DropReason.P2PTargetUnknown => "unknown",
        DropReason.P2PTargetAbsent => "absent",
        DropReason.P2PNotAllowed or DropReason.SenderForged => "denied",
        DropReason.SlowSubscriber => "slow",
        DropReason.LargerThanClientAccepts or DropReason.LargerThanUpstreamAccepts or DropReason.LargerThanJournal => "large",
        DropReason.Damaged => "damaged",
        DropReason.ClientRefused or DropReason.UpstreamRefused => "refused",
        DropReason.UpstreamAway => "away",
        DropReason.TopicNotForUpstream => "topic",
        DropReason.SessionEnded => "ended",
        DropReason.DroppedByOperator => "cancelled",
        DropReason.UserGone => "removed",
        DropReason.Restored => "restored",
        _ => "full",
    };

    private void Publish(in OwedReceipt owed, string status, string why)
    {
        if (owed.Sender.Length == 0)
        {
            _ground.Watch?.ReceiptCame(owed.Target, owed.CommandId, status, why);
            return;
        }

        if (!Write(owed, status, why))
            return;
        ReadOnlySpan<byte> payload = _json.Buffer.AsSpan(0, _json.Length);
        if (!owed.Marks.HasFlag(ReceiptMarks.IsUpstream))
        {
            if (FindListener(owed.Sender, owed.Below, owed.User) is { } subscription)
                Deliver(owed.Sender, payload, subscription);
            return;
        }

        if (TryMakeForAbove(owed.Sender, out Publication publication, out IUpstream upstream))
            upstream.Offer(publication.Hold(), _delivery.HoldingBack);
    }

    private static Subscription? SubscriptionOf(Session sender) =>
        sender.Subscriptions.Count == 0 ? null : sender.FindSubscription(ReceiptTopic.Build(sender.ClientId));
}
