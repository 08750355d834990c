using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <content>What is known and not told yet: a receipt starts behind the routing of the packet at hand, and is in custody before where its listener stays.</content>
internal sealed partial class Receipts
{
    /// <param name="Owed">Whom to tell of what.</param>
    /// <param name="Status">What became of it.</param>
    /// <param name="Why">For what reason; empty where there is none to tell.</param>
    /// <param name="Listener">The Session that it is in custody for already; null when it is made when it is told.</param>
    /// <param name="Held">What is in custody for it.</param>
    /// <param name="Above">What is in custody for the upstreams that it goes to; null when it is made when it is told.</param>
    private readonly record struct Untold(OwedReceipt Owed, string Status, string Why, Session? Listener = null, QueuedMessage Held = default, List<KeptForUpstream>? Above = null);

    private void Tell(in OwedReceipt owed, string status, string why = "") => Tell(new Untold(owed, status, why));

    // A receipt must not start inside the routing of the message it is about.
    private void Tell(in Untold untold)
    {
        if (_untold.Count == 0)
            _ground.Turn.FollowUp(TellAll);
        _untold.Enqueue(untold);
    }

    // In the frame of the record that says the same of the message: nothing is routed here, for another message may be.
    private void TellKept(in OwedReceipt owed, string status, string why = "")
    {
        Untold untold = new(owed, status, why);
        if (owed.Marks.HasFlag(ReceiptMarks.IsUpstream))
            untold = untold with { Above = KeepAbove(owed, status, why) };
        else if (owed.Sender.Length > 0 && FindListener(owed.Sender, owed.Below, owed.User) is { QoS: not QoS.AtMostOnce, Subscriber: Session { IsDurable: true } listener } subscription
            && Write(owed, status, why))
        {
            Message message = PublicationOf(owed.Sender, _json.Buffer.AsSpan(0, _json.Length)).Hold(); // it has a copy: the next is written over this one
            QueuedMessage queued = new(message, QoS.AtLeastOnce, Retain: false, subscription.Identifier == 0 ? null : [subscription.Identifier]);
            Kept kept = _ground.Custody.Hold(LedgerClass.Session, listener.ClientId, queued, out long entry);
            if (kept.IsNoRoom)
                return; // counted: to be told it would need the same room, and be counted once more
            if (kept.IsFailed)
                _ground.Turn.Gate.Join(kept); // the packet at hand waits for nothing but that
            if (entry != 0)
                untold = untold with { Listener = listener, Held = queued with { Entry = entry } };
        }

        Tell(untold);
    }

    // Null where no rule sends it up.
    private List<KeptForUpstream>? KeepAbove(in OwedReceipt owed, string status, string why)
    {
        if (!Write(owed, status, why) || !TryMakeForAbove(owed.Sender, out Publication publication, out IUpstream upstream))
            return null;
        List<KeptForUpstream> kept = [];
        upstream.Keep(publication.Hold(), kept);
        return kept;
    }

    // Upstream another gateway may tell of the same command: it had its target before, or has it now.
    private bool Write(in OwedReceipt owed, string status, string why) =>
        Receipt.Write(_json, status, owed.Target, owed.CommandId, why, owed.Upstream ?? "", owed.Marks.HasFlag(ReceiptMarks.IsUpstream) ? _ground.Upstreams.GatewayName : "");

    // Of what was just written.
    private bool TryMakeForAbove(string sender, out Publication publication, out IUpstream upstream)
    {
        publication = PublicationOf(sender, _json.Buffer.AsSpan(0, _json.Length));
        upstream = _ground.Upstreams.Tap!;
        if (!publication.Route.IsRelayed || upstream is null)
            return false;
        // Old news is none, and must not fill the backlog of an upstream that is away for long.
        publication.LimitLifetime((uint)_ground.Limits.MailboxSecondsMax);
        return true;
    }

    private void TellAll()
    {
        _hasEnded = false;
        while (_untold.TryDequeue(out Untold one))
        {
            if (one.Above is { } above)
            {
                foreach (KeptForUpstream kept in above)
                    _ground.Upstreams.Tap!.Queue(kept);
                continue;
            }

            if (one.Listener is not { } listener)
            {
                Publish(one.Owed, one.Status, one.Why);
                continue;
            }

            if (_sessions.Find(listener.ClientId) != listener)
            {
                _ground.Custody.Drop(DropOwner.Client(listener.ClientId), one.Held.Entry, one.Held.Message, DropReason.SessionEnded);
                continue;
            }

            _ = listener.Enqueue(one.Held);
            listener.Pump(_ground.Turn.NowMs);
        }
    }

    private Publication PublicationOf(string sender, ReadOnlySpan<byte> payload) => new()
    {
        Route = _routes.Get(ReceiptTopic.Build(sender)),
        QoS = QoS.AtLeastOnce,
        Payload = payload,
        Origin = Origin.Gateway,
        NowMs = _ground.Turn.NowMs,
    };
}
