using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Retained;

/// <summary>
/// The last message of each topic that was published with RETAIN [MQTT-3.3.1-5]. One that has expired keeps no place: it is gone when a
/// newer one needs it, and with the next beat (<see cref="Expire"/>).
/// </summary>
internal sealed class RetainedMessages(ICustody custody, Turn turn) : IJob
{
    private readonly TopicTrie<Message> _byTopic = new();

    // Those that may expire, the first to do so first.
    private readonly SortedSet<Message> _byExpiry = new(Comparer<Message>.Create(static (a, b) =>
        a.ExpiresMs != b.ExpiresMs ? a.ExpiresMs.CompareTo(b.ExpiresMs) : a.RetainedNumber.CompareTo(b.RetainedNumber)));

    private Message? _atHand; // while it is forgotten

    /// <inheritdoc/>
    public bool Writes => true;

    string IJob.Name => "the expiry of retained messages";

    public int Count { get; private set; }

    /// <summary>Bytes of them, with what the tree of their topics takes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of the message that was retained last (<see cref="Message.RetainedNumber"/>).</summary>
    public long LastNumber { get; private set; }

    /// <summary>Keeps the message for later subscribers, or removes the one there is when the payload is empty [MQTT-3.3.1-10].</summary>
    /// <param name="message">Published with RETAIN.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="isRepeated">Subscribers had it when it came first, and do not get it now: it takes the place of the one there is.</param>
    /// <returns>False when a limit stands against it; it was counted.</returns>
    public bool Set(Message message, Owner owner, bool isRepeated = false)
    {
        Message? before = _byTopic.Find(message.Topic);
        if (message.Payload.Length == 0)
        {
            turn.Gate.Join(Remove(before));
            return true;
        }

        while (!HasRoomFor(message, owner, before) && TryForgetExpired())
            before = _byTopic.Find(message.Topic); // it may have been that one
        if (!HasRoomFor(message, owner, before))
        {
            // What there was is out of date all the same [MQTT-3.3.1-5].
            turn.Gate.Join(Remove(before));
            custody.Counters.Drop(new Drop(DropReason.RetainedFull, DropOwner.Topic(message.Topic), message.Topic, message.ContentBytes), message.TraceNumber);
            return false;
        }

        if (message.IsInMemoryAlone && before is not null && !TryForgetOnDisk(before))
        {
            custody.Counters.Drop(new Drop(DropReason.JournalFull, DropOwner.Topic(message.Topic), message.Topic, message.ContentBytes), message.TraceNumber);
            return false;
        }

        message.RetainedNumber = isRepeated && before is not null ? before.RetainedNumber : ++LastNumber;
        if (before is not null)
            Subtract(before);
        Add(message, owner);
        Kept kept = custody.Retain(message);
        turn.Gate.Join(kept);
        // Where there was no room for the newer one the disk has none: what was there would be out of date, and after a restart it would be there again.
        if (before is not null)
            turn.Gate.Join(custody.Unretain(before, isReplaced: !kept.IsNoRoom));
        return true;
    }

    /// <summary>A message of a recovery. It goes where all together have no room for it: the gateway has to start with what it is given.</summary>
    /// <param name="message">The message.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="number">The number it had (<see cref="Message.RetainedNumber"/>).</param>
    /// <returns>False when it is gone; it was counted.</returns>
    public bool Restore(Message message, Owner owner, long number)
    {
        custody.ResumeRetained(message);
        if (!HasRoomFor(message, owner, before: null))
        {
            custody.Unretain(message, isReplaced: false).ForNobody(); // where there is no room to say so, the next start finds it once more
            custody.Counters.Drop(new Drop(DropReason.RetainedFull, DropOwner.Topic(message.Topic), message.Topic, message.ContentBytes));
            return false;
        }

        message.RetainedNumber = number;
        GoOnFrom(number);
        Add(message, owner);
        return true;
    }

    /// <summary>This number was used before: what is retained from now on is newer, also where the message is gone.</summary>
    public void GoOnFrom(long number) => LastNumber = Math.Max(LastNumber, number);

    /// <summary>Forgets those that have expired, over as many turns as it takes.</summary>
    public void Expire()
    {
        if (_byExpiry.Count > 0)
            turn.Jobs.Start(this);
    }

