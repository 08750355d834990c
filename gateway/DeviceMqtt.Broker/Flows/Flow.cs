using System.Runtime.CompilerServices;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Flows;

/// <summary>
/// Delivery of QoS 1 and 2 messages towards one peer, a client or an upstream, over all its connections.
/// <list type="bullet">
/// <item>A message keeps its Packet Identifier until its flow is complete, over a restart of the gateway too: the custody
/// knows under which it was sent, and whether PUBREC came.</item>
/// <item>What one connection did not see acknowledged is due on the next, in the order it was sent, before anything new.</item>
/// <item>A peer that has lost its Session gets what is due as new messages. A QoS 2 message whose end is not known may then
/// arrive twice, and never not at all.</item>
/// </list>
/// It sends nothing itself: the owner writes the packets, and says what becomes of a message that is done with. Owned by the turn.
/// </summary>
/// <param name="custody">Keeps what was sent and received.</param>
/// <param name="peer">The client or the upstream.</param>
/// <param name="keepsReceived">
/// A QoS 2 message is kept until PUBCOMP, because the peer may lose its Session without the gateway's doing. A client loses it
/// by asking for a new one, which ends ours too.
/// </param>
internal sealed class Flow(ICustody custody, DropOwner peer, bool keepsReceived = false)
{
    private readonly OutboundWindow _window = new();
    private ushort _nextDue;
    private int _requests;

    // Sent while there was no room to say so, in that order; null when there never were any.
    private Queue<(ushort PacketId, long Entry)>? _unsaid;

    /// <summary>Messages in flight, those that are due included.</summary>
    public int Count => _window.Count - _requests;

    /// <summary>Bytes of the messages that are kept until they are acknowledged.</summary>
    public long Bytes { get; private set; }

    /// <summary>What it takes in memory, with its window.</summary>
    public long MemoryBytes => Bytes + _window.Bytes;

    /// <summary>No message and no request is in flight.</summary>
    public bool IsEmpty => _window.Count == 0;

    /// <summary>Messages of an earlier connection that are neither sent again on this one nor acknowledged.</summary>
    public int DueCount { get; private set; }

    /// <summary>Somebody follows the message that was acknowledged last.</summary>
    public bool IsFollowed { get; private set; }

    /// <summary>Messages and requests that the peer has and has not answered on this connection.</summary>
    public int Unanswered => _window.Count - DueCount;

    /// <summary>Whether a new message may be sent: nothing older is due, and fewer than <paramref name="windowMax"/> are in flight.</summary>
    public bool HasRoom(int windowMax) => DueCount == 0 && Count < windowMax && _window.HasRoom(int.MaxValue);

    /// <summary>The Packet Identifier of the next message or request.</summary>
    public ushort NextPacketId => _window.Next;

    /// <summary>Whether there is a Packet Identifier for one more.</summary>
    public bool HasRoomForOneMore => _window.HasRoom(int.MaxValue);

    /// <summary>Whether a message that is due may be sent: it takes no place in the window before.</summary>
    public bool HasRoomForDue(int windowMax) => DueCount > 0 && Count - DueCount < windowMax;

    /// <summary>Takes a Packet Identifier for a message that is about to be sent, and has the custody know it.</summary>
    /// <param name="queued">The message, with its entry.</param>
    /// <param name="qos">At which it is sent: 1 or 2.</param>
    /// <param name="keep">False when no later connection can ask for the message.</param>
    /// <param name="isFollowed">Somebody follows it.</param>
    /// <param name="packetId">The identifier.</param>
    /// <returns>What a QoS 2 message waits for before it leaves; <see cref="Kept.NotNeeded"/> at QoS 1.</returns>
    public Kept Begin(in QueuedMessage queued, QoS qos, bool keep, bool isFollowed, out ushort packetId)
    {
        Inflight inflight = new()
        {
            Message = keep ? queued.Message : null,
            Identifiers = keep ? queued.Identifiers : null,
            Entry = queued.Entry,
            State = Awaited(qos),
            Retain = queued.Retain,
            IsFollowed = isFollowed,
        };
        if (!_window.TryAdd(inflight, int.MaxValue, out packetId))
            throw new InvalidOperationException($"no room in a window with {_window.Count} in flight");
        Bytes += inflight.Bytes;
        if (queued.Entry == 0)
            return custody.Sent(entry: 0, packetId, qos);
        // What the disk does not know to be sent goes out last after a crash: so it must not know of a later one before.
        Kept sent = SayUnsaid() ? custody.Sent(queued.Entry, packetId, qos) : Kept.NoRoom;
        if (!sent.IsNoRoom)
            return sent;
        // Even the reserve is gone: it goes all the same, behind what is on its way to the disk, as its custody goes on. After a crash the peer may get it twice.
        (_unsaid ??= new()).Enqueue((packetId, queued.Entry));
        return custody.KeptSoFar();
    }

