using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Queues;

/// <summary>
/// Messages that wait for one client, oldest first, bounded in number and bytes. A full queue drops its oldest for the
/// newest, and says so in the counters: to a device that was away, what happened last is worth more.
/// </summary>
/// <param name="client">For whom they wait.</param>
/// <param name="messagesMax">Messages that may wait.</param>
/// <param name="bytesMax">Bytes of them (<see cref="Message.Bytes"/>).</param>
/// <param name="owner">Whose share of all queues, and of the memory, they take.</param>
/// <param name="custody">Keeps them.</param>
/// <param name="fullReason">Why one is dropped when there is no room.</param>
internal sealed class MessageQueue(in DropOwner client, int messagesMax, int bytesMax, Owner owner, ICustody custody, DropReason fullReason)
{
    // Chosen: sixteen clients that read slowly may fill all queues together, not fewer.
    private const int ShareOfAll = 16;

    private readonly DropOwner _client = client;
    private Owner _owner = owner;
    private long _memory;

    // Made when something has to wait: most Sessions never need one.
    private IWaitingList? _waiting;

    // In front of those: what a search for expired ones has looked at, and has not come to its end yet.
    private IWaitingList? _looked;
    private long _expiryOfLooked = long.MaxValue;

    public int Count => (_waiting?.Count ?? 0) + (_looked?.Count ?? 0);

    /// <summary>Monotonic milliseconds before which none of those that wait expires.</summary>
    public long EarliestExpiryMs { get; private set; } = long.MaxValue;

    public int Bytes { get; private set; }

    /// <summary>
    /// Half full or more, or more than its share of all queues: publishers are held back before anything has to be dropped, and before
    /// those that read slowly take the place of those that are away.
    /// </summary>
    public bool IsFilling => Count >= (messagesMax + 1) / 2 || Bytes >= bytesMax / 2 || Bytes >= _owner[Good.QueueBytes].OfAll / ShareOfAll;

    /// <summary>How full it is. What its owner may have counts for a queue that has a good part of that, and not for each small one of the same user.</summary>
    public Fullness Fullness
    {
        get
        {
            Fullness own = default(Fullness).Or(Count, messagesMax, FullBound.Messages).Or(Bytes, bytesMax, FullBound.Bytes);
            Account share = _owner[Good.QueueBytes];
            return share.Max < share.OfAll && Bytes > 0 && Bytes >= share.Max / ShareOfAll ? own.Or(share.Used, share.Max, FullBound.Share) : own;
        }
    }

    /// <summary>Bytes of the oldest; 0 when there is none.</summary>
    public int NextBytes => TryPeek(out QueuedMessage next) ? next.Message.Bytes : 0;

    /// <returns>False when the message was dropped: it is larger than the queue may be, or all queues together are full.</returns>
    public bool Enqueue(in QueuedMessage queued)
    {
        int bytes = queued.Message.Bytes;
        if (bytes > bytesMax)
        {
            // Making room would cost all the others and still not be enough.
            custody.Drop(_client, queued.Entry, queued.Message, fullReason);
            return false;
        }

        while (Count > 0 && (Count >= messagesMax || Bytes + bytes > bytesMax))
            DropOldest(fullReason);

        // What its owner may have is one bound more: here, too, the oldest goes. Where all together are full, others are not to go for it.
        while (Count > 0 && !HasRoomFor(queued, bytes) && IsOwnersShare(queued, bytes))
            DropOldest(fullReason);
        if (!HasRoomFor(queued, bytes))
        {
            custody.Drop(_client, queued.Entry, queued.Message, DropReason.AllQueuesFull);
            return false;
        }

        (_waiting ??= custody.NewWaitingList()).Enqueue(queued);
        EarliestExpiryMs = Math.Min(EarliestExpiryMs, queued.Message.ExpiresMs);
        Add(queued, 1);
        return true;
    }

    /// <summary>What waits is another owner's from now on.</summary>
    public void MoveTo(Owner other)
    {
        _owner[Good.QueueBytes].Give(Bytes);
        _owner[Good.Memory].Give(_memory);
        _owner = other;
        other[Good.QueueBytes].Take(Bytes);
        other[Good.Memory].Take(_memory);
    }

    /// <summary>The oldest that has not expired; those that have are counted and gone.</summary>
    /// <param name="turn">The turn at hand.</param>
    /// <param name="queued">The message.</param>
    /// <returns>False when there is none, or so many had expired that the others are for another turn, or for a disk that is behind.</returns>
    public bool TryDequeue(Turn turn, out QueuedMessage queued)
    {
        while (Count > 0)
        {
            queued = Dequeue();
            if (custody.TryTake(_client, ref queued, turn.NowMs))
                return true;
            if (turn.IsSliceOverForWriter)
                break;
        }

        queued = default;
        return false;
    }

