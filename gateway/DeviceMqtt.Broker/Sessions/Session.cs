using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>
/// The state of one Client Identifier that outlives its network connections: subscriptions, messages in flight and
/// waiting, QoS 2 identifiers. It does no I/O and never waits: methods change the state and write packets to the output
/// of the connection, if there is one. Owned by the turn.
/// </summary>
internal sealed partial class Session(string clientId, Ground ground, MessageQueue queue, SessionHoldings holdings) : Subscriber(clientId), IBacklog, ISlowReader
{
    private readonly ICustody _custody = ground.Custody;

    // Made with the first message: most Sessions never need one.
    private Flow? _flow;
    private TurnSignal _drained;

    // When the client last acknowledged something, or had nothing to, in monotonic milliseconds: one that takes nothing holds nobody back.
    private long _tookMs = ground.Turn.MonotonicMs();

    /// <summary>When the client last acknowledged something, or had nothing to acknowledge, in monotonic milliseconds.</summary>
    public long TookMs => _tookMs;

    /// <summary>What it makes the gateway keep in memory.</summary>
    public SessionHoldings Holdings => holdings;

    /// <summary>What the client may do; null for a Session of a recovery whose client has not been back.</summary>
    public ClientRole? Role { get; set; }

    /// <summary>Who had the client let in; null for a client without a user, and where nobody knows. Another user never resumes the Session.</summary>
    public UserIdentity User { get; private set; }

    /// <summary>The name of <see cref="User"/>.</summary>
    public string? UserName => User.Name;

    /// <summary>Its user was removed while its client is connected: with the connection nobody is left to have anything of it.</summary>
    public bool IsUserGone { get; set; }

    /// <summary>What the client may publish and have; null where its role alone says it, and while it has not been back.</summary>
    public IClientRights? Rights { get; set; }

    /// <summary>Who the client is, for what may outlive its connection.</summary>
    public ClientIdentity Identity => new(ClientId, UserName, Role ?? ClientRole.Device);

    /// <summary>Who it is, for the log; the connection, if there is one, knows its number.</summary>
    public ClientName Name => new(0, ClientId, UserName, Connection?.Remote);

    /// <summary>The client says that it is a bridge, with the role or without: it gets nothing of its own back.</summary>
    public bool SaysItIsABridge { get; set; }

    /// <summary>The client is a gateway below this one, and speaks for devices of its own.</summary>
    public bool IsBridge { get; set; }

    /// <summary>Monotonic milliseconds at which an absent Session ends.</summary>
    public long EndsAtMs { get; set; } = long.MaxValue;

    /// <summary>The Will, until it is published or dropped.</summary>
    public PendingWill? Will
    {
        get;
        set
        {
            field = value;
            holdings.WillIs(value?.Message);
        }
    }

    /// <summary>P2P messages that wait for the client; null while it is away, and for one that never had any.</summary>
    public IMailbox? Mailbox { get; set; }

    /// <summary>The connection at present; null while the client is away.</summary>
    public ClientLink? Connection { get; private set; }

    public override bool IsConnected => Connection is not null;

    /// <inheritdoc/>
    public bool Writes => IsDurable;

    /// <inheritdoc/>
    public IPayer Payer => holdings.Owner;

    /// <summary>The custody keeps the Session.</summary>
    public bool IsOnDisk { get; private set; }

    /// <summary>What holds on the present or last connection.</summary>
    public SessionTerms Terms { get; private set; } = null!;

    private int WindowMax => Terms.WindowMax;
    public override int PacketBytesMax => Terms.PacketBytesMax;

    public override bool IsBacklogged => queue.Count > 0 || _flow is { DueCount: > 0 } || _retained is not null || Mailbox is { Count: > 0 };

    /// <summary>Messages that wait for the client.</summary>
    public MessageQueue Queue => queue;

    /// <summary>Whether publishers to this Session should wait for a moment.</summary>
    public bool HoldsBackPublishers => IsConnected && queue.IsFilling && ground.Turn.NowMs - _tookMs <= ground.Limits.PublisherPauseMs;

    public int InflightCount => _flow?.Count ?? 0;

    public override IReadOnlyCollection<Subscription> Subscriptions => holdings.Subscriptions;

    public void Attach(ClientLink connection, SessionTerms terms)
    {
        (Connection, _inboundBefore) = (connection, InboundQoS2.Count);
        (connection.PublishBytesMax, connection.IsGateway) = (terms.PacketBytesMax, IsBridge);
        Terms = terms;
        ExpirySeconds = terms.ExpirySeconds;
    }

