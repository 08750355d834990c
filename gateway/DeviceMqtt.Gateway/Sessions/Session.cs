using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Sessions;

/// <summary>
/// The state of one Client Identifier that outlives its network connections: subscriptions, messages in flight and
/// waiting, QoS 2 identifiers. It does no I/O and never waits: methods change the state and write packets to the output
/// of the connection, if there is one. Owned by the turn.
/// </summary>
internal sealed class Session(string clientId, GatewayLimits limits, GatewayCounters counters, MessageQueue queue) : IBacklog
{
    private Dictionary<string, Subscription>? _subscriptions;
    private HashSet<ushort>? _inboundQoS2;
    private OutboundWindow? _window;

    // Packet Identifiers of the connection before, in their order, and how many of them are neither sent again nor
    // acknowledged yet. New messages are sent only when there are none.
    private Queue<ushort>? _due;
    private int _dueCount;
    private TaskCompletionSource? _drained;

    public string ClientId { get; } = clientId;

    /// <summary>What the client speaks on its present or last connection.</summary>
    public ProtocolVersion Version { get; set; } = ProtocolVersion.V311;

    /// <summary>The client is a gateway below this one, and speaks for devices of its own.</summary>
    public bool IsBridge { get; set; }

    /// <summary>Seconds that the Session lives on after its connection; 0 ends it together with the connection.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>Monotonic milliseconds at which an absent Session ends.</summary>
    public long EndsAtMs { get; set; } = long.MaxValue;

    /// <summary>The Will, until it is published or dropped.</summary>
    public PendingWill? Will { get; set; }

    /// <summary>The connection at present; null while the client is away.</summary>
    public MqttConnection? Connection { get; private set; }

    public bool IsConnected => Connection is not null;

    public bool IsDurable => ExpirySeconds != 0;

    /// <summary>What holds on the present or last connection.</summary>
    public SessionTerms Terms { get; private set; } = null!;

    private int WindowMax => Terms.WindowMax;

    /// <summary>Messages wait already.</summary>
    public bool IsBacklogged => queue.Count > 0 || _dueCount > 0;

    /// <summary>Messages that wait for the client.</summary>
    public MessageQueue Queue => queue;

    /// <summary>Whether publishers to this Session should wait for a moment.</summary>
    public bool HoldsBackPublishers => IsConnected && queue.IsHalfFull;

    // Scratch of TopicTree.Match.
    public int MatchNumber { get; set; }

    public int MatchIndex { get; set; }

    public int InflightCount => _window?.Count ?? 0;

    public IReadOnlyCollection<Subscription> Subscriptions => _subscriptions?.Values ?? (IReadOnlyCollection<Subscription>)[];

    public void Attach(MqttConnection connection, SessionTerms terms)
    {
        Connection = connection;
        Terms = terms;
        ExpirySeconds = terms.ExpirySeconds;
    }

    public void Detach() => Connection = null;

    // ---- Subscriptions

    /// <summary>Remembers a subscription.</summary>
    /// <returns>False when there is no room; <paramref name="isNew"/> is false when it replaced one.</returns>
    public bool TrySubscribe(Subscription subscription, out bool isNew)
    {
        _subscriptions ??= new Dictionary<string, Subscription>(StringComparer.Ordinal);
        isNew = !_subscriptions.ContainsKey(subscription.Filter.Value);
        if (isNew && _subscriptions.Count >= limits.SubscriptionsPerSessionMax)
            return false;
        _subscriptions[subscription.Filter.Value] = subscription;
        return true;
    }

    public bool Unsubscribe(TopicFilter filter) => _subscriptions?.Remove(filter.Value) ?? false;

    // ---- QoS 2 from the client

    /// <summary>First arrival of a QoS 2 Packet Identifier; a repeated one is acknowledged and not published again [MQTT-4.3.3-2].</summary>
    /// <returns>False when the client has more open than the Receive Maximum allows.</returns>
    public bool TryOpenInbound(ushort packetId, out bool isFirst)
    {
        _inboundQoS2 ??= [];
        isFirst = false;
        if (_inboundQoS2.Contains(packetId))
            return true;
        if (_inboundQoS2.Count >= limits.ReceiveMaximum)
            return false;
        _inboundQoS2.Add(packetId);
        isFirst = true;
        return true;
    }