    // Nothing that comes after may be on the disk before: a later message, or PUBREC.
    private bool SayUnsaid()
    {
        while (_unsaid is { Count: > 0 } unsaid)
        {
            (ushort packetId, long entry) = unsaid.Peek();
            ref Inflight inflight = ref _window.Find(packetId);
            bool isInFlight = !Unsafe.IsNullRef(ref inflight) && inflight.Entry == entry;
            if (isInFlight && custody.Sent(entry, packetId, inflight.QoS).IsNoRoom)
                return false;
            _ = unsaid.Dequeue();
        }

        return true;
    }

    /// <summary>Takes a Packet Identifier for a SUBSCRIBE or UNSUBSCRIBE [MQTT-2.3.1-2].</summary>
    public bool TryBeginRequest(out ushort packetId)
    {
        bool isTaken = _window.TryAdd(new Inflight { State = InflightState.AwaitsSubAck }, int.MaxValue, out packetId);
        _requests += isTaken ? 1 : 0;
        return isTaken;
    }

    /// <summary>SUBACK or UNSUBACK, or the request was not sent after all.</summary>
    /// <returns>False when the Packet Identifier is of no request.</returns>
    public bool EndRequest(ushort packetId)
    {
        ref Inflight inflight = ref _window.Find(packetId);
        if (Unsafe.IsNullRef(ref inflight) || inflight.State != InflightState.AwaitsSubAck)
            return false;
        _window.Remove(packetId);
        _requests--;
        return true;
    }

    /// <summary>The connection has ended: its requests have, too.</summary>
    public void EndRequests()
    {
        foreach (ushort packetId in _window.InOrder().ToArray())
            _ = EndRequest(packetId);
    }

    /// <summary>
    /// Another connection: all that is in flight is due, in its order [MQTT-4.4.0-1]; the owner sends it as the Receive Maximum
    /// of this connection allows [MQTT-3.3.4-9].
    /// </summary>
    /// <param name="isSessionPresent">False when the peer knows nothing of the connections before.</param>
    /// <param name="qosMax">
    /// What the peer takes on this connection: what would go above that goes as a new message within it. At QoS 0 what is due is the owner's to send, without a Packet Identifier
    /// (<see cref="Cancel"/>).
    /// </param>
    /// <returns>How many QoS 2 messages go again as new ones, because the peer knows nothing of them.</returns>
    public int Resume(bool isSessionPresent = true, QoS qosMax = QoS.ExactlyOnce)
    {
        int restarted = 0;
        DueCount = 0;
        _nextDue = _window.Oldest;
        foreach (ushort packetId in _window.InOrder().ToArray())
        {
            ref Inflight inflight = ref _window.Find(packetId);
            if (inflight.State == InflightState.AwaitsSubAck)
                continue;
            if (!isSessionPresent && inflight is { State: InflightState.AwaitsPubComp, Message: null })
            {
                EndGivenUp(packetId, inflight);
                _window.Remove(packetId); // only the peer's own state was to be cleared, and it has none
                continue;
            }

            inflight.IsNew = !isSessionPresent || inflight is { IsNew: true, IsDue: true }; // what went as new once goes with DUP from then on [MQTT-3.3.1-1]
            inflight.IsDue = true;
            inflight.WasSentAgain = false;
            DueCount++;
            if (isSessionPresent)
            {
                // PUBREL has no QoS: what the peer has is only to be finished.
                if (inflight.State != InflightState.AwaitsPubComp && inflight.QoS > qosMax)
                    (inflight.State, inflight.IsNew) = (Awaited(qosMax), true);
                continue;
            }

            if (inflight.QoS != QoS.ExactlyOnce)
                continue;
            restarted++;
            bool wasReceived = inflight.State == InflightState.AwaitsPubComp;
            inflight.State = Awaited(qosMax);
            if (wasReceived && inflight.Entry != 0)
                custody.Sent(inflight.Entry, packetId, inflight.QoS).ForNobody(); // PUBREC does not count any more: what is sent next waits for that
        }

        return restarted;
    }

