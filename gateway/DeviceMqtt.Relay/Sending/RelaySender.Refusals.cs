using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;

namespace DeviceMqtt.Relay.Sending;

/// <content>What the upstream does not take.</content>
internal sealed partial class RelaySender
{
    // Of what is set aside on one connection so many have a line each: an access rule concerns many messages alike.
    private const int AsideLinesMax = 5;

    private int _asideLines;
    private bool _asideFullSaid;
    private ReasonCode _lastRefusal;

    /// <summary>Why the connection is to end, although it could go on: what the upstream refuses has no place but in the backlog, or the upstream has no room, and a new connection gives it time. Reason None where it may go on.</summary>
    public UplinkEnd Stands { get; private set; }

    // A reason that says nothing certain may be of the moment. The others name the fault: to ask again would tell nothing new.
    private void Refused(ushort packetId, in Inflight refused, ReasonCode reason)
    {
        if (reason is ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError && !refused.IsLastTry)
        {
            _hasAnswered = true;
            Flow.BeginLastTry(packetId, refused);
            _trial.Add(packetId);
            return;
        }

        Refusal refusal = new(packetId, AsideReason.Refused((byte)reason), $"it is refused with {reason}");
        // Without room it is a command, which has none with its target: that is nobody else's fault.
        if (reason == ReasonCode.QuotaExceeded || (_refusals.MayDrop && IsCommand(refused.Message!)))
            DropAtOnce(refused.Message!, refusal);
        else
            _refusals.Hold(refusal, refused);
        _lastRefusal = reason;
    }

    // Its sender waits for an answer.
    private void DropAtOnce(Message command, in Refusal refusal)
    {
        _hasAnswered = true;
        SetAside(command, refusal.Reason, refusal.Why);
        if (refusal.Reason != AsideReason.Refused((byte)ReasonCode.QuotaExceeded))
            _refusals.Dropped();
    }

    /// <summary>Whose fault it is that messages are refused, as far as that is known by now.</summary>
    public void JudgeRefusals()
    {
        if (_refusals.Count == 0 || _output is null || Stands.Reason != UplinkEndReason.None)
            return;
        // What is under way still may be taken, and so may what waits.
        if (HasUnanswered || (!_refusals.AreTooMany && WillSendMore(_output)))
            return;
        if (_refusals.AreToBeKept())
        {
            Stands = new UplinkEnd(UplinkEndReason.AllRefused, $"the upstream refuses each message, the last with {_lastRefusal}; none is dropped or set aside for that") { IsToComeBack = true };
            return;
        }

        _refusals.NoOther();
        SetRefusedAside();
        // They take their places on this connection; the others go on while there are more, and the next look may find room.
        if (_refusals.Count > 0 && (_refusals.AreTooMany || !Flow.HasRoom(WindowMax)))
            Stands = new UplinkEnd(UplinkEndReason.AsideFull, $"the upstream refuses messages, the last with {_lastRefusal}, and no more may be set aside than the {buffer.SetAsides.Count} that are") { IsToComeBack = true };
    }

    // It has not, for another reason than that there is nothing, or no room in the window.
    private bool WillSendMore(ConnectionOutput output) =>
        HasSomethingToSend
        && (!pace.HasRoom(_turn.NowMs) || output.IsCongested || _turn.Gate.IsBehind || _turn.IsSliceOverForWriter || _sweep is { HoldsBack: true } || (buffer.Waiting > 0 && pace.AcceptedBeforeMs(_turn.NowMs) != long.MinValue));

    // The upstream has taken another, or there is no other.
    private void SetRefusedAside()
    {
        while (_refusals.Count > 0 && _refusals.TryTake(inflight => MayBeSetAside(inflight.Message!), out Refusal refusal))
        {
            _hasAnswered = true;
            SetAside(Flow.Cancel(refusal.PacketId).Message!, refusal.Reason, refusal.Why);
        }
    }

    private bool MayBeSetAside(Message message)
    {
        bool may = IsCommand(message) || buffer.SetAsides.Takes(message);
        if (!may)
            SayAsideFull();
        return may;
    }

    // Once, until there is room.
    private void SayAsideFull()
    {
        if (!_asideFullSaid)
            log.AsideFull(buffer.Upstream, buffer.SetAsides.Count);
        _asideFullSaid = true;
    }

    // The upstream has no room, for this message or for any: the link is made anew, which gives it time.
    private void RefusedForRoom(PacketType ack, ushort packetId)
    {
        if (_trial.RefusedForRoom(packetId))
            Pump(_turn.NowMs);
        else
            Stands = new UplinkEnd(UplinkEndReason.ProtocolError, $"{ack}: the upstream has no room (QuotaExceeded)") { IsToComeBack = true };
    }

    private bool IsCommand(ushort packetId) => Flow.TryFind(packetId, out Inflight inflight) && inflight.Message is { } message && !Own.Has(message) && IsCommand(message);
    private bool IsCommand(Message message) => broker.Receipts.IsCommand(buffer.EntryOf(message), message);

    // Who sent a command is told, and does not expect that it is carried out one day, when somebody has it tried again.
    private void SetAside(Message message, AsideReason reason, string why)
    {
        bool isCommand = IsCommand(message);
        bool isKept = isCommand ? DropCommand(message, reason) : buffer.SetAside(message, reason);
        _asideFullSaid &= !isKept;
        if (_asideLines++ >= AsideLinesMax)
            return;
        if (isCommand)
            log.CommandRefused(buffer.Upstream, message.Topic, message.Payload.Length, why);
        else
            log.SetAside(buffer.Upstream, message.Topic, message.Payload.Length, why, isKept ? "kept" : "dropped, because such a one may not be set aside");
    }

    // The receipt first, for it names the upstream's own reason: both are on the disk, or neither is.
    private bool DropCommand(Message message, AsideReason reason)
    {
        using FrameOfPacket frameOnDisk = new(broker.Custody);
        broker.Receipts.RefusedUpstream(buffer.EntryOf(message), reason.ReasonCode);
        buffer.Drop(message, DropReason.UpstreamRefused);
        return false;
    }
}
