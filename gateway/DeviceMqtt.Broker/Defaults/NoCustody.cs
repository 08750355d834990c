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

    public long LastPosition => 0;

    public long LastEntry => 0;

    /// <summary>Never called: nothing is held.</summary>
    public Action<long, Outcome>? Settled { get; set; }

    public Task WhenCaughtUp() => Task.CompletedTask;

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

    public long Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued) => 0;

    public void Sent(long entry, ushort packetId, QoS qos)
    {
    }

    public void Received(long entry, Message? message)
    {
    }

    public void Settle(long entry, Message? message, Outcome outcome)
    {
    }

    public void Retain(Message message)
    {
    }

    public void Unretain(Message message, bool isReplaced)
    {
    }

    public void ResumeRetained(Message message)
    {
    }

    public bool SessionBegan(string clientId, uint expirySeconds, bool isBridge) => false;

    public void SessionLeft(string clientId, uint expirySeconds)
    {
    }

    public void SessionEnded(string clientId)
    {
    }

    public void Subscribed(Subscription subscription)
    {
    }

    public void Unsubscribed(string clientId, TopicFilter filter)
    {
    }

    public void InboundOpened(string clientId, ushort packetId)
    {
    }

    public void InboundClosed(string clientId, ushort packetId)
    {
    }

    public void UpstreamInboundOpened(string upstream, ushort packetId)
    {
    }

    public void UpstreamInboundClosed(string upstream, ushort packetId)
    {
    }

    public void DeviceKnown(string clientId)
    {
    }

    public void DeviceForgotten(string clientId)
    {
    }

    public void WillIs(string clientId, WillMessage? will)
    {
    }

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
}