    /// <summary>The oldest that is due, which counts as sent from now on.</summary>
    public bool TryTakeDue(out ushort packetId, out Inflight inflight)
    {
        while (DueCount > 0)
        {
            packetId = _nextDue;
            _nextDue = (ushort)(packetId + 1);
            if (TryTakeDue(packetId, out inflight))
                return true;
        }

        packetId = 0;
        inflight = default;
        return false;
    }

    /// <summary>A certain message, if it is due, which counts as sent from now on.</summary>
    public bool TryTakeDue(ushort packetId, out Inflight inflight)
    {
        ref Inflight due = ref _window.Find(packetId);
        inflight = default;
        if (Unsafe.IsNullRef(ref due) || !due.IsDue)
            return false;
        ClearDue(ref due);
        due.WasSentAgain = !due.IsNew;
        inflight = due;
        due.WasRefused = false;
        return true;
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP of the peer.</summary>
    /// <param name="ack">Which of them.</param>
    /// <param name="packetId">Its Packet Identifier.</param>
    /// <param name="isError">It has a reason code of 128 or more.</param>
    /// <param name="done">The message, when the outcome is <see cref="AckOutcome.Complete"/>; its entry is the owner's to settle.</param>
    /// <param name="kept">What PUBREL waits for, when the outcome is <see cref="AckOutcome.SendPubRel"/>.</param>
    public AckOutcome Acknowledge(PacketType ack, ushort packetId, bool isError, out Inflight done, out Kept kept)
    {
        done = default;
        kept = Kept.NotNeeded;
        ref Inflight inflight = ref _window.Find(packetId);
        if (Unsafe.IsNullRef(ref inflight))
            return AckOutcome.Unknown;
        IsFollowed = inflight.IsFollowed;
        switch (ack, inflight.State)
        {
            case (PacketType.PubAck, InflightState.AwaitsPubAck):
            case (PacketType.PubComp, InflightState.AwaitsPubComp):
            case (PacketType.PubRec, InflightState.AwaitsPubRec) when isError: // [MQTT-4.4.0-2]: the flow ends with the error
                ClearDue(ref inflight);
                done = inflight;
                Bytes -= done.Bytes;
                EndGivenUp(packetId, done);
                _window.Remove(packetId);
                return AckOutcome.Complete;
            case (PacketType.PubRec, InflightState.AwaitsPubRec):
                kept = SayUnsaid() ? Receive(ref inflight) : Kept.NoRoom;
                return kept.IsNoRoom ? AckOutcome.NoRoom : AckOutcome.SendPubRel;
            case (PacketType.PubRec, InflightState.AwaitsPubComp):
                kept = custody.KeptSoFar();
                return AckOutcome.SendPubRel; // our PUBREL did not arrive yet, or is on its way
            default:
                return AckOutcome.WrongKind;
        }
    }

    /// <summary>What is in flight under a Packet Identifier.</summary>
    public bool TryFind(ushort packetId, out Inflight found)
    {
        ref Inflight inflight = ref _window.Find(packetId);
        bool isThere = !Unsafe.IsNullRef(ref inflight);
        found = isThere ? inflight : default;
        return isThere;
    }

    /// <summary>A message that the peer has refused is due again, as a new one, for its last try.</summary>
    public void BeginLastTry(ushort packetId, in Inflight refused)
    {
        Inflight again = refused with { IsDue = true, IsNew = true, IsLastTry = true, State = Awaited(refused.QoS) };
        PutBackAs(packetId, again);
        DueCount++;
    }

    /// <summary>A message that the peer has refused stays in flight, in its place, and is due on the next connection.</summary>
    public void PutBack(ushort packetId, in Inflight refused)
    {
        Inflight again = refused with { IsDue = false, IsNew = true, WasRefused = true, State = Awaited(refused.QoS) };
        PutBackAs(packetId, again);
    }

    private void PutBackAs(ushort packetId, in Inflight again)
    {
        if (!_window.TryPutBack(packetId, again))
            throw new InvalidOperationException($"Packet Identifier {packetId} was taken while its message was being refused");
        Bytes += again.Bytes;
    }

    /// <summary>One that was put back is due on this connection already.</summary>
    public void MakeDue(ushort packetId)
    {
        ref Inflight inflight = ref _window.Find(packetId);
        if (Unsafe.IsNullRef(ref inflight) || inflight.IsDue)
            return;
        inflight.IsDue = true;
        DueCount++;
        _nextDue = _window.Oldest;
    }

    /// <summary>A message in flight is not to be delivered any more, and its Packet Identifier is free; its entry is the owner's to settle.</summary>
    public Inflight Cancel(ushort packetId)
    {
        ref Inflight inflight = ref _window.Find(packetId);
        ClearDue(ref inflight);
        Inflight cancelled = inflight;
        Bytes -= cancelled.Bytes;
        _window.Remove(packetId);
        return cancelled;
    }

    /// <summary>
    /// A QoS 2 message in flight is not to be delivered any more, but the peer may have its Packet Identifier open. It is not
    /// given to another message before PUBREL is answered; that is due on the next connection, after a restart too.
    /// </summary>
    /// <returns>The message; its entry is the owner's to settle, and PUBREL waits for that.</returns>
    public Inflight GiveUp(ushort packetId)
    {
        ref Inflight inflight = ref _window.Find(packetId);
        ClearDue(ref inflight);
        Inflight given = inflight;
        Bytes -= given.Bytes;
        inflight = new Inflight { State = InflightState.AwaitsPubComp, IsGivenUp = given.Entry != 0 };
        // Before the entry is settled: a crash between the two leaves it in flight, and it is given up once more.
        if (inflight.IsGivenUp)
            custody.GivenUp(peer, packetId, isOpen: true);
        return given;
    }

    /// <summary>A Packet Identifier of a recovery whose message was given up. Behind all that was in flight.</summary>
    /// <returns>False when it is in use, or out of the window's reach.</returns>
    public bool TryRestoreGivenUp(ushort packetId)
    {
        Inflight inflight = new() { State = InflightState.AwaitsPubComp, IsGivenUp = true };
        return _window.TryPutBack(packetId, inflight) || _window.TryRestore(packetId, inflight);
    }

    /// <summary>The peer has lost its Session, or ours ends: nothing is due to it any more for what was given up.</summary>
    public void EndGivenUp()
    {
        foreach ((ushort packetId, Inflight inflight) in InOrder())
            EndGivenUp(packetId, inflight);
    }

    private void EndGivenUp(ushort packetId, in Inflight inflight)
    {
        if (inflight.IsGivenUp)
            custody.GivenUp(peer, packetId, isOpen: false);
    }

    /// <summary>A message of a recovery, in flight on the last connection. In the order they were sent.</summary>
    public bool TryRestore(ushort packetId, in Inflight inflight)
    {
        if (!_window.TryRestore(packetId, inflight))
            return false;
        Bytes += inflight.Bytes;
        return true;
    }

    /// <summary>What is in flight, in the order it was sent, with its Packet Identifier.</summary>
    public IEnumerable<(ushort PacketId, Inflight Inflight)> InOrder()
    {
        foreach (ushort packetId in _window.InOrder())
            yield return (packetId, _window.Find(packetId));
    }

    private static InflightState Awaited(QoS qos) => qos == QoS.ExactlyOnce ? InflightState.AwaitsPubRec : InflightState.AwaitsPubAck;

    private Kept Receive(ref Inflight inflight)
    {
        Kept kept = Kept.NotNeeded;
        if (inflight.Message is { } message && inflight.Entry != 0)
            kept = custody.Received(inflight.Entry, keepsReceived ? null : message);
        if (kept.IsNoRoom)
            return kept; // nothing has changed: PUBREC has to come once more
        inflight.State = InflightState.AwaitsPubComp;
        ClearDue(ref inflight);
        if (keepsReceived)
            return kept;
        Bytes -= inflight.Bytes;
        inflight.Message = null; // from here on only the identifier matters [MQTT-4.3.3-1]
        return kept;
    }

    private void ClearDue(ref Inflight inflight)
    {
        if (!inflight.IsDue)
            return;
        inflight.IsDue = false;
        DueCount--;
    }
}
