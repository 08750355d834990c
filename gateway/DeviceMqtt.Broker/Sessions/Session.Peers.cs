using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>P2P messages: how they go in front of others, and those whose time is over while they are in flight.</content>
internal sealed partial class Session
{
    private bool _peerWaits; // in the queue, while there is anything: the next one does not pass it

    /// <summary>A QoS 1 or 2 message of so many bytes that does not wait behind others would be sent at once.</summary>
    /// <param name="bytes">As limits count them.</param>
    public bool HasRoomFor(int bytes)
    {
        if (Connection is not { } connection)
            return false;
        _flow ??= new Flow(_custody, Owner);
        return HasRoomFor(connection, bytes, keep: true);
    }

    // Few, and made for now: they pass what waits in the queue.
    private void SendMail(ClientLink connection, long nowMs)
    {
        while (Mailbox is { Count: > 0 } mailbox && HasRoomFor(connection, mailbox.NextBytes, keep: true) && mailbox.TryTake(nowMs, out QueuedMessage next))
            _custody.Counters.Count(SendQueued(connection, next, nowMs), next.Message.Payload.Length, ClientId, next.Message.Topic, next.Message.TraceNumber);
    }

    /// <summary>A gateway below that is connected with 5.0: an acknowledgement tells it why.</summary>
    public bool IsGatewayOf5 => IsBridge && Connection is { Version: ProtocolVersion.V5 };

    /// <summary>Monotonic milliseconds before which no P2P message expires that is the Session's: in flight, or, of a gateway below, in its queue.</summary>
    public long PeerExpiryMs { get; private set; } = long.MaxValue;

    /// <summary>
    /// While the client is away: a command that was sent on an earlier connection, and not acknowledged, does not go once more when its time is
    /// over, nor does one for a device behind the client. What is stale is not carried out.
    /// </summary>
    /// <returns>False when the slice was over before.</returns>
    public bool ExpirePeerMessages()
    {
        long nextMs = long.MaxValue;
        foreach ((ushort packetId, Inflight inflight) in InFlight().ToArray())
        {
            if (inflight.Message is not { IsP2P: true } message)
                continue;
            if (ground.Turn.IsSliceOver)
                return false;
            if (message.IsExpired(ground.Turn.NowMs))
                Expire(connection: null, packetId, inflight);
            else
                nextMs = Math.Min(nextMs, message.ExpiresMs);
        }

        if (IsBridge && !queue.DropExpired(ground.Turn))
            return false;
        PeerExpiryMs = IsBridge ? Math.Min(nextMs, queue.EarliestExpiryMs) : nextMs;
        return true;
    }

    private IMessageTrace? Trace => _custody.Counters.Trace;

    private void TellHanded(uint number, long entry, DeliveryResult result, QoS qos, ushort packetId)
    {
        if (number != IMessageTrace.NotFollowed)
            Trace?.Handed(number, entry, Owner, result, qos, packetId);
    }

    private DropOwner Owner => DropOwner.Client(ClientId);

    private void NotePeer(in QueuedMessage queued)
    {
        if (queued.Message is { IsP2P: true } message)
            PeerExpiryMs = Math.Min(PeerExpiryMs, message.ExpiresMs);
    }

    // A P2P message whose time is over: as a message, or as a command by its own words.
    private bool IsStale(Message message) => message.IsP2P && (message.IsExpired(ground.Turn.NowMs) || ground.IsStale(message));

    // What is not sent fills neither the output nor the window, and there may be thousands: stale commands for the devices of a gateway below, what the client may have no more, what is
    // larger than it takes now. The queue is where it goes on from.
    private bool SendOrDrop(ClientLink connection, in QueuedMessage next, long nowMs)
    {
        if (IsStale(next.Message))
        {
            _custody.Drop(Owner, next.Entry, next.Message, DropReason.Expired);
        }
        else
        {
            DeliveryResult result = SendQueued(connection, next, nowMs);
            _custody.Counters.Count(result, next.Message.Payload.Length, ClientId, next.Message.Topic, next.Message.TraceNumber);
            if (result == DeliveryResult.Sent)
                return true;
        }

        if (!ground.Turn.IsSliceOverForWriter)
            return true;
        GoOnLater();
        return false;
    }

    // Of a QoS 2 message the client may have the identifier open: PUBREL is due.
    private void Expire(ClientLink? connection, ushort packetId, in Inflight inflight)
    {
        if (inflight.QoS == QoS.AtLeastOnce)
            _ = _flow!.Cancel(packetId);
        else
            _ = _flow!.GiveUp(packetId);
        CountInFlight();
        _custody.Drop(DropOwner.Client(ClientId), inflight.Entry, inflight.Message, DropReason.Expired);
        if (inflight.QoS == QoS.ExactlyOnce)
            connection?.SendAck(_custody.KeptSoFar(), PacketType.PubRel, packetId);
    }
}
