using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>What the client has asked for and sent: subscriptions, and the QoS 2 identifiers it has in use.</content>
internal sealed partial class Session
{
    // ---- Subscriptions

    /// <summary>How many it may have: a gateway below has one for each of its devices, and a home automation several for each board.</summary>
    public int SubscriptionsMax => IsBridge || Role == ClientRole.Operator ? ground.Limits.BridgeSubscriptionsMax : ground.Limits.SubscriptionsPerSessionMax;

    /// <summary>Whether it may have a subscription to a filter: it has one, or there is room.</summary>
    public bool HasRoomFor(TopicFilter filter) => FindSubscription(filter.Value) is not null || (!HasAllSubscriptions && MayShare(filter) && holdings.HasMemoryFor(filter.Value));

    /// <summary>It is no shared subscription, or its user may have one more. An operator and a gateway below are bounded by what each Session may have.</summary>
    public bool MayShare(TopicFilter filter) => !filter.IsShared || IsBridge || Role == ClientRole.Operator || holdings.Owner.Shared.HasRoomFor(filter.Value, ground.Limits.SharedFiltersPerUserMax);

    /// <summary>It has as many subscriptions as it may have.</summary>
    public bool HasAllSubscriptions => Subscriptions.Count >= SubscriptionsMax;

    public Subscription? FindSubscription(string filter) => holdings.FindSubscription(filter);

    public bool Unsubscribe(TopicFilter filter) => holdings.Remove(filter.Value);

    // ---- QoS 2 from the client

    private PacketIdSet? _inboundQoS2;

    /// <summary>The QoS 2 Packet Identifier stands for a message that was published: a repeated one is acknowledged and not published again [MQTT-4.3.3-2].</summary>
    public bool IsInboundOpen(ushort packetId) => _inboundQoS2 is { } open && open.Contains(packetId);

    /// <summary>First arrival of a QoS 2 Packet Identifier. It is not in use when there was no room.</summary>
    public Kept OpenInbound(ushort packetId)
    {
        Kept kept = IsDurable ? _custody.InboundOpened(ClientId, packetId) : Kept.NotNeeded;
        if (!kept.IsNoRoom)
            AddInbound(packetId);
        return kept;
    }

    /// <summary>PUBREL: the identifier, which is in use, is free again. It stays in use when there was no room.</summary>
    public Kept CloseInbound(ushort packetId)
    {
        Kept kept = IsDurable ? _custody.InboundClosed(ClientId, packetId) : Kept.NotNeeded;
        if (!kept.IsNoRoom)
            _ = _inboundQoS2!.Remove(packetId);
        return kept;
    }

    /// <summary>The message under the identifier is refused, and may come again under it: it is free in any case.</summary>
    public Kept ForgetInbound(ushort packetId)
    {
        if (!IsInboundOpen(packetId))
            return Kept.NotNeeded;
        Kept kept = CloseInbound(packetId);
        _ = _inboundQoS2!.Remove(packetId);
        return kept;
    }

    private void AddInbound(ushort packetId)
    {
        _ = (_inboundQoS2 ??= new PacketIdSet()).Add(packetId);
        holdings.InboundIs(_inboundQoS2.Pages);
    }

    /// <summary>The QoS 2 Packet Identifiers of the client that wait for PUBREL.</summary>
    public IReadOnlyCollection<ushort> InboundQoS2 => _inboundQoS2 ?? (IReadOnlyCollection<ushort>)[];
}
