using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;

namespace DeviceMqtt.Relay.Sending;

/// <content>What is the gateway's own.</content>
internal sealed partial class RelaySender
{
    private LaterTry? _presenceAgain; // refused on this connection
    private bool _isLeaving;

    // PINGREQs of this connection, and how many of them have their PINGRESP [MQTT-3.12.4-1].
    private long _pings;
    private long _pingsAnswered;

    private OwnMessages Own => _trial.Own;

    /// <summary>Which packet of the gateway's own the upstream ends connections for.</summary>
    public OwnTrial OwnTrial { get; } = new();

    /// <summary>Sends the next request of the gateway's own, alone; false where there is none. While <see cref="Sending.OwnTrial.IsOn"/> requests wait to be asked for.</summary>
    public Func<bool>? AskNext { get; set; }

    /// <summary>Told of each PINGREQ.</summary>
    public Action? Asked { get; set; }

    /// <summary>Something waits to be sent.</summary>
    public bool HasSomethingToSend => buffer.Waiting > 0 || Flow.DueCount > 0 || Own.Waiting > 0;

    // In flight, and refused: each waits for the answer to another, or for room where messages are set aside, and is not under way.
    private int Undecided => _refusals.Count + (_trial.HasDoubtful ? 1 : 0);

    private bool HasUnanswered => Flow.Unanswered > Undecided;

    /// <summary>PINGREQ.</summary>
    public void Ask()
    {
        _output?.Write(PingPackets.PingReq);
        _pings++;
        Asked?.Invoke();
    }

    /// <summary>Sends a QoS 0 message now or never.</summary>
    /// <returns>False when there is no connection, or it takes no more.</returns>
    public bool TrySendQoS0(Message message)
    {
        if (_output is not { IsFull: false } output || !pace.HasRoom(_turn.NowMs))
            return false;
        pace.Sent(message);
        bool isSent = _writer.TryWrite(output, message, dialect.Topics.RouteOf(message), QoS.AtMostOnce, dup: false, packetId: 0, _turn.NowMs);
        if (isSent)
            broker.Counters.Trace?.Handed(message.TraceNumber, entry: 0, Owner, DeliveryResult.Sent, QoS.AtMostOnce, packetId: 0);
        return isSent;
    }

    /// <summary>Sends a message of the gateway itself before everything that waits.</summary>
    /// <param name="message">Not one that is relayed as well.</param>
    /// <param name="answered">Called with true when the upstream has it, or it is left out; with false when it refuses it or takes none so large; not when the connection ends before, or this very message is on its way already.</param>
    public void SendAhead(Message message, Action<bool>? answered = null)
    {
        if (OwnTrial.IsLeftOut(OwnTrial.Publish(message.Topic)))
            answered?.Invoke(true);
        else if (!Own.Has(message)) // on its way already
            Own.Add(message, answered);
        Pump(_turn.NowMs);
    }

    /// <summary>Something of the gateway's own has its answer.</summary>
    /// <param name="name">As <see cref="Sending.OwnTrial"/> calls it.</param>
    public void OwnAnswered(string name)
    {
        if (OwnTrial.Answered(name))
            log.OwnPacketTakenAgain(buffer.Upstream, name);
    }

    /// <summary>Time has gone by: one of those that the upstream ended connections for may be sent once more. The gateway's presence is sent here.</summary>
    /// <returns>The name of another; null when there is none for now.</returns>
    public string? TryLeftOut() => !_isLeaving && OwnTrial.TryAgain(_turn.NowMs) is { } name && !TryTellPresence(name) ? name : null;

    /// <summary>The gateway leaves, which is the last it tells.</summary>
    public void SayGoodbye()
    {
        _isLeaving = true;
        if (dialect.Presence.IsTold)
            SendAhead(dialect.Presence.Offline);
    }

    /// <summary>The gateway's presence again: what is retained upstream may be otherwise by now.</summary>
    public void TellPresenceOnceMore()
    {
        if (!_isLeaving && dialect.Presence.IsTold)
            TellPresence();
    }

    private bool TryTellPresence(string name)
    {
        bool isPresence = dialect.Presence.IsTold && OwnTrial.TopicOf(name) == dialect.Presence.Online.Topic;
        if (isPresence)
            TellPresence();
        return isPresence;
    }

    private void TellPresence() =>
        SendAhead(dialect.Presence.Online, isTaken => _presenceAgain = isTaken ? null : LaterTry.AfterRefusal(_presenceAgain, _turn.NowMs));

    // Or it would be offline there for as long as the link holds.
    private void TellPresenceAgain(long nowMs)
    {
        if (_isLeaving || _presenceAgain is not { } again || !again.IsDue(nowMs))
            return;
        _presenceAgain = again with { DueMs = LaterTry.UnderWay };
        TellPresence();
    }

    /// <summary>PINGRESP.</summary>
    public void ReceivePingResp()
    {
        _pingsAnswered = Math.Min(_pings, _pingsAnswered + 1);
        OwnTrial.Heard();
        if (_sweep is { IsNotAnswered: true } && _pingsAnswered >= _sweepPing)
            GiveSweepUp("it does not answer");
        Pump(_turn.NowMs);
    }

    // One after the other, so that an end of the connection says for which it was.
    private bool TrySendOwn(ConnectionOutput output)
    {
        if (!OwnTrial.MaySend || Flow.Unanswered > 0)
            return false;
        if (Own.TryTake(out Message? own))
            Send(output, own!);
        else if (AskNext?.Invoke() != true)
            OwnTrial.Pass();
        return true;
    }
}