    /// <summary>Has the custody keep the Session with its terms, if it outlives its connection or did before. CONNACK promises that.</summary>
    public Kept Keep()
    {
        if (!IsDurable && !IsOnDisk)
            return Kept.NotNeeded;
        Kept kept = _custody.SessionBegan(ClientId, User, ExpirySeconds, IsBridge);
        if (!kept.IsNoRoom)
            IsOnDisk = kept.IsOnDisk;
        return kept;
    }

    /// <summary>The client is let in, as the access rules say.</summary>
    public void LetIn(in Admission admission)
    {
        Role = admission.Role;
        User = admission.User;
        Rights = admission.Rights;
    }

    /// <summary>A known user has it, and not this one.</summary>
    public bool IsOfOther(in UserIdentity user) => User.IsOther(user);

    public void Detach() => Connection = null;

    /// <summary>After a restart: the terms that outlive a connection.</summary>
    public void Restore(in UserIdentity user, uint expirySeconds, bool isBridge)
    {
        User = user;
        ExpirySeconds = expirySeconds;
        IsBridge = isBridge;
        IsOnDisk = true;
    }

    // ---- Delivery to the client

    /// <summary>Sends a publication to the client, or has it wait, or drops it and counts.</summary>
    public DeliveryResult Deliver(ref Publication publication, in Recipient recipient, PublishEncodings encodings)
    {
        QoS qos = publication.QoS < recipient.QoS ? publication.QoS : recipient.QoS;
        bool retain = publication.Retain && recipient.RetainAsPublished;
        if (Connection is not { } connection)
        {
            if (qos != QoS.AtMostOnce)
                return Enqueue(new QueuedMessage(publication.Hold(), qos, retain, recipient.Identifiers));
            TellHanded(publication.TraceNumber, entry: 0, DeliveryResult.Absent, qos, packetId: 0);
            return DeliveryResult.Absent;
        }

        if (qos == QoS.AtMostOnce)
        {
            DeliveryResult passed = connection.Output.IsFull
                ? DeliveryResult.Slow
                : PublishSender.Send(connection, publication, encodings, qos, retain, recipient.Identifiers, packetId: 0);
            TellHanded(publication.TraceNumber, entry: 0, passed, qos, packetId: 0);
            return passed;
        }

        _flow ??= new Flow(_custody, Owner);
        // Kept for a later connection only where there can be one.
        bool keep = IsDurable || publication.Route.P2PTarget is not null;
        int bytes = publication.MessageBytes;
        if ((queue.Count > 0 && (!recipient.PassesQueue || _peerWaits)) || !HasRoomFor(connection, bytes, keep))
            return Enqueue(new QueuedMessage(publication.Hold(), qos, retain, recipient.Identifiers));

        ushort packetId = keep
            ? BeginFlow(connection, Hold(new QueuedMessage(publication.Hold(), qos, retain, recipient.Identifiers)), keep, publication.TraceNumber)
            : BeginFlow(connection, new QueuedMessage(null!, qos, retain, null), keep, publication.TraceNumber);
        DeliveryResult result = PublishSender.Send(connection, publication, encodings, qos, retain, recipient.Identifiers, packetId);
        TellHanded(publication.TraceNumber, entry: 0, result, qos, packetId);
        EndFlowUnlessSent(result, packetId);
        CountInFlight();
        return result;
    }

    private bool HasRoomFor(ClientLink connection, int bytes, bool keep) => !connection.Output.IsCongested && _flow!.HasRoom(WindowMax) && HasMemoryToSend(connection, bytes, keep);

    // For the packet on its way out, and for the message in flight. It goes on when there is some.
    private bool HasMemoryToSend(ClientLink connection, int bytes, bool keep)
    {
        if (!holdings.HasRoomInFlight(_flow!, keep ? bytes : 0))
        {
            // While something is in flight its acknowledgement goes on with this.
            if (_flow!.Count == 0)
                ground.Starving.Add(this);
            return false;
        }

        if (connection.Output.HasRoomFor(bytes))
            return true;
        ground.Starving.Add(this);
        return false;
    }

    private void CountInFlight() => holdings.InFlightIs(_flow?.MemoryBytes ?? 0);

    /// <summary>Has a message wait for the client, in front of nothing: order is kept.</summary>
    public DeliveryResult Enqueue(in QueuedMessage queued)
    {
        if (queue.Count == 0)
            (_tookMs, _peerWaits) = (ground.Turn.NowMs, false);
        _peerWaits |= queued.Message.IsP2P;
        NotePeer(queued);
        QueuedMessage held = Hold(queued);
        if (held.Entry == 0)
            TellHanded(held.Message.TraceNumber, held.Entry, DeliveryResult.Queued, held.QoS, packetId: 0);
        return queue.Enqueue(held) ? DeliveryResult.Queued : DeliveryResult.NoRoom;
    }

