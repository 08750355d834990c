using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Finds the one message that an upstream does not take, so that the others can go on.
/// <list type="bullet">
/// <item>The message that was oldest in flight when the connection ended, twice in a row and with nothing answered, is
/// suspected. On the next connection it is sent alone: after all that is the connection's own, before everything else.</item>
/// <item>If the upstream takes it, one of those behind it may be at fault, whose end of the connection took the answers to those before with it: they follow one by one. The one that has no answer when the
/// connection ends is suspected next.</item>
/// <item>The same for a message that is refused for want of room. When it is refused alone as well, another message decides
/// whose fault it is: the message's, or the upstream's, which has no room for anything.</item>
/// <item>The same, and at once, for a message that is answered with a packet that is not for its QoS: whose fault the end is, is known.</item>
/// <item>A message that is refused for no certain reason is tried once more, alone, at once.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class Trial(Flow flow, OwnMessages own)
{
    private const int StrikesMax = 2;

    private readonly Queue<ushort> _alone = new();
    private bool _isSent;
    private int _strikes;
    private bool _isGuess; // it was the oldest, and one of those behind it may be at fault
    private bool _hasWrongAnswer; // on this connection, which it ends

    // It was refused alone, for want of room, and waits for another one's answer.
    private ushort _doubtful;

    /// <summary>The gateway's own messages, which are never suspected.</summary>
    public OwnMessages Own => own;

    /// <summary>The message that the upstream seems not to take; null when none does.</summary>
    public Message? Suspect { get; private set; }

    /// <summary>A message is to be sent alone.</summary>
    public bool IsOn => _alone.Count > 0;

    /// <summary>A message that was refused waits for another one's answer: it takes no place with the upstream.</summary>
    public bool HasDoubtful => _doubtful != 0;

    /// <summary>Another connection. What is suspected by now is to be sent alone.</summary>
    public void Begin()
    {
        _alone.Clear();
        _isSent = false;
        _hasWrongAnswer = false;
        _doubtful = 0;
        ushort suspectId = Suspect is null ? (ushort)0 : flow.InOrder().FirstOrDefault(f => f.Inflight.Message == Suspect).PacketId;
        if (suspectId == 0)
            Clear();
        else if (_strikes >= StrikesMax)
            AddAlone(suspectId);
    }

    // Those behind it only where it is not known which of them it was; in their order, and so with each PUBREL between them.
    private void AddAlone(ushort suspectId)
    {
        _alone.Enqueue(suspectId);
        if (!_isGuess)
            return;
        foreach ((ushort packetId, Inflight inflight) in flow.InOrder())
            if (packetId != suspectId && inflight.IsDue)
                _alone.Enqueue(packetId);
    }

    /// <summary>A message that was refused for no certain reason is to be tried once more, alone.</summary>
    public void Add(ushort packetId)
    {
        _alone.Enqueue(packetId);
        _isSent = false;
    }

    /// <summary>The message that is to be sent alone, which counts as sent from now on.</summary>
    /// <returns>False when it is in flight no more, or sent already.</returns>
    public bool TryTake(out ushort packetId, out Inflight alone)
    {
        packetId = _alone.Peek();
        _isSent = flow.TryTakeDue(packetId, out alone);
        if (!_isSent)
            _ = _alone.Dequeue();
        return _isSent;
    }

    /// <summary>A message has its answer. If it was sent alone, the others go on.</summary>
    public void Answered(ushort packetId)
    {
        if (!IsOn || _alone.Peek() != packetId)
            return;
        _ = _alone.Dequeue();
        _isSent = false;
    }

    /// <summary>The upstream has taken a message: nothing speaks against the upstream, or against what it has taken.</summary>
    /// <returns>The Packet Identifier of the one message that it refused for want of room, which it has for others, and which is in flight still; 0 when there is none.</returns>
    public ushort Taken()
    {
        Clear();
        ushort packetId = _doubtful;
        _doubtful = 0;
        return flow.TryFind(packetId, out _) ? packetId : (ushort)0;
    }

    /// <summary>A message is answered with what is not for its QoS: the connection is about to end for it.</summary>
    public void AnsweredWrongly(ushort packetId)
    {
        if (!flow.TryFind(packetId, out Inflight inflight) || inflight.Message is not { } message || own.Has(message))
            return;
        _hasWrongAnswer = true;
        (Suspect, _strikes, _isGuess) = (message, StrikesMax, false);
    }

    /// <summary>A message is refused for want of room.</summary>
    /// <returns>True when another message is to decide whose fault that is; false when the link is to be made anew.</returns>
    public bool RefusedForRoom(ushort packetId)
    {
        if (!flow.TryFind(packetId, out Inflight inflight) || inflight.Message is not { } message || own.Has(message))
            return false;
        if (_doubtful != 0 && _doubtful != packetId)
        {
            Clear(); // it has no room for anything
            return false;
        }

        if (!IsOn || _alone.Peek() != packetId)
        {
            Strike(message, isGuess: false);
            return false;
        }

        Answered(packetId);
        _doubtful = packetId;
        return true;
    }

    /// <summary>The connection has ended: what that says about the messages that were in flight on it.</summary>
    /// <param name="end">Why it ended.</param>
    /// <param name="hasAnswered">Something that is relayed was answered on it, and is done with. One that is refused each time, and goes again, says nothing of those behind it.</param>
    /// <param name="isRefused">Whether a message was refused on it, and is in flight still.</param>
    /// <param name="maySetAside">Whether there is room for a message where it is set aside; without it stays in flight, and suspected.</param>
    /// <returns>The message for which it ended, which is in flight no more; null when that is not known.</returns>
    public Message? End(in UplinkEnd end, bool hasAnswered, Func<ushort, bool> isRefused, Func<Message, bool> maySetAside)
    {
        if (hasAnswered && !_hasWrongAnswer)
            Clear();
        // Neither our own stop nor a silent network is any message's doing.
        if (!_hasWrongAnswer && end.Reason is not (UplinkEndReason.ConnectionLost or UplinkEndReason.AckTimeout))
            return null;
        if (!IsOn)
        {
            if (!_hasWrongAnswer && !hasAnswered && OldestSent(isRefused) is { } suspect)
                Strike(suspect, isGuess: true);
            return null;
        }

        ushort packetId = _alone.Peek();
        if (!_isSent || !flow.TryFind(packetId, out Inflight alone))
            return null; // the connection did not last until it was sent
        if (!MayBeAtFault(alone))
            return null; // PUBREL: of a message that is there already, or of none
        if (Suspect != alone.Message)
        {
            // Those before it were taken on this connection. It goes first on the next: what has ended this one may have been chance.
            if (!_hasWrongAnswer)
                (Suspect, _strikes, _isGuess) = (alone.Message, StrikesMax, true);
            return null;
        }

        if (!maySetAside(alone.Message!))
            return null;
        Clear();
        return (alone.QoS == QoS.ExactlyOnce ? flow.GiveUp(packetId) : flow.Cancel(packetId)).Message;
    }

    private Message? OldestSent(Func<ushort, bool> isRefused)
    {
        foreach ((ushort packetId, Inflight inflight) in flow.InOrder())
            if (!isRefused(packetId) && !inflight.IsDue && MayBeAtFault(inflight))
                return inflight.Message;
        return null;
    }

    // A PUBLISH that is relayed, and may go again.
    private bool MayBeAtFault(in Inflight inflight) => inflight.State != InflightState.AwaitsPubComp && inflight.Message is { } message && !own.Has(message);

    private void Strike(Message message, bool isGuess)
    {
        _strikes = Suspect == message ? _strikes + 1 : 1;
        (Suspect, _isGuess) = (message, isGuess);
    }

    private void Clear()
    {
        Suspect = null;
        _strikes = 0;
    }
}
