using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>A custody in memory whose positions become durable only when the test says so, and which can be full, and which can lose what waits. It remembers what it was told.</summary>
internal sealed class SlowCustody(BrokerCounters counters, Turn turn) : ICustody, IDisk
{
    private long _entries;

    public BrokerCounters Counters => counters;

    /// <summary>One whose disk is as fast as it is, until it is behind.</summary>
    public static SlowCustody OnDisk(Ground ground)
    {
        SlowCustody custody = new(ground.Counters, ground.Turn) { IsFast = true };
        ground.Turn.Gate.Disk = custody;
        return custody;
    }

    /// <summary>What the broker has said, in its order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What waits, by entry.</summary>
    public Dictionary<long, string> Held { get; } = [];

    /// <summary>The messages that were held, each once.</summary>
    public HashSet<Message> Messages { get; } = [];

    public bool IsOn => true;

    public bool IsFull { get => IsFullNow?.Invoke() ?? field; set; }

    /// <summary>Bytes of the largest message that there is room for now, where it is not full.</summary>
    public int RoomForOne { get; set; } = int.MaxValue;

    /// <summary>Bytes of the largest message that there can be room for.</summary>
    public int LargestEver { get; set; } = int.MaxValue;

    /// <summary>Bytes of the largest message that room was asked for: a journal makes it.</summary>
    public int LargestAskedFor { get; private set; }

    public bool IsFullFor(int contentBytes)
    {
        LargestAskedFor = Math.Max(LargestAskedFor, contentBytes);
        return IsFull || contentBytes > Math.Min(RoomForOne, LargestEver);
    }

    public bool CanEverHold(int contentBytes) => contentBytes <= LargestEver;

    /// <summary>Says whether it is full; null where <see cref="IsFull"/> was set.</summary>
    public Func<bool>? IsFullNow { get; set; }

    /// <summary>Even the reserve is gone: nothing at all is kept.</summary>
    public bool HasNoReserve { get; set; }

    /// <summary>Times that not even the reserve had room for a message.</summary>
    public int HeldWithoutRoom { get; private set; }

    /// <summary>Messages that cannot be read any more.</summary>
    public Predicate<Message> HasLost { get; set; } = static _ => false;

    /// <summary>Everything is on the disk at once.</summary>
    public bool IsFast { get; set; }

    public long LastPosition { get; private set; }

    public long LastEntry => _entries;

    public Action<long, Outcome>? Settled { get; set; }

    public Func<long, bool>? IsOwed { get; set; }

    /// <summary>Everything kept until now is on the disk at last.</summary>
    public void Catch()
    {
        using Turn.Scope scope = turn.Enter();
        turn.Gate.Open(LastPosition);
    }

    /// <summary>More is on its way to the disk than may be, until <see cref="Catch"/>.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Bytes that may be put on their way while it is not behind.</summary>
    public Func<long> Room { get; set; } = static () => long.MaxValue;

    public long RoomBytes => IsBehind ? 0 : Room();

    /// <summary>Bytes that may wait at most.</summary>
    public long MostWaiting { get; set; } = long.MaxValue;

    public long WaitingBytesMax => MostWaiting;

    public bool HasFailed => false;

    /// <summary>How often somebody waited for what is on its way.</summary>
    public int Commits { get; private set; }

    void IDisk.Commit() => Commits++;

    public void BeginFrame() => Calls.Add("{");

    public void EndFrame() => Calls.Add("}");

    public IWaitingList NewWaitingList() => new MemoryWaitingList();

    public Message? Take(Message message) => HasLost(message) ? null : message;

    public void Forget(Message message) => Calls.Add("forget");

    public Kept Grip(Message message) => IsFull ? Kept.NoRoom : Note($"grip {message.Topic}");

    public void LetGo(Message message) => Calls.Add("let go");

