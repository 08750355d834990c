using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// P2P messages for one device: those that wait, and the commands that were handed to it and are not answered yet (DESIGN: P2P rules 6
/// and 11). Owned by the turn.
/// <list type="bullet">
/// <item>A device of ours has as many unanswered commands as its birth allows. One that is not answered in
/// <see cref="GatewayLimits.CommandAnswerSecondsMax"/> takes no place any more. Other clients get as much as MQTT's window lets through.</item>
/// <item>nanoFramework's client acknowledges before its application has seen anything. So a QoS 1 command stays in custody until it is answered or
/// its time is over, and goes once more on the next connection: a device carries out the same command once.</item>
/// <item>What has expired goes when its time is over, wherever it stands, and not only when it would be its turn.</item>
/// </list>
/// </summary>
internal sealed class Mailbox : IMailbox, ISlowReader
{
    /// <summary>Commands that were handed over and are remembered: as many as a device remembers.</summary>
    public const int HandedMax = WireLimits.CommandIdsRemembered;

    private readonly MailboxGround _ground;
    private readonly MessageQueue _queue;
    private readonly List<Handed> _handed = [];
    private TurnSignal _drained;

    private sealed class Handed
    {
        public required QueuedMessage Queued { get; set; }

        public required string Id { get; init; }

        public required string From { get; init; }

        /// <summary>Monotonic milliseconds when it went to the device last; -1 when it is to go once more.</summary>
        public required long SentMs { get; set; }

        public bool IsAcknowledged { get; set; }

        public bool IsAnswered { get; set; }
    }

    public Mailbox(string clientId, Owner owner, MailboxGround ground)
    {
        ClientId = clientId;
        _ground = ground;
        GroupPolicy policy = ground.PolicyOf(clientId);
        _queue = new MessageQueue(
            DropOwner.Client(clientId), policy.MailboxMessagesMax ?? ground.Limits.MailboxMessagesMax, policy.MailboxBytesMax ?? ground.Limits.MailboxBytesMax,
            owner, ground.Custody, DropReason.MailboxFull);
    }

    public string ClientId { get; }

    /// <summary>What waits is another owner's from now on.</summary>
    public void MoveTo(Owner owner) => _queue.MoveTo(owner);

    /// <summary>Messages that wait, those that are to go once more included.</summary>
    public int Count => _queue.Count + _handed.Count(static h => h.SentMs < 0);

    /// <inheritdoc/>
    public int NextBytes => Oldest?.Bytes ?? 0;

    /// <summary>Commands that the device has, and has not answered.</summary>
    public int UnansweredCount => _handed.Count(static h => h is { SentMs: >= 0, IsAnswered: false });

    /// <summary>The oldest message that waits, perhaps as a reference; null when nothing does.</summary>
    public Message? Oldest => _handed.Find(static h => h.SentMs < 0)?.Queued.Message ?? (_queue.TryPeek(out QueuedMessage oldest) ? oldest.Message : null);

    /// <summary>Nothing waits, and nothing is unanswered.</summary>
    public bool IsIdle => _queue.Count == 0 && _handed.Count == 0;

    /// <summary>How many unanswered commands the device may have; 0 for a client that is none of ours.</summary>
    public int Window => _ground.Births.Find(ClientId)?.Window ?? 0;

    /// <summary>
    /// What is in custody and not in flight: what was acknowledged and not answered, then what waits, oldest first. May be gone through over
    /// many turns: what has left by then is not met.
    /// </summary>
    public IEnumerable<QueuedMessage> Waiting
    {
        get
        {
            foreach (Handed handed in _handed.ToArray())
                if (_handed.Contains(handed) && (handed.IsAcknowledged || handed.SentMs < 0))
                    yield return handed.Queued;
            foreach (QueuedMessage queued in _queue.InOrder())
                yield return queued;
        }
    }

    /// <inheritdoc cref="MessageQueue.Fullness"/>
    public Fullness Fullness => _queue.Fullness;

    /// <summary>Publishers should wait for a moment.</summary>
    public bool IsFilling => _queue.IsFilling;

    /// <inheritdoc/>
    public Task WhenDrained() => IsFilling ? _drained.Next() : Task.CompletedTask;

