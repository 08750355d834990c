using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>What one Session makes the gateway keep in memory, counted for its owner: itself, its subscriptions, its Will, what is in flight. Owned by the turn.</summary>
internal sealed class SessionHoldings
{
    private const int PageBytes = 160; // of PacketIdSet, with its header
    private const int ContentBytes = 48; // of a hash in a table, which doubles when it grows
    private const int GivenBytes = 48; // of a number in a table, which doubles when it grows
    private readonly GatewayLimits _limits;
    private Dictionary<string, Subscription>? _subscriptions;
    private long _inFlight;
    private int _inbound;
    private int _will;
    private int _given;
    private bool _hasEnded;

    public SessionHoldings(string clientId, Owner owner, GatewayLimits limits)
    {
        _limits = limits;
        Owner = owner;
        Memory = new Account(limits.ConnectionMemoryBytesMax, owner[Good.Memory]);
        Memory.Take(MemoryCost.Session(clientId));
        owner[Good.Sessions].Take(1);
        owner.AddReference();
    }

    /// <summary>Whose it is: the user or the address of its client.</summary>
    public Owner Owner { get; private set; }

    public Account Memory { get; }

    public IReadOnlyCollection<Subscription> Subscriptions => _subscriptions?.Values ?? (IReadOnlyCollection<Subscription>)[];

    /// <summary>Whether a Session would find room.</summary>
    public static bool HasRoomFor(string clientId, Owner owner) =>
        owner[Good.Sessions].HasRoomFor(1) && owner[Good.Memory].HasRoomFor(MemoryCost.Session(clientId));

    /// <summary>Everything is another owner's from now on.</summary>
    public void MoveTo(Owner other)
    {
        if (other == Owner)
            return;
        Memory.Move(other[Good.Memory]);
        Owner[Good.Sessions].Give(1);
        other[Good.Sessions].Take(1);
        Owner.RemoveReference();
        other.AddReference();
        foreach (string filter in SharedOnes())
        {
            Owner.Shared.Remove(filter);
            other.Shared.Add(filter);
        }

        Owner = other;
    }

    /// <summary>It is the Session of a gateway below, which has the devices of many: the share of its owner bounds it.</summary>
    public void IsBridge(bool isBridge) => Memory.Max = isBridge ? long.MaxValue / 2 : _limits.ConnectionMemoryBytesMax;

    /// <summary>The Session has ended.</summary>
    public void End()
    {
        foreach (string filter in SharedOnes())
            Owner.Shared.Remove(filter);
        _subscriptions = null;
        _hasEnded = true;
        Memory.GiveAll();
        Owner[Good.Sessions].Give(1);
        Owner.RemoveReference();
    }

    // ---- Subscriptions

    public Subscription? FindSubscription(string filter) => _subscriptions?.GetValueOrDefault(filter);

    /// <summary>Whether there is memory for another subscription.</summary>
    /// <param name="filter">Its filter.</param>
    /// <param name="more">Bytes that it takes besides.</param>
    public bool HasMemoryFor(string filter, int more = 0) => Memory.HasRoomFor(MemoryCost.Subscription(filter) + more);

    /// <summary>A new one, or one in place of that with the same filter. There is room for it.</summary>
    public void Set(Subscription subscription)
    {
        string filter = subscription.Filter.Value;
        if (FindSubscription(filter) is null)
        {
            Memory.Take(MemoryCost.Subscription(filter));
            if (subscription.Filter.IsShared)
                Owner.Shared.Add(filter);
        }

        (_subscriptions ??= new Dictionary<string, Subscription>(StringComparer.Ordinal))[filter] = subscription;
    }

    public bool Remove(string filter)
    {
        if (_subscriptions is null || !_subscriptions.Remove(filter, out Subscription? removed))
            return false;
        if (removed.Filter.IsShared)
            Owner.Shared.Remove(filter);
        Memory.Give(MemoryCost.Subscription(filter));
        return true;
    }

    // Nearly nobody has one.
    private IEnumerable<string> SharedOnes() => _subscriptions is null ? [] : SharedOf(_subscriptions.Values);

    private static IEnumerable<string> SharedOf(IEnumerable<Subscription> subscriptions)
    {
        foreach (Subscription subscription in subscriptions)
            if (subscription.Filter.IsShared)
                yield return subscription.Filter.Value;
    }

    // ---- Will, QoS 2 from the client, messages in flight to it

    /// <summary>The Will that the Session has now; null for none.</summary>
    public void WillIs(WillMessage? will)
    {
        int bytes = will is null ? 0 : CostOf(will);
        if (_hasEnded)
            return;
        Memory.Take(bytes - _will);
        _will = bytes;
    }

    /// <summary>What a Will takes.</summary>
    public static int CostOf(WillMessage will) => MemoryCost.Will(will.Topic, will.Payload.Length + will.Properties.PublishProperties.Length);

    /// <summary>Whether there is memory to know the content of another message.</summary>
    public bool HasRoomForContent => Memory.HasRoomFor(ContentBytes);

    /// <summary>So many pages of Packet Identifiers of the client are there, and so many hashes of what came under them.</summary>
    public void InboundIs(int pages, int contents)
    {
        int bytes = (pages * PageBytes) + (contents * ContentBytes);
        if (bytes == _inbound)
            return;
        Memory.Take(bytes - _inbound);
        _inbound = bytes;
    }

    /// <summary>Whether a message may go in flight that has to be kept: within the bound of the Session, and the memory of its owner. One always may, as far as the memory goes.</summary>
    public bool HasRoomInFlight(Flow flow, int bytes) => bytes == 0 || ((flow.Bytes == 0 || flow.Bytes + bytes <= _limits.InflightBytesMax) && (Memory.HasRoomFor(bytes) || (flow.Bytes == 0 && Owner[Good.Memory].HasRoomFor(bytes))));

    /// <summary>So many retained messages that were given are remembered.</summary>
    public void GivenIs(int count)
    {
        int bytes = count * GivenBytes;
        if (bytes == _given || _hasEnded)
            return;
        Memory.Take(bytes - _given);
        _given = bytes;
    }

    /// <summary>What is in flight has changed.</summary>
    public void InFlightIs(long bytes)
    {
        if (bytes == _inFlight || _hasEnded)
            return;
        if (bytes > _inFlight)
            Memory.Take(bytes - _inFlight);
        else
            Memory.Give(_inFlight - bytes);
        _inFlight = bytes;
    }
}