    /// <summary>Drops all that have expired, wherever they stand.</summary>
    /// <returns>False when the slice was over before: to be called again.</returns>
    public bool DropExpired(Turn turn)
    {
        long nowMs = turn.NowMs;
        if (nowMs < EarliestExpiryMs)
            return true;
        custody.HasMoved(_client.Name);
        while (_waiting is { Count: > 0 })
        {
            if (turn.IsSliceOver)
                return false;
            _ = _waiting.TryDequeue(out QueuedMessage queued);
            if (queued.Message.IsExpired(nowMs))
            {
                Subtract(queued);
                custody.DropWaiting(_client, queued, DropReason.Expired);
                continue;
            }

            custody.Forget(queued.Message); // it leaves one list for another
            (_looked ??= custody.NewWaitingList()).Enqueue(queued);
            _expiryOfLooked = Math.Min(_expiryOfLooked, queued.Message.ExpiresMs);
        }

        (_waiting, _looked) = (_looked, null);
        (EarliestExpiryMs, _expiryOfLooked) = (_expiryOfLooked, long.MaxValue);
        return true;
    }

    /// <summary>Somebody takes one back that waits, wherever it stands (<see cref="ICustody.Withdraw"/>).</summary>
    /// <param name="meant">As <see cref="InOrder"/> gave it, perhaps some turns ago.</param>
    /// <param name="reason">Why it goes.</param>
    /// <param name="kept">When that is certain. Where there is no room, or the journal has failed, it goes on waiting.</param>
    /// <returns>False when it does not wait any more.</returns>
    public bool TryWithdraw(QueuedMessage meant, DropReason reason, out Kept kept)
    {
        kept = Kept.NotNeeded;
        int place = InOrder().TakeWhile(queued => !IsSame(queued, meant)).Count();
        if (place == Count)
            return false;
        kept = custody.Withdraw(_client, meant, reason);
        if (!kept.IsNoRoom && !kept.IsFailed)
            Remove(place);
        return true;
    }

    /// <summary>Counts everything as dropped and forgets it.</summary>
    public void Clear(DropReason reason)
    {
        while (Count > 0)
            DropOldest(reason);
    }

    /// <summary>What waits, oldest first.</summary>
    public IEnumerable<QueuedMessage> InOrder() => (_looked?.InOrder() ?? []).Concat(_waiting?.InOrder() ?? []);

    /// <summary>The oldest, perhaps as a reference.</summary>
    public bool TryPeek(out QueuedMessage oldest)
    {
        oldest = default;
        return _looked is { Count: > 0 } ? _looked.TryPeek(out oldest) : _waiting is not null && _waiting.TryPeek(out oldest);
    }

    // One on the disk alone is another object each time it is looked at, and may have been in memory then. One that was sent since is not what was meant.
    private static bool IsSame(in QueuedMessage one, in QueuedMessage other) => one.WasSent == other.WasSent
        && (ReferenceEquals(one.Message, other.Message) || (one.Message.Position != 0 && one.Message.Position == other.Message.Position && one.Entry == other.Entry));

    // It is settled, and leaves the list.
    private void Remove(int place)
    {
        custody.HasMoved(_client.Name);
        IWaitingList left = custody.NewWaitingList();
        long earliest = long.MaxValue;
        for (int at = 0; Count > 0; at++)
        {
            _ = (_looked is { Count: > 0 } ? _looked : _waiting!).TryDequeue(out QueuedMessage queued);
            custody.Forget(queued.Message); // it leaves one list for another, or for good
            if (at == place)
            {
                Subtract(queued);
                continue;
            }

            left.Enqueue(queued);
            earliest = Math.Min(earliest, queued.Message.ExpiresMs);
        }

        (_waiting, _looked) = (left, null);
        (EarliestExpiryMs, _expiryOfLooked) = (earliest, long.MaxValue);
    }

    private void DropOldest(DropReason reason) => custody.DropWaiting(_client, Dequeue(), reason);

    private QueuedMessage Dequeue()
    {
        _ = (_looked is { Count: > 0 } ? _looked : _waiting!).TryDequeue(out QueuedMessage queued);
        Subtract(queued);
        return queued;
    }

    private void Subtract(in QueuedMessage queued) => Add(queued, -1);

    private bool HasRoomFor(in QueuedMessage queued, int bytes) => _owner[Good.QueueBytes].HasRoomFor(bytes) && _owner[Good.Memory].HasRoomFor(MemoryOf(queued));

    private bool IsOwnersShare(in QueuedMessage queued, int bytes) =>
        _owner[Good.QueueBytes].IsShareUsedUp(bytes) || _owner[Good.Memory].IsShareUsedUp(MemoryOf(queued));

    // What is on the disk waits there alone when its memory is needed (WaitingMemoryBytesMax bounds it until then).
    private static int MemoryOf(in QueuedMessage queued) => MemoryCost.Reference + (queued.Entry == 0 || queued.Message.IsVolatile ? queued.Message.Bytes : 0);

    private void Add(in QueuedMessage queued, int sign)
    {
        int bytes = sign * queued.Message.Bytes;
        int memory = sign * MemoryOf(queued);
        Bytes += bytes;
        _memory += memory;
        _owner[Good.QueueBytes].Take(bytes);
        _owner[Good.Memory].Take(memory);
    }
}