    /// <summary>PUBREL: the identifier is free again.</summary>
    /// <returns>False when it was not in use.</returns>
    public bool CloseInbound(ushort packetId) => _inboundQoS2?.Remove(packetId) ?? false;

    // ---- Delivery to the client

    /// <summary>Sends a publication to the client, or has it wait, or drops it and counts.</summary>
    public DeliveryResult Deliver(ref Publication publication, in Subscriber subscriber, PublishEncodings encodings)
    {
        QoS qos = publication.QoS < subscriber.QoS ? publication.QoS : subscriber.QoS;
        bool retain = publication.Retain && subscriber.RetainAsPublished;
        if (Connection is not { } connection)
            return qos == QoS.AtMostOnce ? DeliveryResult.Absent : Enqueue(new QueuedMessage(publication.Hold(), qos, retain, subscriber.Identifiers));

        if (qos == QoS.AtMostOnce)
        {
            // Not before what was retained of its topic, or the older state would be the last that the client sees [MQTT-4.6.0-6].
            if (queue.QoS0Count > 0 && !queue.IsHalfFull)
                return Enqueue(new QueuedMessage(publication.Hold(), qos, retain, subscriber.Identifiers));
            return connection.Output.IsFull || queue.QoS0Count > 0
                ? DeliveryResult.Slow
                : PublishSender.Send(connection, publication, encodings, qos, retain, subscriber.Identifiers, packetId: 0);
        }

        if (queue.Count > 0 || connection.Output.IsCongested)
            return Enqueue(new QueuedMessage(publication.Hold(), qos, retain, subscriber.Identifiers));

        // Kept for a later connection only where there can be one.
        bool keep = IsDurable || publication.Route.P2PTarget is not null;
        Inflight inflight = new()
        {
            Message = keep ? publication.Hold() : null,
            Identifiers = keep ? subscriber.Identifiers : null,
            State = qos == QoS.AtLeastOnce ? InflightState.AwaitsPubAck : InflightState.AwaitsPubRec,
            Retain = retain,
        };
        _window ??= new OutboundWindow();
        if (!_window.TryAdd(inflight, WindowMax, out ushort packetId))
            return Enqueue(new QueuedMessage(publication.Hold(), qos, retain, subscriber.Identifiers));

        DeliveryResult result = PublishSender.Send(connection, publication, encodings, qos, retain, subscriber.Identifiers, packetId);
        if (result != DeliveryResult.Sent)
            _window.Remove(packetId);
        return result;
    }

    /// <summary>Has a message wait for the client, in front of nothing: order is kept.</summary>
    public DeliveryResult Enqueue(in QueuedMessage queued) =>
        queue.Enqueue(queued) ? DeliveryResult.Queued : DeliveryResult.NoRoom;

    /// <summary>Sends what waits, as far as the window and the network allow.</summary>
    public void Pump(long nowMs)
    {
        if (Connection is not { } connection)
            return;
        _window ??= new OutboundWindow();
        SendDue(connection, nowMs);
        while (!connection.Output.IsCongested && queue.Count > 0 && _window.HasRoom(WindowMax))
        {
            if (!queue.TryDequeue(nowMs, out QueuedMessage next))
                break;
            counters.Count(SendQueued(connection, next, nowMs));
        }

        if (_drained is { } drained && !queue.IsHalfFull)
            ReleasePublishers(drained);
    }