    /// <summary>Has a message wait, in front of nothing.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool Put(in QueuedMessage queued) => _queue.Enqueue(queued);

    /// <summary>Has messages wait before those that wait already, because they are older.</summary>
    public void PutFirst(IReadOnlyList<QueuedMessage> older)
    {
        List<QueuedMessage> newer = [];
        while (_queue.Count > 0)
            if (_queue.TryDequeue(_ground.Turn, out QueuedMessage queued))
                newer.Add(queued);
        foreach (QueuedMessage queued in older.Concat(newer))
            _ = _queue.Enqueue(queued);
    }

    /// <summary>
    /// The device has connected, or what its Session before left behind is here now. What is in flight to it since the connection before is in its Session; what was
    /// taken from here on this connection is known already, and takes one place.
    /// </summary>
    public void Begin(Session session)
    {
        if (session.InflightCount == 0 || Window == 0)
            return;
        foreach ((_, Inflight inflight) in session.InFlight())
            if (inflight is { State: InflightState.AwaitsPubAck, Message: { IsP2P: true } message } && !_handed.Exists(h => ReferenceEquals(h.Queued.Message, message)) && !message.IsExpired(_ground.Turn.NowMs) && _ground.Commands.TryRead(message.Payload))
                Remember(new QueuedMessage(message, inflight.QoS, inflight.Retain, inflight.Identifiers, inflight.Entry));
    }

    /// <summary>The connection is gone. What it did not acknowledge is its Session's; what it did not answer goes once more.</summary>
    public void End()
    {
        _ = _handed.RemoveAll(static h => !h.IsAcknowledged);
        foreach (Handed handed in _handed)
            handed.SentMs = -1;
        _drained.Set();
    }

