using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Log;

namespace DeviceMqtt.Relay.Sending;

/// <content>What the upstream does not take.</content>
internal sealed partial class RelaySender
{
    // Of what is set aside on one connection so many have a line each: an access rule concerns many messages alike.
    private const int AsideLinesMax = 5;

    private int _asideLines;

    // A reason that says nothing certain may be of the moment. The others name the fault: to ask again would tell nothing new.
    private void Refused(ushort packetId, in Inflight refused, ReasonCode reason)
    {
        if (reason is ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError && !refused.IsLastTry)
        {
            Flow.BeginLastTry(packetId, refused);
            _trial.Add(packetId);
            return;
        }

        SetAside(refused.Message!, AsideReason.Refused((byte)reason), $"it is refused with {reason}");
    }

    // The upstream has no room, for this message or for any: the link is made anew, which gives it time.
    private string? RefusedForRoom(ushort packetId)
    {
        FoundNoRoomThere = !_trial.RefusedForRoom(packetId);
        if (FoundNoRoomThere)
            return "the upstream has no room (QuotaExceeded)";
        Pump(_turn.NowMs);
        return null;
    }

    private bool IsCommand(ushort packetId) => Flow.TryFind(packetId, out Inflight inflight) && inflight.Message is { } message && !Own.Has(message) && IsCommand(message);
    private bool IsCommand(Message message) => broker.Receipts.IsCommand(buffer.EntryOf(message), message);

    // Who sent a command is told, and does not expect that it is carried out one day, when somebody has it tried again.
    private void SetAside(Message message, AsideReason reason, string why)
    {
        bool isCommand = IsCommand(message);
        bool isKept = isCommand ? DropCommand(message, reason) : buffer.SetAside(message, reason);
        if (_asideLines++ >= AsideLinesMax)
            return;
        if (isCommand)
            log.CommandRefused(buffer.Upstream, message.Topic, message.Payload.Length, why);
        else
            log.SetAside(buffer.Upstream, message.Topic, message.Payload.Length, why, isKept ? "kept" : "dropped, because no more may be set aside");
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
