using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>The custody with one of its calls left out, or done wrongly; or with none, for who looks at what is called.</summary>
/// <param name="inner">The right one.</param>
/// <param name="call">The name of the call that goes wrong.</param>
internal class CustodyDecorator(ICustody inner, string call) : ICustody
{
    private readonly HashSet<long> _ofRelay = []; // entries of this run
    private readonly HashSet<long> _settledEarly = [];

    public BrokerCounters Counters => inner.Counters;
    public bool IsOn => inner.IsOn;
    public bool IsFull => inner.IsFull;
    public bool IsFullFor(int contentBytes) => inner.IsFullFor(contentBytes);
    public bool CanEverHold(int contentBytes) => inner.CanEverHold(contentBytes);
    public long LastPosition => inner.LastPosition;
    public long LastEntry => inner.LastEntry;
    public Action<long, Broker.Words.Outcome>? Settled { get => inner.Settled; set => inner.Settled = value; }

    public Func<long, bool>? IsOwed { get => inner.IsOwed; set => inner.IsOwed = Is(nameof(IsOwed)) ? null : value; }

    public void BeginFrame()
    {
        if (!Is(nameof(BeginFrame)))
            inner.BeginFrame();
    }

    public void EndFrame()
    {
        if (!Is(nameof(BeginFrame)))
            inner.EndFrame();
    }

