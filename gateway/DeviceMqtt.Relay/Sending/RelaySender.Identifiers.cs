using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Sending;

/// <content>Packet Identifiers that the upstream finds in use, and messages that have none.</content>
internal sealed partial class RelaySender
{
    // Chosen: more than there are open where a Session is ours, and an end where an upstream says so of every one.
    private const int InUseMax = 64;
    private int _inUse; // in a row

    // Written at QoS 0, with how much had been written by then; and those of a connection that ended before the network had taken them, which go first on the next.
    private readonly Queue<(Message Message, long Written)> _unsettled = new();
    private readonly Queue<Message> _again = new();

    /// <summary>QoS 2 messages that were sent again as new ones, because the upstream had lost its Session; since the start.</summary>
    public long SentAsNew { get; private set; }

    private bool HasUnsettledMax => _unsettled.Count >= _limits.RelayInflightMax;

    /// <summary>Takes a Packet Identifier for a SUBSCRIBE or UNSUBSCRIBE, whose answer is waited for from now on.</summary>
    public bool TryBeginRequest(out ushort packetId)
    {
        NoteBegin();
        return Flow.TryBeginRequest(out packetId);
    }

    /// <summary>The network has taken bytes of what is on its way, at this time: a large message may take longer than the upstream has for an answer.</summary>
    public void NoteTaken(long atMs) => _lastProgressMs = Math.Max(_lastProgressMs, atMs);

    // What is waited for begins now, and not with the last answer.
    private void NoteBegin()
    {
        if (!HasUnanswered)
            _lastProgressMs = _turn.NowMs;
    }

    // EMQX and FlashMQ say so of any PUBLISH that comes again and whose PUBREC was lost: it is that PUBREC.
    private bool HasItFromBefore(PacketType type, ushort packetId) =>
        type == PacketType.PubRec && Flow.TryFind(packetId, out Inflight inflight) && inflight is { WasSentAgain: true } or { State: InflightState.AwaitsPubComp };

    // It is open there for an older message, of which nobody here knows: that is finished with PUBREL, and this one goes as a new one, under an identifier of its own.
    // On the disk both are said, or neither is: a start that took it for sent under the old one would believe the PUBREC of the other.
    private bool TryGoOnUnderAnother(ushort packetId)
    {
        if (!Flow.TryFind(packetId, out Inflight inflight) || inflight.Message is not { } message || !Flow.HasRoomForOneMore || ++_inUse > InUseMax)
            return false;
        _trial.Answered(packetId);
        using (new FrameOfPacket(broker.Custody))
        {
            _ = Flow.GiveUp(packetId);
            Send(_output!, message);
        }

        _writer.WritePubRel(_output!, broker.Custody.KeptSoFar(), packetId);
        return true;
    }

    // The network has it when it has taken these bytes. Before, a broken link loses it.
    private void SettleWhenTaken(ConnectionOutput output, Message message)
    {
        _unsettled.Enqueue((message, output.Written));
        output.TellBacklog();
    }

    private void SettleTaken()
    {
        while (_output is { } output && _unsettled.TryPeek(out (Message Message, long Written) first))
        {
            if (first.Written > output.Taken)
            {
                output.TellBacklog();
                return;
            }

            _ = _unsettled.Dequeue();
            Release(first.Message);
        }
    }

    // What the connection begins with goes before all that is relayed. What waits to go again has grown older while there was no link.
    private bool TryTakeNext(long nowMs, out Message? message)
    {
        if (Own.TryTake(out message))
            return true;
        while (_again.TryDequeue(out message))
        {
            if (!buffer.IsTooOld(message, nowMs))
                return true;
            buffer.Drop(message, DropReason.Expired);
        }

        return TryTakeWaiting(nowMs, out message);
    }

    private void TakeBackUnsettled()
    {
        SettleTaken();
        while (_unsettled.TryDequeue(out (Message Message, long Written) lost))
            if (!Own.Has(lost.Message))
                _again.Enqueue(lost.Message);
    }
}
