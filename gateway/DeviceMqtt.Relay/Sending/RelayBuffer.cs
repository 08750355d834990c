using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Messages on their way to one upstream, in the custody of the journal. The only type that knows where they are kept.
/// <list type="bullet">
/// <item>A message is here from <see cref="Add(Message)"/> until <see cref="Release"/>: waiting first, then in flight.</item>
/// <item>Within a class they leave in the order the gateway accepted them; a topic is in one class, so its order is kept, also
/// where other rules have it in another (<see cref="EarlierClasses"/>).
/// Of thirteen that leave while all classes wait eight are High, four Normal and one Low.</item>
/// <item>Waiting and in flight together are within <see cref="GatewayLimits.RelayMessagesMax"/> and
/// <see cref="GatewayLimits.RelayBytesMax"/>; the oldest of the lowest class that waits is dropped for the newest, and counted. Where more have to go than a slice
/// of the turn takes, the newest is in already, and the others go in the next turns.</item>
/// <item>Memory is no bound for what waits on the disk. Where all upstreams have their share of it, one goes for each that comes; where others have what is left, none goes for them.</item>
/// <item>What the upstream does not take is set aside, within bounds of its own (<see cref="AsideMessages"/>).</item>
/// <item>What is in flight is never dropped: the upstream may have it already. A newcomer that finds nothing else to push
/// out is dropped itself.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class RelayBuffer(GatewayLimits limits, ICustody custody, Account memory, string upstream, RelayTopics topics, Turn turn, Func<Message, bool> isStale) : IUpstreamBacklog, IJob
{
    // Chosen: a backlog of readings still moves while events come in plenty, and the other way round.
    private static readonly int[] Shares = [8, 4, 1];

    private readonly DropOwner _owner = DropOwner.Upstream(upstream);
    private readonly IWaitingList[] _waiting = [custody.NewWaitingList(), custody.NewWaitingList(), custody.NewWaitingList()];
    private readonly EarlierClasses _earlier = new();
    private readonly int[] _credit = [.. Shares];
    private readonly Dictionary<Message, long> _inFlight = [];
    private long _bytesInFlight;

    /// <summary>The name of the upstream.</summary>
    public string Upstream => upstream;

    /// <summary>What was sent and is not acknowledged, under its Packet Identifiers.</summary>
    public Flow Flow { get; } = new(custody, DropOwner.Upstream(upstream), keepsReceived: true);

    /// <summary>What the upstream does not take.</summary>
    public AsideMessages SetAsides { get; } = new(limits);

    /// <summary>Messages not yet sent.</summary>
    public int Waiting { get; private set; }

    /// <summary>Messages sent and not yet acknowledged.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Waiting and in flight.</summary>
    public int Count => Waiting + InFlight;

    /// <summary>Bytes of both.</summary>
    public long Bytes { get; private set; }

    /// <summary>How full it is.</summary>
    public Fullness Fullness => default(Fullness).Or(Count, limits.RelayMessagesMax, FullBound.Messages).Or(Bytes, limits.RelayBytesMax, FullBound.Bytes);

    // What waits takes its place in the journal and the queue, what is in flight is in memory, whole.
    private int MemoryOf(in QueuedMessage queued) => MemoryCost.Reference + (queued.Entry != 0 && IsOnDisk(queued.Message) ? 0 : queued.Message.Bytes);

    /// <summary>Monotonic milliseconds at which the oldest of them was accepted; null when there is none.</summary>
    public long? OldestMs
    {
        get
        {
            long oldest = long.MaxValue;
            foreach (IWaitingList queue in _waiting)
                if (queue.TryPeek(out QueuedMessage first))
                    oldest = Math.Min(oldest, first.Message.AcceptedMs);
            foreach (Message message in _inFlight.Keys)
                oldest = Math.Min(oldest, message.AcceptedMs);
            return oldest == long.MaxValue ? null : oldest;
        }
    }

    /// <summary>Has a message wait, at the end of its class.</summary>
    /// <param name="message">The message.</param>
    /// <param name="entry">Its number; 0 when it is not kept.</param>
    /// <param name="isDropped">There was no room for it, and nothing to push out: it is dropped and counted.</param>
    /// <returns>What the acknowledgement of the message depends on.</returns>
    public Kept Add(Message message, out long entry, out bool isDropped)
    {
        isDropped = !TryMakeRoomFor(message);
        Kept kept = Hold(message, out QueuedMessage queued);
        entry = queued.Entry;
        if (!isDropped)
            Restore(queued);
        else
            custody.Drop(_owner, entry, message, DropReason.RelayFull);
        return kept;
    }

    /// <summary>A message is in custody for the upstream, and waits from <see cref="Take"/> on.</summary>
    /// <param name="message">The message.</param>
    /// <param name="queued">With its entry.</param>
    public Kept Hold(Message message, out QueuedMessage queued)
    {
        queued = new QueuedMessage(message, message.QoS, message.Retain, Identifiers: null);
        Kept kept = custody.Hold(LedgerClass.Relay, upstream, queued, out long entry);
        custody.Counters.Trace?.Held(message.TraceNumber, entry, _owner, LedgerClass.Relay, message.Position);
        queued = queued with { Entry = entry };
        return kept;
    }

    /// <summary>Has a message wait that is held, at the end of its class; without room it is dropped and counted.</summary>
    public void Take(in QueuedMessage held)
    {
        if (TryMakeRoomFor(held.Message))
            Restore(held);
        else
            custody.Drop(_owner, held.Entry, held.Message, DropReason.RelayFull);
    }

    /// <inheritdoc cref="Add(Message, out long, out bool)"/>
    public Kept Add(Message message) => Add(message, out _, out _);

    /// <summary>Whether the message under an entry is sent and not yet acknowledged.</summary>
    public bool IsInFlight(long entry) => _inFlight.ContainsValue(entry);

    /// <summary>Whether it has left the line, and is neither acknowledged nor dropped.</summary>
    public bool HasInFlight(Message message) => _inFlight.ContainsKey(message);

    /// <summary>The rules are about to change: what waits stays in its class, and its topic with it until that has left.</summary>
    public void RulesChange() => _earlier.Changed(topics.AsTheyAre());

    /// <summary>A message of a recovery, whole, at the end of its class.</summary>
    public void Restore(in QueuedMessage queued)
    {
        _waiting[(int)_earlier.Place(queued.Message.Topic, topics.ClassOf(queued.Message.Topic))].Enqueue(queued);
        Waiting++;
        memory.Take(MemoryOf(queued));
        Bytes += queued.Message.Bytes;
    }

    /// <summary>A message of a recovery that was in flight; in the order in which they were sent.</summary>
    public bool TryRestoreInFlight(in SentMessage sent)
    {
        QueuedMessage queued = sent.Queued;
        InflightState state = sent.IsReceived ? InflightState.AwaitsPubComp
            : queued.QoS == QoS.ExactlyOnce ? InflightState.AwaitsPubRec : InflightState.AwaitsPubAck;
        if (!Flow.TryRestore(sent.PacketId, new Inflight { Message = queued.Message, Entry = queued.Entry, Retain = queued.Retain, State = state }))
            return false;
        AddInFlight(queued.Message, queued.Entry);
        Bytes += queued.Message.Bytes;
        return true;
    }

    /// <inheritdoc/>
    public bool HasOldIdentifiers { get; set; } = true;

    /// <inheritdoc/>
    public string Where { get; init; } = "";

    /// <inheritdoc/>
    public IEnumerable<ushort> GivenUp() => Flow.InOrder().Where(static f => f.Inflight.IsGivenUp).Select(static f => f.PacketId);

    /// <inheritdoc/>
    public void RestoreGivenUp(ushort packetId) => _ = Flow.TryRestoreGivenUp(packetId);

    /// <summary>A message of a recovery that was set aside.</summary>
    public void RestoreAside(in QueuedMessage queued, AsideReason why) => SetAsides.Add(queued, why);

    /// <summary>Everything in custody: what is set aside, what is in flight, then what waits, class by class.</summary>
    public IEnumerable<QueuedMessage> All() => Taken().Concat(WaitingInOrder());

    public IEnumerable<QueuedMessage> Taken() => SetAsides.All.Select(static a => a.Queued)
        .Concat(_inFlight.Select(f => new QueuedMessage(f.Key, f.Key.QoS, f.Key.Retain, Identifiers: null, f.Value)));

    public IEnumerable<QueuedMessage> WaitingInOrder() => _waiting.SelectMany(queue => queue.InOrder());

    public IEnumerable<SentMessage> InFlightInOrder()
    {
        foreach ((ushort packetId, Inflight inflight) in Flow.InOrder())
            if (inflight.Message is { } message && _inFlight.TryGetValue(message, out long entry))
                yield return new SentMessage(new QueuedMessage(message, inflight.QoS, message.Retain, Identifiers: null, entry), packetId, inflight.State == InflightState.AwaitsPubComp);
    }

    public IEnumerable<(QueuedMessage Queued, AsideReason Why)> Aside() => SetAsides.All.Select(static a => (a.Queued, a.Why));

    /// <summary>The entry of a message in flight; 0 when it is in memory alone.</summary>
    public long EntryOf(Message message) => _inFlight[message];

    /// <summary>The upstream does not take a message that was in flight: it is kept aside, or dropped and counted where there is no room. Who has looked whether there is (<see cref="AsideMessages.Takes"/>) drops only what there never is any for.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool SetAside(Message message, AsideReason why)
    {
        long entry = Remove(message);
        if (!SetAsides.HasRoomFor(message))
        {
            custody.Drop(_owner, entry, message, DropReason.AsideFull);
            return false;
        }

        SetAsides.Add(new QueuedMessage(message, message.QoS, message.Retain, Identifiers: null, entry), why);
        custody.SetAside(entry, why);
        return true;
    }

    /// <summary>An operator wants a message tried again that was set aside: it waits, at the end of its class.</summary>
    /// <returns>False when there is none of that number, or the bounds leave it no place: nothing is dropped to make one, it stays aside.</returns>
    public bool TryTakeBack(int number)
    {
        if (SetAsides.Find(number) is not { } message || !HasPlaceFor(1, message.Bytes) || !SetAsides.TryTake(number, out QueuedMessage queued))
            return false;
        custody.TakenBack(queued.Entry);
        Restore(queued);
        custody.HasMoved(upstream);
        return true;
    }

    /// <summary>An operator does not want a message any more that was set aside.</summary>
    /// <returns>False when there is none of that number.</returns>
    public bool TryDropAside(int number)
    {
        if (!SetAsides.TryTake(number, out QueuedMessage queued))
            return false;
        custody.TakenBack(queued.Entry);
        custody.Drop(_owner, queued.Entry, queued.Message, DropReason.DroppedByOperator);
        return true;
    }

    /// <summary>The next that may leave; from now on it is in flight. Those that have expired, or are older than their rule allows, are counted and gone.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="message">Null when there is none.</param>
    /// <param name="acceptedBeforeMs">Of Normal and Low only messages accepted at this time or later; for a bounded rate of those before.</param>
    /// <returns>False when there is none, or so many have expired that the slice of the turn is over, or the disk is behind: none for now.</returns>
    public bool TryTake(long nowMs, out Message? message, long acceptedBeforeMs = long.MinValue)
    {
        while (Choose(acceptedBeforeMs) is >= 0 and int chosen)
        {
            // What is in flight goes on with its acknowledgement.
            if (InFlight > 0 && _waiting[chosen].TryPeek(out QueuedMessage next) && !memory.HasRoomFor(next.Message.Bytes))
                break;
            QueuedMessage oldest = Dequeue(chosen);
            int bytes = oldest.Message.Bytes;
            if (custody.TryTake(_owner, ref oldest, nowMs))
            {
                message = oldest.Message;
                if (!IsTooOld(message, nowMs))
                {
                    AddInFlight(message, oldest.Entry);
                    return true;
                }

                custody.Drop(_owner, oldest.Entry, message, DropReason.Expired);
            }

            Bytes -= bytes;
            if (turn.IsSliceOverForWriter)
                break;
        }

        message = null;
        return false;
    }

    /// <summary>The message has expired, as a message or as a command by its own words, or is older than its rule allows.</summary>
    public bool IsTooOld(Message message, long nowMs) =>
        message.IsExpired(nowMs) || (message.IsP2P && isStale(message)) || nowMs - message.AcceptedMs > topics.RouteOf(message).MaxAgeMs;

    /// <summary>The upstream has a message that was in flight.</summary>
    public void Release(Message message) => custody.Settle(Remove(message), message, Outcome.Delivered);

    /// <summary>A message that was in flight will not get there.</summary>
    public void Drop(Message message, DropReason reason) => custody.Drop(_owner, Remove(message), message, reason);

    bool IJob.Writes => true;

    string IJob.Name => "room in the backlog of an upstream";

    // Each message is out of the line before it is dropped.
    AfterFault IJob.Failed(Exception fault, Turn inTurn) => AfterFault.Later;

    bool IJob.Run(Turn inTurn)
    {
        while (Waiting > 0 && !HasPlaceFor(0, 0))
        {
            if (inTurn.IsSliceOver)
                return false;
            DropOldest();
        }

        return true;
    }

    private bool TryMakeRoomFor(Message message)
    {
        // Making room would cost all that waits and still not be enough.
        if (InFlight >= limits.RelayMessagesMax || _bytesInFlight + message.Bytes > limits.RelayBytesMax)
            return false;
        bool isOnDisk = IsOnDisk(message);
        int cost = MemoryCost.Reference + (isOnDisk ? 0 : message.Bytes);
        for (long given = 0; Waiting > 0 && given < cost && memory.IsShareUsedUp(cost) && (isOnDisk || !IsOldestOnDisk);)
            given += DropOldest();
        if (!isOnDisk && !memory.HasRoomFor(cost))
            return false;

        while (Waiting > 0 && !HasPlaceFor(1, message.Bytes))
        {
            DropOldest();
            if (!turn.IsSliceOver)
                continue;
            turn.Jobs.Continue(this);
            break;
        }

        return true;
    }

    // Bytes of memory that it gives back.
    private int DropOldest()
    {
        QueuedMessage oldest = Dequeue(LowestWaiting);
        int given = MemoryOf(oldest);
        Bytes -= oldest.Message.Bytes;
        custody.DropWaiting(_owner, oldest, DropReason.RelayFull);
        return given;
    }

    private int LowestWaiting => Array.FindLastIndex(_waiting, static queue => queue.Count > 0);

    private bool IsOldestOnDisk => _waiting[LowestWaiting].TryPeek(out QueuedMessage oldest) && oldest.Entry != 0 && IsOnDisk(oldest.Message);

    private bool HasPlaceFor(int count, int bytes) => Count + count <= limits.RelayMessagesMax && Bytes + bytes <= limits.RelayBytesMax;

    private QueuedMessage Dequeue(int chosen)
    {
        Waiting--;
        _ = _waiting[chosen].TryDequeue(out QueuedMessage oldest);
        _earlier.Left(chosen);
        memory.Give(MemoryOf(oldest));
        return oldest;
    }

    // Each class spends its credit; when none that may leave has any left, all get theirs anew.
    private int Choose(long acceptedBeforeMs)
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < _waiting.Length; i++)
            {
                if (_credit[i] == 0 || !_waiting[i].TryPeek(out QueuedMessage first) || (i != (int)RelayClass.High && first.Message.AcceptedMs < acceptedBeforeMs)
                    || (_earlier.MayBeHeldUp(i) && TopicOf(first) is { } topic && _earlier.IsHeldUp(i, topic)))
                    continue;
                _credit[i]--;
                return i;
            }

            Shares.CopyTo(_credit, 0);
        }

        return -1;
    }

    private string? TopicOf(in QueuedMessage queued) => custody.Read(queued.Message)?.Topic;

    private long Remove(Message message)
    {
        _ = _inFlight.Remove(message, out long entry);
        memory.Give(message.Bytes + MemoryCost.ReferenceInFlight);
        Bytes -= message.Bytes;
        _bytesInFlight -= message.Bytes;
        return entry;
    }

    private void AddInFlight(Message message, long entry)
    {
        _inFlight.Add(message, entry);
        memory.Take(message.Bytes + MemoryCost.ReferenceInFlight);
        _bytesInFlight += message.Bytes;
    }

    private bool IsOnDisk(Message message) => custody.IsOn && !message.IsVolatile;
}