    // In custody of the disk, where a later connection can ask for it, and if it is not already.
    private QueuedMessage Hold(in QueuedMessage queued)
    {
        if (queued.Entry != 0 || queued.QoS == QoS.AtMostOnce || !(IsDurable || queued.Message.IsP2P))
            return queued;
        LedgerClass ledgerClass = queued.Message.IsP2P ? LedgerClass.Mailbox : LedgerClass.Session;
        ground.Turn.Gate.Join(_custody.Hold(ledgerClass, ClientId, queued, out long entry));
        Trace?.Held(queued.Message.TraceNumber, entry, Owner, ledgerClass, queued.Message.Position);
        return queued with { Entry = entry };
    }

    /// <summary>Takes a Packet Identifier for a message that is about to be sent.</summary>
    private ushort BeginFlow(ClientLink connection, in QueuedMessage queued, bool keep, uint traceNumber)
    {
        NotePeer(queued);
        // A QoS 2 message that reached the client before the disk would reach it twice after a crash.
        Kept sent = _flow!.Begin(queued, queued.QoS, keep, Trace is not null && traceNumber != IMessageTrace.NotFollowed, out ushort packetId);
        if (sent.IsOnDisk)
            connection.Output.WaitFor(sent);
        if (HasOldIdentifiers)
            ReleaseFirst(connection, queued.QoS, packetId);
        return packetId;
    }

    private void EndFlowUnlessSent(DeliveryResult result, ushort packetId)
    {
        if (result == DeliveryResult.Sent || packetId == 0)
            return;
        Inflight inflight = _flow!.Cancel(packetId);
        _custody.Settle(inflight.Entry, inflight.Message, Outcome.Drop(ReasonOf(result)));
    }