    public IWaitingList NewWaitingList() => call == nameof(NewWaitingList) ? new LastFirstList(inner.NewWaitingList()) : inner.NewWaitingList();
    public Message? Take(Message message) => inner.Take(message);
    public void Forget(Message message) => inner.Forget(message);
    public virtual Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry)
    {
        entry = 0;
        Kept kept = Is(nameof(Hold)) ? Kept.NotNeeded : inner.Hold(ledgerClass, owner, queued, out entry);
        if (ledgerClass == LedgerClass.Relay && entry != 0)
            _ = _ofRelay.Add(entry);
        return kept;
    }

    public Kept Grip(Message message) => inner.Grip(message);

    public void LetGo(Message message) => inner.LetGo(message);

    public Message? Read(Message message) => inner.Read(message);

    public Kept Withdraw(in Broker.Words.DropOwner owner, in QueuedMessage queued, Broker.Words.DropReason reason) => inner.Withdraw(owner, queued, reason);

    public void HasMoved(string owner) => inner.HasMoved(owner);

    public Kept Sent(long entry, ushort packetId, QoS qos)
    {
        if (Is(nameof(Sent)) || IsOfRelay(nameof(Sent), entry) || _settledEarly.Contains(entry))
            return Kept.NotNeeded;
        Kept kept = inner.Sent(entry, packetId, qos);
        if (IsOfRelay("SettledWhenSent", entry) && _settledEarly.Add(entry))
            inner.Settle(entry, message: null, Broker.Words.Outcome.Delivered);
        return kept;
    }

    public Kept Received(long entry, Message? message) =>
        !Is(nameof(Received)) && !IsOfRelay(nameof(Received), entry) && !_settledEarly.Contains(entry) ? inner.Received(entry, message) : Kept.NotNeeded;

    public virtual void Settle(long entry, Message? message, Broker.Words.Outcome outcome)
    {
        if (Is("SettleTwice"))
            inner.Settle(entry, message: null, outcome);
        if (Is("DropIsDelivered"))
            outcome = Broker.Words.Outcome.Delivered;
        if (!Is(nameof(Settle)) && !IsOfRelay(nameof(Settle), entry) && !_settledEarly.Contains(entry))
            inner.Settle(entry, message, outcome);
    }

    public Kept Retain(Message message) => Is(nameof(Retain)) ? Kept.NotNeeded : inner.Retain(message);

    public Kept Unretain(Message message, bool isReplaced) => Is(nameof(Unretain)) ? Kept.NotNeeded : inner.Unretain(message, isReplaced);
    public void ResumeRetained(Message message) => inner.ResumeRetained(message);
    public Kept SessionBegan(string clientId, in UserIdentity user, uint expirySeconds, bool isBridge) => Is(nameof(SessionBegan)) ? Kept.NotNeeded : inner.SessionBegan(clientId, user, expirySeconds, isBridge);
    public void SessionLeft(string clientId, uint expirySeconds) => inner.SessionLeft(clientId, Is(nameof(SessionLeft)) ? 1 : expirySeconds);
    public Kept SessionEnded(string clientId) => inner.SessionEnded(clientId);

    public Kept Subscribed(Subscription subscription, long? owedUpTo) => Is(nameof(Subscribed)) ? Kept.NotNeeded : inner.Subscribed(subscription, Is("Owed") ? null : owedUpTo);

    public Kept RetainedGiven(Subscription subscription, long number) => Is(nameof(RetainedGiven)) ? Kept.NotNeeded : inner.RetainedGiven(subscription, number);

    public void GivenUp(in Broker.Words.DropOwner peer, ushort packetId, bool isOpen) => inner.GivenUp(peer, packetId, isOpen);

    public Kept BeganAnew(in Broker.Words.DropOwner peer, string where = "") => Is(nameof(BeganAnew)) ? Kept.NotNeeded : inner.BeganAnew(peer, where);

    public void RetainedAllGiven(Subscription subscription) => inner.RetainedAllGiven(subscription);

    public Kept Unsubscribed(string clientId, TopicFilter filter) => Is(nameof(Unsubscribed)) ? Kept.NotNeeded : inner.Unsubscribed(clientId, filter);

    public Kept InboundOpened(string clientId, ushort packetId, uint content) => Is(nameof(InboundOpened)) ? Kept.NotNeeded : inner.InboundOpened(clientId, packetId, content);

    public Kept InboundClosed(string clientId, ushort packetId) => Is(nameof(InboundClosed)) ? Kept.NotNeeded : inner.InboundClosed(clientId, packetId);


    public Kept UpstreamInboundOpened(string upstream, ushort packetId, uint content) => Is(nameof(UpstreamInboundOpened)) ? Kept.NotNeeded : inner.UpstreamInboundOpened(upstream, packetId, content);

    public Kept UpstreamInboundClosed(string upstream, ushort packetId) => Is(nameof(UpstreamInboundClosed)) ? Kept.NotNeeded : inner.UpstreamInboundClosed(upstream, packetId);

    public void ReceiptOwed(long entry, in OwedReceipt owed)
    {
        if (!Is(nameof(ReceiptOwed)))
            inner.ReceiptOwed(entry, owed);
    }

    public void DeviceKnown(string clientId, in UserIdentity user)
    {
        if (!Is(nameof(DeviceKnown)))
            inner.DeviceKnown(clientId, user);
    }

    public void DeviceForgotten(string clientId) => inner.DeviceForgotten(clientId);

    public Kept ClientForgotten(string clientId) => inner.ClientForgotten(clientId);

    public Kept WillIs(in ClientIdentity client, WillMessage? will) => Is(nameof(WillIs)) ? Kept.NotNeeded : inner.WillIs(client, will);

    public void SetAside(long entry, AsideReason why)
    {
        if (IsOfRelay("SetAsideIsDelivered", entry) && _settledEarly.Add(entry))
            inner.Settle(entry, message: null, Broker.Words.Outcome.Delivered);
        else if (!Is(nameof(SetAside)) && !IsOfRelay(nameof(SetAside), entry))
            inner.SetAside(entry, why);
    }

    public void TakenBack(long entry)
    {
        if (!Is(nameof(TakenBack)))
            inner.TakenBack(entry);
    }

    public void RoleIs(string clientId, ClientRole role) => inner.RoleIs(clientId, role);

    public void DeviceReachable(string clientId)
    {
        if (!Is(nameof(DeviceReachable)))
            inner.DeviceReachable(clientId);
    }

    private bool Is(string name) => call == name;

    private bool IsOfRelay(string name, long entry) => call == "Relay" + name && _ofRelay.Contains(entry);

    /// <summary>The newest first.</summary>
    private sealed class LastFirstList(IWaitingList inner) : IWaitingList
    {
        public int Count => inner.Count;

        public void Enqueue(in QueuedMessage queued)
        {
            List<QueuedMessage> rest = [queued];
            while (inner.TryDequeue(out QueuedMessage oldest))
                rest.Add(oldest);
            foreach (QueuedMessage each in rest)
                inner.Enqueue(each);
        }

        public bool TryDequeue(out QueuedMessage oldest) => inner.TryDequeue(out oldest);

        public bool TryPeek(out QueuedMessage oldest) => inner.TryPeek(out oldest);

        public IEnumerable<QueuedMessage> InOrder() => inner.InOrder();
    }
}
