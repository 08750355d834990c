using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Defaults;

/// <summary>The custody of a broker that keeps nothing: what it has acknowledged is gone with the process, and no reply waits. Owned by the turn.</summary>
internal sealed class NoCustody(BrokerCounters counters) : ICustody
{
    public BrokerCounters Counters => counters;

    public bool IsOn => false;

    public bool IsFull => false;

    public bool IsFullFor(int contentBytes) => false;

    public bool CanEverHold(int contentBytes) => true;

    public long LastPosition => 0;

    /// <summary>P2P messages have numbers all the same: somebody wants to know what became of each.</summary>
    public long LastEntry { get; private set; }

    /// <summary>Told of P2P messages alone.</summary>
    public Action<long, Outcome>? Settled { get; set; }

    public Func<long, bool>? IsOwed { get; set; }

    public void BeginFrame()
    {
    }

    public void EndFrame()
    {
    }

    public IWaitingList NewWaitingList() => new MemoryWaitingList();

    public Message? Take(Message message) => message;

    public void Forget(Message message)
    {
    }

    public Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry)
    {
        entry = ledgerClass == LedgerClass.Mailbox || (ledgerClass == LedgerClass.Relay && queued.Message.IsP2P) ? ++LastEntry : 0;
        return Kept.NotNeeded;
    }

    public Kept Grip(Message message) => Kept.NotNeeded;

    public void LetGo(Message message)
    {
    }

    public Kept Sent(long entry, ushort packetId, QoS qos) => Kept.NotNeeded;

    public Kept Received(long entry, Message? message) => Kept.NotNeeded;

    public void Settle(long entry, Message? message, Outcome outcome)
    {
        counters.Trace?.Settled(message?.TraceNumber ?? 0, entry, outcome);
        if (entry != 0)
            Settled?.Invoke(entry, outcome);
    }

    public Message? Read(Message message) => message;

    public Kept Withdraw(in DropOwner owner, in QueuedMessage queued, DropReason reason)
    {
        this.Drop(owner, queued.Entry, queued.Message, reason);
        return Kept.NotNeeded;
    }

    public void ReceiptOwed(long entry, in OwedReceipt owed)
    {
    }

    public Kept Retain(Message message) => Kept.NotNeeded;

    public Kept Unretain(Message message, bool isReplaced) => Kept.NotNeeded;

    public void ResumeRetained(Message message)
    {
    }

    public Kept SessionBegan(string clientId, in UserIdentity user, uint expirySeconds, bool isBridge) => Kept.NotNeeded;

    public void SessionLeft(string clientId, uint expirySeconds)
    {
    }

    public Kept SessionEnded(string clientId) => Kept.NotNeeded;

    public Kept Subscribed(Subscription subscription, long? owedUpTo) => Kept.NotNeeded;

    public Kept RetainedGiven(Subscription subscription, long number) => Kept.NotNeeded;

    public void GivenUp(in DropOwner peer, ushort packetId, bool isOpen)
    {
    }

    public Kept BeganAnew(in DropOwner peer, string where = "") => Kept.NotNeeded;

    public void RetainedAllGiven(Subscription subscription)
    {
    }

    public Kept Unsubscribed(string clientId, TopicFilter filter) => Kept.NotNeeded;

    public Kept InboundOpened(string clientId, ushort packetId, uint content) => Kept.NotNeeded;

    public Kept InboundClosed(string clientId, ushort packetId) => Kept.NotNeeded;

    public Kept UpstreamInboundOpened(string upstream, ushort packetId, uint content) => Kept.NotNeeded;

    public Kept UpstreamInboundClosed(string upstream, ushort packetId) => Kept.NotNeeded;

    public void DeviceKnown(string clientId, in UserIdentity user)
    {
    }

    public void DeviceForgotten(string clientId)
    {
    }

    public Kept ClientForgotten(string clientId) => Kept.NotNeeded;

    public Kept WillIs(in ClientIdentity client, WillMessage? will) => Kept.NotNeeded;

    public void SetAside(long entry, AsideReason why)
    {
    }

    public void HasMoved(string owner)
    {
    }

    public void TakenBack(long entry)
    {
    }

    public void DeviceReachable(string clientId)
    {
    }

    public void RoleIs(string clientId, ClientRole role)
    {
    }
}