    /// <summary>
    /// What the client did not acknowledge on its last connection is due again, in its order, with DUP [MQTT-4.4.0-1];
    /// <see cref="Pump"/> sends it, for the Receive Maximum of this connection may be smaller [MQTT-3.3.4-9].
    /// </summary>
    public void BeginResend()
    {
        if (_window is null)
            return;
        _due = new Queue<ushort>(_window.InOrder());
        _dueCount = _due.Count;
        foreach (ushort packetId in _due)
            _window.Find(packetId).IsDue = true;
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP of the client.</summary>
    public AckOutcome Acknowledge(PacketType ack, ushort packetId, bool isError)
    {
        if (_window is null)
            return AckOutcome.Unknown;
        ref Inflight inflight = ref _window.Find(packetId);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref inflight))
            return AckOutcome.Unknown;
        switch (ack, inflight.State)
        {
            case (PacketType.PubAck, InflightState.AwaitsPubAck):
            case (PacketType.PubComp, InflightState.AwaitsPubComp):
            case (PacketType.PubRec, InflightState.AwaitsPubRec) when isError: // [MQTT-4.4.0-2]: the flow ends with the error
                ClearDue(ref inflight);
                _window.Remove(packetId);
                return AckOutcome.Complete;
            case (PacketType.PubRec, InflightState.AwaitsPubRec):
                inflight.State = InflightState.AwaitsPubComp;
                ClearDue(ref inflight);
                inflight.Message = null; // from here on only the identifier matters [MQTT-4.3.3-1]
                return AckOutcome.SendPubRel;
            case (PacketType.PubRec, InflightState.AwaitsPubComp):
                return AckOutcome.SendPubRel;
            default:
                return AckOutcome.WrongKind;
        }
    }

    /// <summary>P2P messages that were sent and not acknowledged, or still wait: they belong to the mailbox when the Session ends.</summary>
    public List<QueuedMessage> TakeUndeliveredP2P(long nowMs)
    {
        List<QueuedMessage> taken = [];
        if (_window is not null)
            foreach (ushort packetId in _window.InOrder())
                if (_window.Find(packetId) is { Message: { IsP2P: true } message } inflight)
                    taken.Add(new QueuedMessage(message, inflight.QoS, Retain: false, Identifiers: null));
        for (int waiting = queue.Count; waiting > 0 && queue.TryDequeue(nowMs, out QueuedMessage next); waiting--)
            if (next.Message.IsP2P)
                taken.Add(next);
            else
                _ = queue.Enqueue(next);
        return taken;
    }

    /// <summary>Completes when the queue has room again or the client is gone; has completed already when publishers need not wait.</summary>
    public Task WhenDrained()
    {
        if (!HoldsBackPublishers)
            return Task.CompletedTask;
        // Publishers go on elsewhere: they must not run inside this turn.
        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    /// <summary>The connection is gone: nobody needs to wait for this client.</summary>
    public void ReleasePublishers()
    {
        if (_drained is { } drained)
            ReleasePublishers(drained);
    }

    private void ReleasePublishers(TaskCompletionSource drained)
    {
        _drained = null;
        drained.SetResult();
    }

    private void SendDue(MqttConnection connection, long nowMs)
    {
        while (_dueCount > 0 && !connection.Output.IsCongested && _window!.Count - _dueCount < WindowMax)
        {
            ushort packetId = _due!.Dequeue();
            ref Inflight inflight = ref _window.Find(packetId);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref inflight) || !inflight.IsDue)
                continue; // It was acknowledged before it was its turn.
            ClearDue(ref inflight);
            if (inflight.State == InflightState.AwaitsPubComp)
            {
                connection.SendAck(PacketType.PubRel, packetId);
                continue;
            }

            DeliveryResult result = PublishSender.SendHeld(
                connection, inflight.Message!, inflight.QoS, inflight.Retain, dup: true, inflight.Identifiers, packetId, nowMs);
            counters.Count(result);
            if (result != DeliveryResult.Sent)
                _window.Remove(packetId);
        }
    }

    private void ClearDue(ref Inflight inflight)
    {
        if (!inflight.IsDue)
            return;
        inflight.IsDue = false;
        _dueCount--;
    }

    private DeliveryResult SendQueued(MqttConnection connection, in QueuedMessage next, long nowMs)
    {
        ushort packetId = 0;
        if (next.QoS != QoS.AtMostOnce)
        {
            bool keep = IsDurable || next.Message.IsP2P;
            Inflight inflight = new()
            {
                Message = keep ? next.Message : null,
                Identifiers = keep ? next.Identifiers : null,
                State = next.QoS == QoS.AtLeastOnce ? InflightState.AwaitsPubAck : InflightState.AwaitsPubRec,
                Retain = next.Retain,
            };
            if (!_window!.TryAdd(inflight, WindowMax, out packetId))
                throw new InvalidOperationException($"no room in a window of {WindowMax} with {_window.Count} in flight");
        }

        DeliveryResult result = PublishSender.SendHeld(connection, next.Message, next.QoS, next.Retain, dup: false, next.Identifiers, packetId, nowMs);
        if (result != DeliveryResult.Sent && packetId != 0)
            _window!.Remove(packetId);
        return result;
    }
}