    /// <inheritdoc/>
    public bool TryTake(long nowMs, out QueuedMessage next)
    {
        int window = Window;
        next = default;
        if (window > 0 && Unanswered(nowMs) >= window)
            return false;
        if (TryTakeAgain(nowMs, out next))
            return true;
        while (_queue.Count > 0) // they are few: no more turns for them
        {
            if (!_queue.TryDequeue(_ground.Turn, out next))
                continue;
            bool isCommand = _ground.Commands.TryRead(next.Message.Payload);
            if (isCommand && _ground.Commands.IsOver(next.Message))
            {
                _ground.Custody.Drop(DropOwner.Client(ClientId), next.Entry, next.Message, DropReason.Expired);
                continue;
            }

            if (isCommand && window > 0)
                Remember(next);
            if (_drained.IsAwaited && !IsFilling)
                _drained.Set();
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Keeps(long entry)
    {
        if (entry == 0 || _handed.Find(h => h.Queued.Entry == entry) is not { IsAcknowledged: false } handed || handed.Queued.QoS != QoS.AtLeastOnce)
            return false;
        if (handed.IsAnswered)
        {
            _ = _handed.Remove(handed);
            return false;
        }

        handed.IsAcknowledged = true;
        handed.Queued = handed.Queued with { WasSent = true };
        _ground.Custody.Sent(entry, packetId: 0, QoS.AtLeastOnce).ForNobody(); // a restart that does not know has the command go once more, which does no harm
        _ground.Custody.HasMoved(ClientId); // from in flight to here, which is the way back
        _ground.Delivered?.Invoke(entry);
        return true;
    }

    /// <summary>The entry of a command that is not answered yet; 0 when it is not known.</summary>
    /// <param name="id">As the command had it.</param>
    /// <param name="from">The sender of the command.</param>
    public long FindUnanswered(string id, string from) => Find(id, from)?.Queued.Entry ?? 0;

    /// <summary>The device has answered that command: the next may go, and the custody of this one ends, unless its acknowledgement is still to come.</summary>
    public void Answered(string id, string from)
    {
        if (Find(id, from) is not { } handed)
            return;
        handed.IsAnswered = true;
        if (!handed.IsAcknowledged && handed.Queued.QoS == QoS.AtLeastOnce)
            return;
        _ = _handed.Remove(handed);
        if (handed.IsAcknowledged)
            _ground.Custody.Settle(handed.Queued.Entry, handed.Queued.Message, Outcome.Delivered);
    }

    /// <summary>Drops what has expired.</summary>
    /// <returns>False when the slice was over before.</returns>
    public bool DropExpired(Turn turn)
    {
        for (int i = _handed.Count - 1; i >= 0; i--)
            if (_handed[i].Queued.Message.IsExpired(turn.NowMs) && (_handed[i].IsAcknowledged || _handed[i].Queued.QoS != QoS.AtLeastOnce))
                GiveUp(_handed[i]);
        return _queue.DropExpired(turn);
    }

    /// <summary>What waits and was never handed over, as it is now: it may be gone through over many turns.</summary>
    public IReadOnlyList<QueuedMessage> NotHandedOver() => [.. _queue.InOrder().Where(static queued => !queued.WasSent)];

    /// <summary>Whether a message that waits is that command. One that is on the disk alone is read there.</summary>
    /// <param name="queued">What waits.</param>
    /// <param name="id">As the command has it.</param>
    /// <param name="from">Its sender; null for anybody.</param>
    public bool IsCommand(in QueuedMessage queued, string id, string? from) =>
        _ground.Custody.Read(queued.Message) is { } whole && _ground.Commands.TryRead(whole.Payload) && _ground.Commands.Envelope.Id == id && (from is null || _ground.Commands.Envelope.From == from);

    /// <summary>An operator takes back a command that waits. One that the device was handed already is not taken back: it may have carried it out.</summary>
    /// <param name="queued">Of <see cref="NotHandedOver"/>.</param>
    /// <param name="kept">Where that is certain, it does not come back. Where there is no room, or the journal has failed, it goes on waiting.</param>
    /// <returns>False when it does not wait any more, or was handed over meanwhile.</returns>
    public bool TryTakeBack(in QueuedMessage queued, out Kept kept)
    {
        bool isDone = _queue.TryWithdraw(queued, DropReason.DroppedByOperator, out kept);
        if (isDone && _drained.IsAwaited && !IsFilling)
            _drained.Set();
        return isDone;
    }

    /// <summary>The device is forgotten.</summary>
    public void Clear(DropReason reason)
    {
        foreach (Handed handed in _handed.ToArray())
            GiveUp(handed); // it never will be answered
        _queue.Clear(reason);
    }

    private int Unanswered(long nowMs)
    {
        int unanswered = 0;
        foreach (Handed handed in _handed)
            unanswered += handed is { SentMs: >= 0, IsAnswered: false } && nowMs - handed.SentMs < _ground.Limits.CommandAnswerSecondsMax * 1000L ? 1 : 0;
        return unanswered;
    }

    private Handed? Find(string id, string from) => _handed.Find(h => !h.IsAnswered && h.Id == id && h.From == from);

    // There was no answer, and none is waited for any more. The device has it all the same, as its sender was told.
    private void GiveUp(Handed handed)
    {
        _ = _handed.Remove(handed);
        if (!handed.IsAcknowledged)
            return;
        using FrameOfPacket frameOnDisk = new(_ground.Custody);
        _ground.Unanswered?.Invoke(handed.Queued.Entry);
        _ground.Custody.Settle(handed.Queued.Entry, handed.Queued.Message, Outcome.Delivered);
    }

    private bool TryTakeAgain(long nowMs, out QueuedMessage next)
    {
        next = default;
        while (_handed.Find(h => h.SentMs < 0 && (h.Queued.Message.IsExpired(nowMs) || _ground.Commands.IsStale(h.Queued.Message))) is { } late)
            GiveUp(late);
        if (_handed.Find(static h => h.SentMs < 0) is not { } again)
            return false;
        again.SentMs = nowMs;
        again.IsAcknowledged = false;
        next = again.Queued;
        return true;
    }

    private void Remember(in QueuedMessage queued)
    {
        if (_handed.Count >= HandedMax)
        {
            // A device that was handed so many more does not know this one any more: it does not go once more, and nobody waits for its answer.
            GiveUp(_handed[0]);
        }

        _handed.Add(new Handed { Queued = queued, Id = _ground.Commands.Envelope.Id, From = _ground.Commands.Envelope.From, SentMs = _ground.Turn.NowMs });
    }
}