    public Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry)
    {
        entry = 0;
        if (IsFull)
            return Kept.NoRoom;
        Kept kept = Note($"hold {owner} {queued.Message.Topic}");
        if (kept.IsNoRoom)
        {
            HeldWithoutRoom++;
            return kept;
        }

        entry = ++_entries;
        Held.Add(entry, owner);
        _ = Messages.Add(queued.Message);
        return kept;
    }

    public Kept Sent(long entry, ushort packetId, QoS qos) => entry != 0 ? Note($"sent {entry}") : Kept.NotNeeded;

    public Kept Received(long entry, Message? message) => Note($"received {entry}");

    public void Settle(long entry, Message? message, Outcome outcome)
    {
        if (entry == 0)
            return;
        _ = Held.Remove(entry);
        Calls.Add($"settle {entry} {(outcome.IsDelivered ? "delivered" : outcome.Reason.ToString())}");
        Settled?.Invoke(entry, outcome);
    }

    public Message? Read(Message message) => HasLost(message) ? null : message;

    public Kept Withdraw(in DropOwner owner, in QueuedMessage queued, DropReason reason)
    {
        Kept kept = Note($"withdraw {queued.Entry}");
        if (!kept.IsNoRoom)
            this.Drop(owner, queued.Entry, queued.Message, reason);
        return kept;
    }

    public Kept Retain(Message message) => Note($"retain {message.Topic}");

    public Kept Unretain(Message message, bool isReplaced) => Note($"unretain {message.Topic}");

    public void ResumeRetained(Message message) => Calls.Add($"resume {message.Topic}");

    public Kept SessionBegan(string clientId, in UserIdentity user, uint expirySeconds, bool isBridge) => Note($"session {clientId}");

    public void SessionLeft(string clientId, uint expirySeconds) => Calls.Add($"left {clientId}");

    public Kept SessionEnded(string clientId) => Note($"ended {clientId}");

    public Kept Subscribed(Subscription subscription, long? owedUpTo) => Note($"subscribed {subscription.Subscriber.ClientId} {subscription.Filter.Value}");

    public Kept RetainedGiven(Subscription subscription, long number) => Note($"given {subscription.Subscriber.ClientId} {number}");

    public Kept BeganAnew(in DropOwner peer, string where = "") => Kept.NotNeeded;

    public void GivenUp(in DropOwner peer, ushort packetId, bool isOpen) => Calls.Add($"{(isOpen ? "given up" : "free again")} {peer.Name} {packetId}");

    public void RetainedAllGiven(Subscription subscription) => Calls.Add($"all given {subscription.Subscriber.ClientId} {subscription.Filter.Value}");

    public Kept Unsubscribed(string clientId, TopicFilter filter) => Note($"unsubscribed {clientId} {filter.Value}");

    public Kept InboundOpened(string clientId, ushort packetId, uint content) => Note($"open {clientId} {packetId}");

    public Kept InboundClosed(string clientId, ushort packetId) => Note($"close {clientId} {packetId}");

    public Kept UpstreamInboundOpened(string upstream, ushort packetId, uint content) => Note($"open {upstream} {packetId}");

    public Kept UpstreamInboundClosed(string upstream, ushort packetId) => Note($"close {upstream} {packetId}");

    public void DeviceKnown(string clientId, in UserIdentity user) => Calls.Add($"known {clientId}");

    public void DeviceForgotten(string clientId) => Calls.Add($"forgotten {clientId}");

    public Kept ClientForgotten(string clientId) => Note($"all forgotten {clientId}");

    public Kept WillIs(in ClientIdentity client, WillMessage? will)
    {
        Calls.Add($"will {client.ClientId} {will?.Topic}");
        return Kept.NotNeeded;
    }

    public void HasMoved(string owner) => Calls.Add($"moved {owner}");

    public void SetAside(long entry, AsideReason why) => Calls.Add($"aside {entry} {why}");

    public void TakenBack(long entry) => Calls.Add($"back {entry}");

    public void ReceiptOwed(long entry, in OwedReceipt owed) => Calls.Add($"receipt {entry} {owed.Sender}");

    public void RoleIs(string clientId, ClientRole role) => Calls.Add($"role {clientId} {role}");

    public void DeviceReachable(string clientId) => Calls.Add($"reachable {clientId}");

    private Kept Note(string call)
    {
        if (HasNoReserve)
            return Kept.NoRoom;
        Calls.Add(call);
        LastPosition++;
        if (IsFast)
            turn.Gate.Open(LastPosition);
        return Kept.At(LastPosition);
    }
}