    /// <inheritdoc/>
    public bool Run(Turn turn)
    {
        while (TryForgetExpired())
        {
        }

        return !turn.IsSliceOver || _byExpiry.Min is not { } first || !first.IsExpired(turn.NowMs);
    }

    // One that cannot be forgotten takes its place until another one takes that: nobody gets it any more.
    AfterFault IJob.Failed(Exception fault, Turn turn)
    {
        if (_atHand is { } message)
            _ = _byExpiry.Remove(message);
        _atHand = null;
        return AfterFault.Later;
    }

    /// <summary>The one of a topic, expired or not; null when there is none.</summary>
    public Message? Find(string topic) => _byTopic.Find(topic);

    /// <summary>All of them, in no order.</summary>
    public List<Message> All()
    {
        List<Message> all = [];
        _byTopic.CollectAll(all);
        return all;
    }

    /// <summary>A walk through those that a filter matches, expired ones too.</summary>
    public TopicTrie<Message>.Cursor Open(string topicFilter) => _byTopic.OpenNamesMatching(topicFilter);

    /// <summary>A walk through all of them, expired ones too, and those whose topic begins with $.</summary>
    public TopicTrie<Message>.Cursor OpenAll() => _byTopic.OpenAll();

    /// <summary>A message that has expired is not retained any more.</summary>
    /// <returns>True when it has.</returns>
    public bool ForgetIfExpired(Message message, long nowMs)
    {
        if (!message.IsExpired(nowMs))
            return false;
        if (Find(message.Topic) != message)
            return true; // gone already
        _ = TryForget(message);
        return true;
    }

    private bool TryForget(Message expired)
    {
        _atHand = expired;
        bool isStill = Remove(expired).IsNoRoom;
        _atHand = null;
        if (isStill)
            return false; // with a later beat; nobody gets it any more
        custody.Counters.Drop(new Drop(DropReason.Expired, DropOwner.Topic(expired.Topic), expired.Topic, expired.ContentBytes), expired.TraceNumber);
        return true;
    }

    // It stays where there is no room to say that it goes: after a restart it would be there again.
    private Kept Remove(Message? message)
    {
        if (message is null || _byTopic.Find(message.Topic) is null)
            return Kept.NotNeeded;
        Kept removed = custody.Unretain(message, isReplaced: false);
        if (removed.IsNoRoom)
            return removed;
        _ = _byTopic.Remove(message.Topic);
        Subtract(message);
        return removed;
    }

    // What takes its place is in memory alone: after a restart the older state would be there again. Where there is no room to say that it goes it stays.
    private bool TryForgetOnDisk(Message before)
    {
        Kept removed = custody.Unretain(before, isReplaced: false);
        turn.Gate.Join(removed);
        return !removed.IsNoRoom;
    }

    // What it replaces makes room first, whosever it is.
    private bool HasRoomFor(Message message, Owner owner, Message? before)
    {
        if (before is not null)
            Account(before, -1);
        bool hasRoom = owner[Good.RetainedMessages].HasRoomFor(1) && owner[Good.RetainedBytes].HasRoomFor(BytesOf(message)) && owner[Good.Memory].HasRoomFor(BytesOf(message));
        if (before is not null)
            Account(before, 1);
        return hasRoom;
    }

    /// <summary>What one takes, with its place in the tree of topics.</summary>
    public static int BytesOf(Message message) => message.Bytes + MemoryCost.Levels(message.Topic);

    private void Account(Message message, int sign)
    {
        Owner owner = message.RetainedBy!;
        int bytes = sign * BytesOf(message);
        Count += sign;
        Bytes += bytes;
        owner[Good.RetainedMessages].Take(sign);
        owner[Good.RetainedBytes].Take(bytes);
        owner[Good.Memory].Take(bytes);
    }

    // Not more of them than there is time for: the rest is for the job.
    private bool TryForgetExpired() => !turn.IsSliceOver && _byExpiry.Min is { } first && first.IsExpired(turn.NowMs) && TryForget(first);

    private void Add(Message message, Owner owner)
    {
        message.RetainedBy = owner;
        _byTopic.Set(message.Topic, message);
        Account(message, 1);
        if (message.ExpiresMs != long.MaxValue)
            _ = _byExpiry.Add(message);
    }

    private void Subtract(Message message)
    {
        Account(message, -1);
        if (message.ExpiresMs != long.MaxValue)
            _ = _byExpiry.Remove(message);
    }
}
