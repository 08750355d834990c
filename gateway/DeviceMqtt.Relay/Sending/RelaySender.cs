using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Relay.Topics;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Sends what waits for the upstream, as many messages at once as the window, the upstream's Receive Maximum, the rates
/// and the network allow. Outlives the connections: what one did not see acknowledged goes out again on the next, first, in
/// its order (<see cref="Flow"/>). What the upstream does not take is set aside, and the rest goes on (<see cref="Trial"/>).
/// Owned by the turn.
/// </summary>
internal sealed partial class RelaySender(RelayBuffer buffer, UpstreamDialect dialect, RelayPace pace, BrokerState broker, TimeProvider time, ILogger log)
    : IBacklog, ISlowReader
{
    private readonly Turn _turn = broker.Turn;
    private readonly GatewayLimits _limits = broker.Limits;
    private readonly UpstreamWriter _writer = new(dialect);
    private readonly Trial _trial = new(buffer.Flow, new OwnMessages());
    private readonly Refusals _refusals = new(buffer.Flow, broker.Limits.RelayInflightMax);
    private ConnectionOutput? _output;
    private UplinkTerms _terms = null!; // from Attach on
    private TurnSignal _idle;
    private TurnSignal _drained;
    private int _waitingMax;
    private long _lastProgressMs;
    private bool _hasAnswered; // on this connection, something that is relayed, and is done with
    private bool _foundNoRoom; // on this connection, a PUBREC

    /// <summary>What is in flight towards the upstream.</summary>
    public Flow Flow => buffer.Flow;

    /// <summary>Says which retained messages the upstream may keep; all where it is not set.</summary>
    public IRetainRule? RetainRule { set => _writer.RetainRule = value; }

    /// <summary>Messages that the upstream has acknowledged, since the start.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The message that the upstream seems not to take; null when none does.</summary>
    public Message? Suspect => _trial.Suspect;

    /// <summary>The last connection ended for one message, which is set aside.</summary>
    public bool FoundCulprit { get; private set; }

    /// <summary>Monotonic milliseconds since when nothing was acknowledged although something is under way; null when nothing is. What was refused has its answer.</summary>
    public long? StandingStillSinceMs => Flow.Unanswered <= _refusals.Count ? null : _lastProgressMs;

    /// <summary>A PUBREC of this connection found no room, and there is some: it has to come again, which takes a new connection.</summary>
    public bool AsksAgain => _foundNoRoom && !broker.Custody.IsFull;

    /// <summary>A PUBREC of this connection found no room.</summary>
    public bool WaitsForRoom => _foundNoRoom;

    private DropOwner Owner => DropOwner.Upstream(buffer.Upstream);

    private bool IsIdle => Flow.IsEmpty && buffer.Waiting == 0 && Own.Waiting == 0 && _unsettled.Count == 0 && _again.Count == 0;

    // A message that was refused takes no place with the upstream while another decides whose fault that was. Where it cannot be set aside it takes one, so that what is held has an end.
    private int WindowMax => Math.Min(_limits.RelayInflightMax, _terms.ReceiveMaximum) + (_trial.HasDoubtful ? 1 : 0) + (_refusals.HasFoundNoRoom ? 0 : _refusals.Count);

    /// <summary>
    /// The upstream is there and takes less than is published: publishers wait a moment, rather than that what was
    /// acknowledged to them is dropped when the backlog is full.
    /// </summary>
    public bool HoldsBackPublishers => _output is not null && buffer.Waiting > _waitingMax;

    public void Attach(ConnectionOutput output, UplinkTerms terms)
    {
        _output = output;
        _terms = terms;
        _writer.Begin(terms);
        // What has waited for the upstream to come back is not its publishers' haste.
        _waitingMax = buffer.Waiting + _limits.RelayWaitingMax;
        _asideLines = 0;
        _hasAnswered = false;
        _foundNoRoom = false;
        FoundCulprit = false;
        Stands = default;
        (_pings, _pingsAnswered) = (0, 0);
        _refusals.Begin();
        if (OwnTrial.Begin())
            Ask();
        _lastProgressMs = _turn.NowMs;
        output.Backlog = this;
        pace.Begin(_turn.NowMs);
        int again = Flow.Resume(terms.SessionPresent, terms.QoSMax);
        if (again > 0)
            log.SentAsNew(buffer.Upstream, again);
        BeginSweep(terms);
        _trial.Begin();
        _presenceAgain = null;
        if (dialect.Presence.IsTold)
            TellPresence();
        else
            Pump(_turn.NowMs);
    }

    public void Detach(UplinkEnd end)
    {
        if (OwnTrial.End(end, _turn.NowMs) is { } leftOut)
        {
            FoundCulprit = true;
            log.OwnPacketLeftOut(buffer.Upstream, leftOut.Name, leftOut.Until.PauseMs / LaterTry.MinuteMs);
        }

        if (_trial.End(end, _hasAnswered, _refusals.Has, MayBeSetAside) is { } culprit)
        {
            FoundCulprit = true;
            SetAside(culprit, AsideReason.EndsTheConnection, "the connection ends each time it is sent, also when it is sent alone");
        }

        EndSweep(end);
        TakeBackUnsettled();
        _output = null;
        Flow.EndRequests();
        // Presence is of the connection that has ended; the next begins with its own.
        foreach ((ushort packetId, Inflight inflight) in Flow.InOrder().ToArray())
            if (inflight.Message is { } message && Own.Has(message))
                _ = Flow.Cancel(packetId);
        Own.Clear();
        _idle.Set();
        _drained.Set();
    }

    /// <summary>Sends what waits, as far as the window, the rates and the network allow.</summary>
    public void Pump(long nowMs)
    {
        SettleTaken();
        while (_output is { IsCongested: false } output && pace.HasRoom(nowMs) && TrySendNext(output, nowMs))
        {
        }

        if (_output is { } open)
            PumpSweep(open, nowMs);
        if (IsIdle)
            _idle.Set();
        _waitingMax = Math.Min(_waitingMax, buffer.Waiting + _limits.RelayWaitingMax);
        if (!HoldsBackPublishers)
            _drained.Set();
    }

    /// <summary>Completes when less waits again, the connection is gone or <see cref="GatewayLimits.RelayPauseMs"/> have gone by.</summary>
    public Task WhenDrained() => HoldsBackPublishers && _limits.RelayPauseMs > 0 ? PauseAsync(_drained.Next()) : Task.CompletedTask;

    private async Task PauseAsync(Task drained) =>
        await Awaiting.OnContextAsync(drained).WaitAsync(TimeSpan.FromMilliseconds(_limits.RelayPauseMs), time).ConfigureAwait(Awaiting.Quietly);

    /// <summary>PUBACK, PUBREC or PUBCOMP.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveAck(PacketType type, in AckView ack)
    {
        if (_refusals.Has(ack.PacketId))
            return null; // said twice
        bool isRefused = ack.Reason >= ReasonCode.UnspecifiedError && type != PacketType.PubComp;
        if (isRefused && ack.Reason is ReasonCode.QuotaExceeded or ReasonCode.ReceiveMaximumExceeded && !IsCommand(ack.PacketId))
        {
            RefusedForRoom(type, ack.PacketId);
            return null;
        }

        _turn.Gate.BeginPacket();
        if (isRefused && ack.Reason == ReasonCode.PacketIdentifierInUse)
        {
            isRefused = !HasItFromBefore(type, ack.PacketId);
            if (isRefused && TryGoOnUnderAnother(ack.PacketId))
                return null;
        }

        if (IsOfSweep(type, ack.PacketId))
            return null;
        AckOutcome outcome = Flow.Acknowledge(type, ack.PacketId, isRefused, out Inflight done, out Kept kept);
        if (Flow.IsFollowed && outcome is AckOutcome.Complete or AckOutcome.SendPubRel)
            broker.Counters.Trace?.Acknowledged(Owner, type, ack.PacketId, isRefused);
        switch (outcome)
        {
            case AckOutcome.WrongKind:
                _trial.AnsweredWrongly(ack.PacketId);
                return $"for Packet Identifier {ack.PacketId}, which is of no PUBLISH that waits for it";
            case AckOutcome.SendPubRel:
                _writer.WritePubRel(_output!, kept, ack.PacketId);
                _lastProgressMs = _turn.NowMs;
                break;
            case AckOutcome.NoRoom:
                _foundNoRoom = true; // no PUBREL: on the next connection the PUBLISH goes again, and its PUBREC comes again
                break;
            case AckOutcome.Unknown when type == PacketType.PubRec && !isRefused:
                // An upstream that kept more state than we did: let it finish its flow.
                _writer.WritePubRel(_output!, Kept.NotNeeded, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                break;
            case AckOutcome.Complete:
                Complete(ack.PacketId, done, isRefused || type == PacketType.PubAck ? ack.Reason : ReasonCode.Success);
                MakeProgress();
                break;
        }

        return null; // A late acknowledgement does no harm.
    }

    /// <summary>Something in flight was answered: there is room for more.</summary>
    public void MakeProgress()
    {
        _lastProgressMs = _turn.NowMs;
        Pump(_turn.NowMs);
        JudgeRefusals();
    }

    /// <summary>Completes when nothing waits or is in flight, or the connection is gone.</summary>
    public Task WhenIdle() => _output is null || IsIdle ? Task.CompletedTask : _idle.Next();

    private bool TrySendNext(ConnectionOutput output, long nowMs)
    {
        if (OwnTrial.IsOn)
            return TrySendOwn(output);
        if (_refusals.AreTooMany || _sweep is { HoldsBack: true })
            return false;
        if (_trial.IsOn)
            return TrySendAlone(output);
        if (Flow.DueCount > 0)
        {
            if (!Flow.HasRoomForDue(WindowMax) || !Flow.TryTakeDue(out ushort packetId, out Inflight due))
                return false;
            Resend(output, packetId, due);
            return true;
        }

        if (!Flow.HasRoom(WindowMax) || HasUnsettledMax || !TryTakeNext(nowMs, out Message? message))
            return false;
        Send(output, message!);
        return true;
    }

    // Each is a record on the disk, also one that has expired: the backlog leaves as the disk does, and over as many turns as it takes.
    private bool TryTakeWaiting(long nowMs, out Message? message)
    {
        message = null;
        if (!_turn.Gate.IsBehind && buffer.TryTake(nowMs, out message, pace.AcceptedBeforeMs(nowMs)))
            return true;
        if (buffer.Waiting > 0 && _turn.IsSliceOverForWriter)
            _turn.Jobs.Continue(this);
        return false;
    }

    // One thing after the other, so that an end of the connection says whose fault it was.
    private bool TrySendAlone(ConnectionOutput output)
    {
        if (HasUnanswered || _sweep is { HasUnanswered: true })
            return false;
        if (Own.TryTake(out Message? own))
            Send(output, own!);
        else if (_trial.TryTake(out ushort packetId, out Inflight alone))
            Resend(output, packetId, alone, isAlone: true);
        return true;
    }

    // [MQTT-4.4.0-1]: under the same Packet Identifiers. What has expired meanwhile does not go out again; but a QoS 2 message
    // may be with the upstream already, which would take another one under its identifier for it. Not one that it has refused, nor one of a Session that it has lost: it has no such flow.
    private void Resend(ConnectionOutput output, ushort packetId, in Inflight inflight, bool isAlone = false)
    {
        if (Flow.Unanswered == Undecided + 1) // itself
            _lastProgressMs = _turn.NowMs;
        bool isQoS2 = inflight.QoS == QoS.ExactlyOnce;
        Kept kept = isQoS2 ? broker.Custody.KeptSoFar() : Kept.NotNeeded;
        if (kept.IsOnDisk)
            output.WaitFor(kept);
        if (inflight.State == InflightState.AwaitsPubComp)
        {
            _writer.WritePubRel(output, kept, packetId);
        }
        else if ((!isQoS2 || inflight.WasRefused || inflight.IsNew) && buffer.IsTooOld(inflight.Message!, _turn.NowMs))
        {
            buffer.Drop(Flow.Cancel(packetId).Message!, DropReason.Expired);
        }
        else if (_terms.QoSMax == QoS.AtMostOnce)
        {
            SentAsNew += isQoS2 ? 1 : 0;
            Send(output, Flow.Cancel(packetId).Message!); // the upstream takes no other any more
        }
        else if (_writer.TryWrite(output, inflight.Message!, dialect.Topics.RouteOf(inflight.Message!), inflight.QoS, dup: !inflight.IsNew, packetId, _turn.NowMs, isAlone))
        {
            SentAsNew += isQoS2 && inflight.IsNew ? 1 : 0;
            pace.Sent(inflight.Message!);
            broker.Counters.Trace?.Handed(inflight.Message!.TraceNumber, inflight.Entry, Owner, DeliveryResult.Sent, inflight.QoS, packetId);
        }
        else if (isQoS2)
        {
            TooLarge(Flow.GiveUp(packetId).Message!);
            // Not before what was just given up is on the disk, too.
            _writer.WritePubRel(output, broker.Custody.KeptSoFar(), packetId);
        }
        else
        {
            TooLarge(Flow.Cancel(packetId).Message!);
        }
    }

    private void Send(ConnectionOutput output, Message message)
    {
        try
        {
            NoteBegin();
            RelayRoute route = dialect.RouteOf(message);
            QoS qos = _writer.QoSOf(message, route);
            ushort packetId = 0;
            long entry = 0;
            if (qos != QoS.AtMostOnce)
            {
                entry = Own.Has(message) ? 0 : buffer.EntryOf(message);
                // A QoS 2 message that reached the upstream before the disk would reach it twice after a crash.
                Kept sent = Flow.Begin(new QueuedMessage(message, qos, message.Retain, Identifiers: null, entry), qos, keep: true, broker.Counters.Trace is not null && message.TraceNumber != IMessageTrace.NotFollowed, out packetId);
                if (sent.IsOnDisk)
                    output.WaitFor(sent);
            }

            pace.Sent(message);
            bool isSent = _writer.TryWrite(output, message, route, qos, dup: false, packetId, _turn.NowMs);
            if (!isSent)
            {
                if (packetId != 0)
                    _ = Flow.Cancel(packetId);
                TooLarge(message);
                return;
            }

            if (packetId != 0 && Own.Has(message))
                OwnTrial.Sent(OwnTrial.Publish(message.Topic));
            broker.Counters.Trace?.Handed(message.TraceNumber, entry, Owner, DeliveryResult.Sent, qos, packetId);
            if (qos == QoS.AtMostOnce)
                SettleWhenTaken(output, message); // nobody will say more
        }
        catch
        {
            PutBack(message);
            throw;
        }
    }

    private void Complete(ushort packetId, in Inflight done, ReasonCode answer)
    {
        _trial.Answered(packetId);
        if (done.Message is not { } message)
            return; // it was given up before
        if (Own.Has(message))
        {
            OwnAnswered(OwnTrial.Publish(message.Topic));
            Own.Settle(message, isTaken: answer < ReasonCode.UnspecifiedError);
            return;
        }

        if (answer >= ReasonCode.UnspecifiedError)
        {
            Refused(packetId, done, answer);
            return;
        }

        _hasAnswered = true;
        Acknowledged++;
        _inUse = 0;
        if (answer == ReasonCode.NoMatchingSubscribers && IsCommand(message))
            buffer.Drop(message, buffer.IsTooOld(message, _turn.NowMs) ? DropReason.Expired : DropReason.P2PTargetUnknown);
        else
            Release(message);
        _refusals.Taken();
        if (_trial.Taken() is not 0 and ushort doubtful)
            _refusals.Hold(new Refusal(doubtful, AsideReason.Refused((byte)ReasonCode.QuotaExceeded), "there is no room for it, and there is for others"));
        SetRefusedAside();
    }

    private void TooLarge(Message message)
    {
        if (Own.Has(message))
            Own.Settle(message, isTaken: false);
        else
            buffer.Drop(message, DropReason.LargerThanUpstreamAccepts);
    }

    // The upstream has it.
    private void Release(Message message)
    {
        if (Own.Has(message))
        {
            Own.Settle(message, isTaken: true);
            return;
        }

        buffer.Release(message);
        if (message.Retain)
            _writer.RetainRule?.Acknowledged(message);
    }
}
