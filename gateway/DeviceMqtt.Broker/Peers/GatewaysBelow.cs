using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;
using Claim = DeviceMqtt.Broker.Peers.DeviceBelow.Claim;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Which gateway has which device, where this broker is the upstream of others. A gateway connects as a bridge and
/// subscribes to <c>+/p2p/{clientId}</c> for each of its devices; a P2P message for a device that is not connected here
/// goes to that gateway's Session, which keeps it while the gateway is away.
/// <list type="bullet">
/// <item>Several gateways may be subscribed for one device: it moves, and the one it has left goes on asking. The one where the device was last has it. To subscribe once more, as a gateway
/// does that starts anew, changes nothing.</item>
/// <item>Where the device is they tell: with their SUBSCRIBE (<see cref="DeviceTelling"/>), or with <c>presence/{clientId}</c>. A device that was here last is nobody's until one tells that it has it.</item>
/// <item>When the gateway that has it does not subscribe for it any more, the one before has it.</item>
/// <item>The presence of a device is what the gateway says that has it: what another says is of earlier days.</item>
/// <item>There are as many as subscriptions of gateways below, and each counts as memory of its Session. Their order is on the disk: the record of a subscription, or of a known device, is written once more.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class GatewaysBelow(Ground ground)
{
    private readonly Dictionary<string, DeviceBelow> _byDevice = new(StringComparer.Ordinal);

    /// <summary>Told of each device that no gateway below has any more.</summary>
    public Action<string>? DeviceGone { get; set; }

    /// <summary>Whether a device was connected here and is known still; none is unless set.</summary>
    public Func<string, bool> IsKnownHere { get; set; } = static _ => false;

    /// <summary>Has the disk know that a device was here last.</summary>
    public Action<string>? KeepHere { get; set; }

    /// <summary>Devices that several may have, the gateways below and this one.</summary>
    public IEnumerable<string> Contested => _byDevice.Where(static d => d.Value.Count > 1 || d.Value.IsHere).Select(static d => d.Key);

    /// <summary>Devices that gateways below are subscribed for.</summary>
    public int Count => _byDevice.Count;

    /// <summary>The device that a filter of a gateway below is for; null where it is for none, or for all.</summary>
    public static string? DeviceOf(TopicFilter filter) => P2PTopic.TryParse(filter.Match, out _, out string device) && device is not ("+" or "#") ? device : null;

    /// <summary>The filter of a gateway below that is subscribed for all of its devices at once.</summary>
    /// <param name="gateway">Its Client Identifier.</param>
    public static string FilterOfAll(string gateway) => P2PTopic.Build(gateway, "+");

    /// <summary>Bytes of memory that a filter takes here.</summary>
    public static int CostOf(TopicFilter filter) => DeviceOf(filter) is { } device ? MemoryCost.DeviceBelow(device) : 0;

    /// <summary>A gateway below is subscribed for the device, whether it has it or not.</summary>
    public bool IsClaimed(string clientId) => _byDevice.ContainsKey(clientId);

    /// <summary>The gateway's Session that a device is reached through; null when there is none.</summary>
    /// <param name="clientId">The device.</param>
    /// <param name="except">One that looks for it elsewhere.</param>
    public Session? Find(string clientId, Session? except = null)
    {
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device) || device.IsHere)
            return null;
        for (int i = device.Count - 1; i >= 0; i--)
            if (device.Claims[i].Bridge != except)
                return device.Claims[i].Bridge;
        return null;
    }

    /// <summary>A gateway below is subscribed for a device, which is behind one of those. That it has the device it may tell behind what the device says of itself.</summary>
    public bool MayTellOf(string clientId, Session bridge) => _byDevice.TryGetValue(clientId, out DeviceBelow? device) && !device.IsHere && device.Find(bridge) is not null;

    /// <summary>The claims to a device in their order, each by one of its subscriptions, and whether it was here last.</summary>
    public (List<Subscription> Claims, bool IsHere) OrderOf(string clientId) => _byDevice.TryGetValue(clientId, out DeviceBelow? device)
        ? ([.. device.Claims.Select(SubscriptionOf).OfType<Subscription>()], device.IsHere) : ([], false);

    /// <summary>Takes note of a bridge's subscription, if it is to one device's P2P topic. Its record is written already.</summary>
    /// <returns>The device; null when it is not.</returns>
    public string? Subscribed(Session bridge, TopicFilter filter, DeviceTelling telling)
    {
        if (DeviceOf(filter) is not { } clientId)
            return null;
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            _byDevice.Add(clientId, device = new DeviceBelow { IsHere = IsKnownHere(clientId) });
        // Who cannot say more asks when a device comes for the first time, or has lost its Session: then the device may be with one that says so.
        Claim? before = device.Find(bridge);
        bool hasCome = telling == DeviceTelling.IsHere || (telling == DeviceTelling.Nothing && before is null && device is { IsHere: false, Holder: not { SaysOnline: true } });
        Claim claim = before ?? Add(device, clientId, new Claim(bridge) { Word = telling == DeviceTelling.IsKnown ? PresenceWord.Unknown : PresenceWord.Gone }, isLast: device.IsHere && telling != DeviceTelling.IsKnown);
        if (!claim.Filters.Contains(filter.Value))
            claim.Filters.Add(filter.Value);
        if (hasCome)
        {
            claim.Word = PresenceWord.Came;
            device.MoveTo(claim, isCertain: true);
        }
        else if (device.Holder != claim)
        {
            KeepHolder(clientId, device); // or the record of this one would be the last
        }

        return clientId;
    }

    /// <summary>A subscription of a recovery.</summary>
    /// <param name="bridge">The Session.</param>
    /// <param name="filter">Its filter.</param>
    /// <param name="order">Which record of the journal it was.</param>
    public string? Restore(Session bridge, TopicFilter filter, long order)
    {
        if (DeviceOf(filter) is not { } clientId)
            return null;
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            _byDevice.Add(clientId, device = new DeviceBelow());
        Claim claim = device.Find(bridge) ?? Add(device, clientId, new Claim(bridge), isLast: true);
        claim.Order = Math.Max(claim.Order, order);
        claim.Filters.Add(filter.Value);
        device.Remove(claim);
        device.AddInOrder(claim);
        return clientId;
    }

    /// <summary>A known device of a recovery, behind all subscriptions: it was here when that record was written.</summary>
    public void RestoreHere(string clientId, long order)
    {
        if (_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            device.IsHere = order > device.Claims[^1].Order;
    }

    /// <summary>A subscription is gone, by UNSUBSCRIBE or with its Session.</summary>
    public void Unsubscribed(Session bridge, TopicFilter filter)
    {
        if (DeviceOf(filter) is not { } clientId || !_byDevice.TryGetValue(clientId, out DeviceBelow? device) || device.Find(bridge) is not { } claim)
            return;
        _ = claim.Filters.Remove(filter.Value);
        if (claim.Filters.Count > 0)
            return;
        device.Remove(claim);
        bridge.Holdings.Memory.Give(MemoryCost.DeviceBelow(clientId));
        if (device.Count > 0)
            return;
        _ = _byDevice.Remove(clientId);
        DeviceGone?.Invoke(clientId);
    }

    /// <summary>The device has connected here.</summary>
    public void CameHere(string clientId)
    {
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            return;
        device.Leave();
        if (device.IsHere)
            return;
        device.IsHere = true;
        KeepHolder(clientId, device);
    }

    /// <summary>The device is not known here any more: whoever below had it has it.</summary>
    public void ForgottenHere(string clientId)
    {
        if (_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            device.IsHere = false;
    }

    /// <summary>A gateway below tells that a device is there.</summary>
    /// <param name="clientId">The device.</param>
    /// <param name="bridge">The gateway.</param>
    /// <param name="isConnected">The device is connected here.</param>
    /// <returns>False when it is not: it has told so before, and the device was seen elsewhere since.</returns>
    public bool TellsOnline(string clientId, Session bridge, bool isConnected)
    {
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            return true;
        if (device.Find(bridge) is not { } claim)
        {
            device.Leave(); // it brings no commands, and knows where the device is all the same
            return true;
        }

        PresenceWord before = claim.Word;
        claim.Word = PresenceWord.Online;
        if (device.Holder == claim)
        {
            claim.IsPast = false;
            return true;
        }

        // What it told before it tells again when its link is new. Where nobody knows what it told before, the one that says that it has the device is believed, until it says otherwise.
        if (before is PresenceWord.Online or PresenceWord.Came || (before == PresenceWord.Unknown && (isConnected || device.Holder is { HasIt: true })))
            return false;
        device.MoveTo(claim, isCertain: before == PresenceWord.Gone);
        KeepHolder(clientId, device);
        return true;
    }

    /// <summary>A gateway below tells that a device is gone, or its Will does.</summary>
    /// <param name="clientId">The device.</param>
    /// <param name="bridge">The Client Identifier of the gateway.</param>
    /// <param name="isConnected">The device is connected here.</param>
    /// <param name="isItsWord">It has seen the device leave; false where nobody knows.</param>
    /// <returns>False when the device is elsewhere.</returns>
    public bool TellsOffline(string clientId, string bridge, bool isConnected, bool isItsWord)
    {
        if (!_byDevice.TryGetValue(clientId, out DeviceBelow? device))
            return !isConnected;
        if (device.Find(bridge) is not { } claim)
            return !isConnected && device.Holder is not { SaysOnline: true };
        claim.Word = isItsWord ? PresenceWord.Gone : PresenceWord.Unknown;
        if (device.Holder != claim || isConnected)
            return false;
        if (device.FindOnline() is not { } other)
            return true;
        device.MoveTo(other, isCertain: false); // both have told that they have it, and it was the other one
        KeepHolder(clientId, device);
        return false;
    }

    /// <summary>A device that was here is with a gateway below by now, as that one says.</summary>
    public bool IsOnlineBelow(string clientId) => _byDevice.TryGetValue(clientId, out DeviceBelow? device) && device.Holder is { SaysOnline: true };

    private static Claim Add(DeviceBelow device, string clientId, Claim claim, bool isLast)
    {
        device.Add(claim, isLast);
        claim.Bridge.Holdings.Memory.Take(MemoryCost.DeviceBelow(clientId));
        return claim;
    }

    private static Subscription? SubscriptionOf(Claim claim) => claim.Bridge.FindSubscription(claim.Filters[^1]);

    // Its record is written once more, and is behind those of the others.
    private void KeepHolder(string clientId, DeviceBelow device)
    {
        if (device.Holder is not { } holder)
            KeepHere?.Invoke(clientId);
        else if (holder.Bridge.IsOnDisk && SubscriptionOf(holder) is { } subscription)
            ground.Custody.Subscribed(subscription, owedUpTo: null).ForNobody(); // no acknowledgement promises it: without room the order before counts after a restart
    }
}