    /// <summary>Sends what waits, as far as the window and the network allow.</summary>
    public void Pump(long nowMs)
    {
        if (Connection is not { } connection || (_flow is null && !IsBacklogged && !_drained.IsAwaited))
            return;
        _flow ??= new Flow(_custody, Owner);
        SendDue(connection, nowMs);
        SendMail(connection, nowMs);
        while (!connection.Output.IsCongested && queue.Count > 0 && _flow.HasRoom(WindowMax))
        {
            if (HasToRest() || !HasMemoryToSend(connection, queue.NextBytes, IsDurable))
                break;
            if (!queue.TryDequeue(ground.Turn, out QueuedMessage next))
            {
                GoOnLater();
                break;
            }

            if (!SendOrDrop(connection, next, nowMs))
                break;
        }

        if (_retained is not null)
            SendRetained(connection, nowMs);
        CountInFlight();
        if (_drained.IsAwaited && !queue.IsFilling)
            ReleasePublishers();
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP of the client.</summary>
    /// <param name="ack">Which of them.</param>
    /// <param name="packetId">Its Packet Identifier.</param>
    /// <param name="isError">It has a reason code of 128 or more.</param>
    /// <param name="kept">What PUBREL waits for.</param>
    /// <returns><see cref="AckOutcome.Complete"/>: there is room for another message, which <see cref="SendNext"/> is to fill.</returns>
    public AckOutcome Acknowledge(PacketType ack, ushort packetId, bool isError, out Kept kept)
    {
        kept = Kept.NotNeeded;
        if (_flow is null)
            return AckOutcome.Unknown;
        AckOutcome outcome = _flow.Acknowledge(ack, packetId, isError, out Inflight done, out kept);
        _tookMs = ground.Turn.NowMs;
        if (outcome != AckOutcome.Complete)
            CountInFlight();
        if (_flow.IsFollowed && outcome is AckOutcome.Complete or AckOutcome.SendPubRel)
            Trace?.Acknowledged(Owner, ack, packetId, isError);
        if (HasOldIdentifiers && outcome is AckOutcome.Complete or AckOutcome.SendPubRel)
            HasReadThat();
        if (outcome == AckOutcome.WrongKind && HasOldIdentifiers && ack == PacketType.PubComp)
            return AckOutcome.Unknown; // what was released first (ReleaseFirst)
        if (outcome != AckOutcome.Complete)
            return outcome;
        if (isError && ack != PacketType.PubComp) // PUBCOMP has one only for an identifier that the client has done with
            _custody.Drop(DropOwner.Client(ClientId), done.Entry, done.Message, DropReason.ClientRefused);
        else if (done.Entry != 0 && Mailbox?.Keeps(done.Entry) is not true)
            _custody.Settle(done.Entry, done.Message, Outcome.Delivered);
        return outcome;
    }

    /// <summary>Something was acknowledged, or several: what waits goes, as far as there is room now.</summary>
    public void SendNext(long nowMs)
    {
        CountInFlight(); // what was acknowledged is memory for what goes next
        if (IsBacklogged)
            Pump(nowMs);
    }

    /// <summary>Completes when the queue has room again or the client is gone; has completed already when publishers need not wait.</summary>
    public Task WhenDrained() => HoldsBackPublishers ? _drained.Next() : Task.CompletedTask;

    /// <summary>The connection is gone, or the queue has room: nobody needs to wait for this client.</summary>
    public void ReleasePublishers() => _drained.Set();

    private void SendDue(ClientLink connection, long nowMs)
    {
        while (!connection.Output.IsCongested && _flow!.HasRoomForDue(WindowMax) && _flow.TryTakeDue(out ushort packetId, out Inflight inflight))
        {
            Kept kept = (inflight.Entry != 0 || inflight.IsGivenUp) && inflight.QoS == QoS.ExactlyOnce ? _custody.KeptSoFar() : Kept.NotNeeded;
            if (kept.IsOnDisk)
                connection.Output.WaitFor(kept);
            if (inflight.State == InflightState.AwaitsPubComp)
            {
                connection.SendAck(kept, PacketType.PubRel, packetId);
                continue;
            }

            if (!TryMakeWhole(connection, packetId, inflight, out Message? message))
                continue;
            if (IsStale(message))
            {
                Expire(connection, packetId, inflight);
                continue;
            }

            if (HasOldIdentifiers)
                ReleaseFirst(connection, inflight.QoS, packetId);
            DeliveryResult result = !MayHave(message) ? DeliveryResult.NotAllowed : PublishSender.SendHeld(
                connection, message, inflight.QoS, inflight.Retain, dup: !inflight.IsNew, inflight.Identifiers, packetId, nowMs);
            TellHanded(message.TraceNumber, inflight.Entry, result, inflight.QoS, packetId);
            _custody.Counters.Count(result, message.Payload.Length, ClientId, message.Topic, message.TraceNumber);
            if (result != DeliveryResult.Sent && inflight.QoS == QoS.ExactlyOnce)
                GiveUp(connection, packetId, result);
            else
                EndFlowUnlessSent(result, packetId);
        }
    }

    // The client takes smaller packets than on the connection before, and may have the identifier open: another message
    // under it would not be published there.
    private void GiveUp(ClientLink connection, ushort packetId, DeliveryResult result)
    {
        Inflight inflight = _flow!.GiveUp(packetId);
        _custody.Settle(inflight.Entry, inflight.Message, Outcome.Drop(ReasonOf(result)));
        connection.SendAck(_custody.KeptSoFar(), PacketType.PubRel, packetId);
    }

    private DeliveryResult SendQueued(ClientLink connection, in QueuedMessage next, long nowMs)
    {
        if (!MayHave(next.Message))
        {
            _custody.Settle(next.Entry, next.Message, Outcome.Drop(DropReason.NotAllowed));
            return DeliveryResult.NotAllowed;
        }

        // What is in custody is kept also by a Session that its client has made one that ends with the connection: it is settled then.
        ushort packetId = next.QoS == QoS.AtMostOnce ? (ushort)0 : BeginFlow(connection, next, keep: next.Entry != 0 || IsDurable || next.Message.IsP2P, next.Message.TraceNumber);
        DeliveryResult result = PublishSender.SendHeld(connection, next.Message, next.QoS, next.Retain, dup: false, next.Identifiers, packetId, nowMs);
        TellHanded(next.Message.TraceNumber, next.Entry, result, next.QoS, packetId);
        EndFlowUnlessSent(result, packetId);
        if (next.QoS == QoS.AtMostOnce)
            _custody.Settle(next.Entry, next.Message, result == DeliveryResult.Sent ? Outcome.Delivered : Outcome.Drop(DropReason.LargerThanClientAccepts));
        return result;
    }

    // It waited, perhaps since before a right was taken. A P2P message is the client's own.
    private bool MayHave(Message message) => Rights is not { } rights || message.IsP2P || rights.MayReceive(message.Topic);

    private static DropReason ReasonOf(DeliveryResult result) => result == DeliveryResult.NotAllowed ? DropReason.NotAllowed : DropReason.LargerThanClientAccepts;
}
