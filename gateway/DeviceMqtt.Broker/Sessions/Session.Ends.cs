using System.Diagnostics.CodeAnalysis;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>Its end, and what a recovery brings back.</content>
internal sealed partial class Session
{
    /// <summary>Its connection ends, if there is one.</summary>
    public void CloseConnection(CloseReason reason, string detail) => Connection?.Close(reason, detail);

    /// <summary>
    /// The Session ends. P2P messages that were sent and not acknowledged belong to the mailbox; all others that were sent
    /// are dropped and counted. What waits is left to <see cref="EndWaiting"/>.
    /// </summary>
    public List<QueuedMessage> End()
    {
        List<QueuedMessage> taken = [];
        bool isFollowed = false;
        foreach ((_, Inflight inflight) in InFlight())
        {
            isFollowed |= inflight.IsFollowed;
            if (inflight.Message is { IsP2P: true } p2p)
                taken.Add(WaitsAgain(new QueuedMessage(p2p, inflight.QoS, Retain: false, Identifiers: null, inflight.Entry, WasSent: true)));
            else if (inflight.State == InflightState.AwaitsPubComp)
                _custody.Settle(inflight.Entry, message: null, Outcome.Delivered); // the client has it
            else if (inflight.Message is not null)
                _custody.Drop(DropOwner.Client(ClientId), inflight.Entry, inflight.Message, DropReason.SessionEnded);
        }

        if (isFollowed)
            Trace?.FlowEnded(Owner);
        _flow?.EndGivenUp();
        _flow = null;
        _retained = null;
        _given = 0;
        CountInFlight();
        return taken;
    }

    /// <summary>What waits for a Session that has ended: P2P messages are taken for the mailbox, all others are dropped and counted.</summary>
    /// <returns>False when the slice was over before.</returns>
    public bool EndWaiting(List<QueuedMessage> taken)
    {
        while (queue.Count > 0)
        {
            if (ground.Turn.IsSliceOver)
                return false;
            if (!queue.TryDequeue(ground.Turn, out QueuedMessage next))
                continue;
            if (next.Message.IsP2P)
                taken.Add(next);
            else
                _custody.Drop(DropOwner.Client(ClientId), next.Entry, next.Message, DropReason.SessionEnded);
        }

        return true;
    }

    /// <summary>What is in flight, in the order it was sent, with its Packet Identifier.</summary>
    public IEnumerable<(ushort PacketId, Inflight Inflight)> InFlight() => _flow?.InOrder() ?? [];

    /// <summary>A message of a recovery, in flight on the last connection; in the order they were sent.</summary>
    public bool TryRestoreInflight(ushort packetId, in Inflight inflight)
    {
        if (inflight.Message is { IsP2P: true } message)
            PeerExpiryMs = Math.Min(PeerExpiryMs, message.ExpiresMs);
        bool isRestored = (_flow ??= new Flow(_custody, Owner)).TryRestore(packetId, inflight);
        CountInFlight();
        return isRestored;
    }

    /// <summary>A QoS 2 Packet Identifier of a recovery that is still in use although its message was given up. Behind all that was in flight.</summary>
    public void RestoreGivenUp(ushort packetId)
    {
        _ = (_flow ??= new Flow(_custody, Owner)).TryRestoreGivenUp(packetId);
        CountInFlight();
    }

    /// <summary>A QoS 2 Packet Identifier of a recovery.</summary>
    /// <param name="packetId">The Packet Identifier.</param>
    /// <param name="content">The hash of what came under it; null where it is not known.</param>
    public void RestoreInbound(ushort packetId, uint? content)
    {
        AddInbound(packetId);
        if (content is { } known)
            NoteContent(packetId, known);
    }

    // A message that is on the disk alone is read for this packet, and stays there. One that cannot be read is dropped. Only at QoS 2 does the client have to
    // hear of that: PUBREL for a Packet Identifier of QoS 1 would be a protocol error.
    private bool TryMakeWhole(ClientLink connection, ushort packetId, in Inflight inflight, [NotNullWhen(true)] out Message? message)
    {
        message = inflight.Message is { IsReference: true } reference ? _custody.Take(reference) : inflight.Message;
        if (message is not null)
            return true;
        bool hasToBeReleased = inflight.QoS == QoS.ExactlyOnce;
        _ = hasToBeReleased ? _flow!.GiveUp(packetId) : _flow!.Cancel(packetId);
        CountInFlight();
        _custody.Drop(DropOwner.Client(ClientId), inflight.Entry, inflight.Message, DropReason.Damaged);
        if (hasToBeReleased)
            connection.SendAck(_custody.KeptSoFar(), PacketType.PubRel, packetId);
        return false;
    }

    // The Packet Identifier was of a Session that has ended: a later one must not find it again after a restart. That the client may have it is still known then.
    private QueuedMessage WaitsAgain(in QueuedMessage queued)
    {
        if (queued.Entry != 0)
            _custody.Sent(queued.Entry, packetId: 0, QoS.AtLeastOnce).ForNobody(); // its Session ends: no client waits for an answer
        return queued;
    }
}
