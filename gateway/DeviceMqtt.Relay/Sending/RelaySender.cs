using System.Runtime.CompilerServices;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Topics;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Sends what waits for the upstream, as many messages at once as the window, the upstream's Receive Maximum, the rates
/// and the network allow. Outlives the connections: what one did not see acknowledged goes out again on the next, first, in
/// its order, with DUP. Owned by the _turn.
/// </summary>
internal sealed class RelaySender(RelayBuffer buffer, UpstreamDialect dialect, RelayPace pace, BrokerState broker, TimeProvider time, ILogger log)
    : IBacklog, ISlowReader
{
    private readonly Turn _turn = broker.Turn;
    private readonly GatewayLimits _limits = broker.Limits;

    // The gateway's own messages, which are about this connection and go before the backlog; and those of them that are not acknowledged.
    private readonly Queue<Message> _ahead = new();
    private readonly Dictionary<Message, Action?> _own = [];

    // In flight since an earlier connection, and not sent on this one yet.
    private readonly Queue<ushort> _due = new();
    private ConnectionOutput? _output;
    private UplinkTerms _terms = null!; // from Attach on
    private TurnSignal _idle;
    private TurnSignal _drained;
    private int _waitingMax;
    private long _lastProgressMs;
    private bool _refusalLogged;

    /// <summary>Packet Identifiers in use towards the upstream.</summary>
    public OutboundWindow Window { get; } = new();

    /// <summary>Says which retained messages the upstream may keep; all where it is not set.</summary>
    public IRetainRule? RetainRule { get; set; }

    /// <summary>Messages that the upstream has acknowledged, since the start.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Monotonic milliseconds since when nothing was acknowledged although something is in flight; null when nothing is.</summary>
    public long? StandingStillSinceMs => Window.Count == 0 ? null : _lastProgressMs;

    private bool IsIdle => Window.Count == 0 && buffer.Waiting == 0 && _ahead.Count == 0;

    // What was in flight before and is not sent yet takes no place on this connection.
    private bool HasRoom => Window.Count - _due.Count < Math.Min(_limits.RelayInflightMax, _terms.ReceiveMaximum) && Window.HasRoom(int.MaxValue);

    /// <summary>
    /// The upstream is there and takes less than is published: publishers wait a moment, rather than that what was
    /// acknowledged to them is dropped when the backlog is full.
    /// </summary>
    public bool HoldsBackPublishers => _output is not null && buffer.Waiting > _waitingMax;

    public void Attach(ConnectionOutput output, UplinkTerms terms)
    {
        _output = output;
        _terms = terms;
        // What has waited for the upstream to come back is not its publishers' haste.
        _waitingMax = buffer.Waiting + _limits.RelayWaitingMax;
        _refusalLogged = false;
        _lastProgressMs = _turn.NowMs;
        output.Backlog = this;
        pace.Begin(_turn.NowMs);
        foreach (ushort packetId in Window.InOrder())
            if (Window.Find(packetId).State != InflightState.AwaitsSubAck)
                _due.Enqueue(packetId);
        if (dialect.Presence.IsTold)
            SendAhead(dialect.Presence.Online);
        Pump(_turn.NowMs);
    }

    public void Detach()
    {
        _output = null;
        _due.Clear();
        // SUBSCRIBE and presence are of the connection that has ended; the next begins with its own.
        foreach (ushort packetId in Window.InOrder().ToArray())
            if (!IsRelayed(Window.Find(packetId).Message))
                Window.Remove(packetId);
        _ahead.Clear();
        _own.Clear();
        _idle.Set();
        _drained.Set();
    }

    /// <summary>Sends a message of the gateway itself before everything that waits.</summary>
    /// <param name="message">Not one that is relayed as well.</param>
    /// <param name="acknowledged">Called when the upstream has it, or refuses it; not when the connection ends before.</param>
    public void SendAhead(Message message, Action? acknowledged = null)
    {
        _own.Add(message, acknowledged);
        _ahead.Enqueue(message);
        Pump(_turn.NowMs);
    }

    /// <summary>Sends a QoS 0 message now or never.</summary>
    /// <returns>False when there is no connection, or it takes no more.</returns>
    public bool TrySendQoS0(Message message)
    {
        if (_output is not { IsFull: false } output || !pace.HasRoom(_turn.NowMs))
            return false;
        pace.Sent(message);
        return TryWrite(output, message, dialect.Topics.RouteOf(message), QoS.AtMostOnce, dup: false, packetId: 0);
    }

    /// <summary>Sends what waits, as far as the window, the rates and the network allow.</summary>
    public void Pump(long nowMs)
    {
        while (_output is { IsCongested: false } output && HasRoom && pace.HasRoom(nowMs))
        {
            if (_due.TryDequeue(out ushort packetId))
                Resend(output, packetId);
            else if (_ahead.TryDequeue(out Message? message) || buffer.TryTake(nowMs, out message, pace.AcceptedBeforeMs(nowMs)))
                Send(output, message!);
            else
                break;
        }

        if (IsIdle)
            _idle.Set();
        _waitingMax = Math.Min(_waitingMax, buffer.Waiting + _limits.RelayWaitingMax);
        if (!HoldsBackPublishers)
            _drained.Set();
    }

    /// <summary>Completes when less waits again, the connection is gone or <see cref="GatewayLimits.RelayPauseMs"/> have gone by.</summary>
    public Task WhenDrained() => HoldsBackPublishers && _limits.RelayPauseMs > 0 ? PauseAsync(_drained.Next()) : Task.CompletedTask;

    private async Task PauseAsync(Task drained) =>
        await drained.WaitAsync(TimeSpan.FromMilliseconds(_limits.RelayPauseMs), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>PUBACK, PUBREC or PUBCOMP.</summary>
    /// <returns>False when the Packet Identifier is not that of such a flow.</returns>
    public bool ReceiveAck(PacketType type, in AckView ack)
    {
        ref Inflight inflight = ref Window.Find(ack.PacketId);
        if (Unsafe.IsNullRef(ref inflight))
            return true; // A late acknowledgement does no harm.
        InflightState awaited = type switch
        {
            PacketType.PubAck => InflightState.AwaitsPubAck,
            PacketType.PubRec => InflightState.AwaitsPubRec,
            _ => InflightState.AwaitsPubComp,
        };
        if (inflight.State != awaited)
            return false;
        Message? message = inflight.Message;
        bool isRefused = ack.Reason >= ReasonCode.UnspecifiedError && type != PacketType.PubComp;
        if (type == PacketType.PubRec && !isRefused)
        {
            inflight.State = InflightState.AwaitsPubComp;
            SendPubRel(ack.PacketId);
            _lastProgressMs = _turn.NowMs;
            return true;
        }

        Window.Remove(ack.PacketId);
        if (!IsRelayed(message))
        {
            Settle(message);
        }
        else if (isRefused)
        {
            Refused(message!, ack.Reason);
        }
        else
        {
            Acknowledged++;
            Release(message!);
        }

        MakeProgress();
        return true;
    }

    /// <summary>Something in flight was answered: there is room for more.</summary>
    public void MakeProgress()
    {
        _lastProgressMs = _turn.NowMs;
        Pump(_turn.NowMs);
    }

    /// <summary>Completes when nothing waits or is in flight, or the connection is gone.</summary>
    public Task WhenIdle() => _output is null || IsIdle ? Task.CompletedTask : _idle.Next();

    // [MQTT-4.4.0-1]: under the same Packet Identifiers. What has expired meanwhile does not go out again.
    private void Resend(ConnectionOutput output, ushort packetId)
    {
        ref Inflight inflight = ref Window.Find(packetId);
        if (Unsafe.IsNullRef(ref inflight))
            return;
        Message message = inflight.Message!;
        if (inflight.State == InflightState.AwaitsPubComp)
        {
            SendPubRel(packetId);
        }
        else if (buffer.IsTooOld(message, _turn.NowMs))
        {
            Window.Remove(packetId);
            buffer.Drop(message, DropReason.Expired);
        }
        else if (!TryWrite(output, message, dialect.Topics.RouteOf(message), inflight.QoS, dup: true, packetId))
        {
            Window.Remove(packetId);
            TooLarge(message);
        }
        else
        {
            pace.Sent(message);
        }
    }

    private void Send(ConnectionOutput output, Message message)
    {
        if (Window.Count == 0)
            _lastProgressMs = _turn.NowMs;
        RelayRoute route = dialect.RouteOf(message);
        QoS qos = QoSOf(message, route);
        ushort packetId = 0;
        if (qos != QoS.AtMostOnce)
        {
            InflightState state = qos == QoS.ExactlyOnce ? InflightState.AwaitsPubRec : InflightState.AwaitsPubAck;
            _ = Window.TryAdd(new Inflight { Message = message, State = state, Retain = message.Retain }, int.MaxValue, out packetId);
        }

        pace.Sent(message);
        bool isSent = TryWrite(output, message, route, qos, dup: false, packetId);
        if (isSent && qos == QoS.AtMostOnce)
            Sent(message);
        if (isSent)
            return;
        if (packetId != 0)
            Window.Remove(packetId);
        TooLarge(message);
    }

    // At least once, whatever the publisher chose: the way to the upstream breaks more often than the one to the gateway.
    // Exactly once only where a rule asks for it.
    private QoS QoSOf(Message message, RelayRoute route)
    {
        QoS most = route.QoSMax < _terms.QoSMax ? route.QoSMax : _terms.QoSMax;
        return most == QoS.ExactlyOnce && message.QoS != QoS.ExactlyOnce ? QoS.AtLeastOnce : most;
    }

    private bool TryWrite(ConnectionOutput output, Message message, RelayRoute route, QoS qos, bool dup, ushort packetId)
    {
        bool isV5 = _terms.Version == ProtocolVersion.V5;
        ReadOnlySpan<byte> more = isV5 ? dialect.Properties.Of(message, _turn.NowMs) : default;
        ReadOnlySpan<byte> payload = route.IsTelemetry ? RelayProperties.MarkLate(message, _turn.NowMs) : message.Payload;
        int length = PublishPacket.GetLength(_terms.Version, route.TopicUtf8.Length, more.Length, payload.Length, qos);
        if (length > _terms.PacketBytesMax)
            return false;
        bool retain = message.Retain && route.KeepsRetain && _terms.HasRetain && RetainRule?.MayRetain(message) != false;
        Span<byte> destination = output.GetSpan(length);
        output.Advance(PublishPacket.Encode(destination, _terms.Version, route.TopicUtf8, more, payload, qos, retain, dup, packetId));
        if (route.ComesBack && !isV5 && !dup)
            dialect.Echoes.Sent(route.TopicUtf8, payload, _turn.NowMs);
        return true;
    }

    private void SendPubRel(ushort packetId)
    {
        Span<byte> destination = _output!.GetSpan(AckPacket.ShortBytes);
        _output.Advance(AckPacket.Encode(destination, PacketType.PubRel, _terms.Version, packetId));
    }

    private void TooLarge(Message message)
    {
        if (!IsRelayed(message))
        {
            Settle(message);
            return;
        }

        log.TooLargeForUpstream(message.Topic, message.Payload.Length, _terms.PacketBytesMax);
        buffer.Drop(message, DropReason.LargerThanUpstreamAccepts);
    }

    // Once per connection: an access rule concerns many messages alike.
    private void Refused(Message message, ReasonCode reason)
    {
        if (!_refusalLogged)
            log.MessageRefused(message.Topic, reason);
        _refusalLogged = true;
        buffer.Drop(message, DropReason.UpstreamRefused);
    }

    // At QoS 0 nobody will say more.
    private void Sent(Message message)
    {
        if (IsRelayed(message))
            Release(message);
        else
            Settle(message);
    }

    // The upstream has it.
    private void Release(Message message)
    {
        buffer.Release(message);
        if (message.Retain)
            RetainRule?.Acknowledged(message);
    }

    // There is no more to do for a message of the gateway's own, or a SUBSCRIBE.
    private void Settle(Message? message)
    {
        if (message is not null && _own.Remove(message, out Action? acknowledged))
            acknowledged?.Invoke();
    }

    private bool IsRelayed(Message? message) => message is not null && !_own.ContainsKey(message);
}
