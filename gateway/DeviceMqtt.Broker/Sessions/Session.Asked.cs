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
    /// <param name="filter">The filter.</param>
    /// <param name="more">Bytes of memory that it takes besides.</param>
    public bool HasRoomFor(TopicFilter filter, int more = 0) => FindSubscription(filter.Value) is not null || (!HasAllSubscriptions && MayShare(filter) && holdings.HasMemoryFor(filter.Value, more));

    /// <summary>It is no shared subscription, or its user may have one more. An operator and a gateway below are bounded by what each Session may have.</summary>
    public bool MayShare(TopicFilter filter) => !filter.IsShared || IsBridge || Role == ClientRole.Operator || holdings.Owner.Shared.HasRoomFor(filter.Value, ground.Limits.SharedFiltersPerUserMax);

    /// <summary>It has as many subscriptions as it may have.</summary>
    public bool HasAllSubscriptions => Subscriptions.Count >= SubscriptionsMax;

    public Subscription? FindSubscription(string filter) => holdings.FindSubscription(filter);

    public bool Unsubscribe(TopicFilter filter) => holdings.Remove(filter.Value);

    // ---- QoS 2 from the client

    // Chosen: one that has few in use at a time takes no new memory for each.
    private const int ContentsToKeep = 16;

    private PacketIdSet? _inboundQoS2;

    // Hashes of what came under them, while there is memory for that.
    private Dictionary<ushort, uint>? _contents;
    private int _contentsMax; // its table does not shrink

    /// <summary>The QoS 2 Packet Identifier stands for a message that was published: a repeated one is acknowledged and not published again [MQTT-4.3.3-2].</summary>
    public bool IsInboundOpen(ushort packetId) => _inboundQoS2 is { } open && open.Contains(packetId);

    /// <summary>
    /// A PUBLISH of QoS 2 comes again: its Packet Identifier is in use, and it says so (DUP), or has the content that came under it. One that says that it comes for the
    /// first time and has another content is a new message, of a client that has lost its Session. Where the content that came is not known, for want of memory or
    /// because an older version has noted it, it comes again [MQTT-4.3.3-2]: many libraries do not set DUP.
    /// </summary>
    /// <param name="packetId">Its Packet Identifier.</param>
    /// <param name="isDup">It says that it comes again.</param>
    /// <param name="content">A hash of its topic and payload.</param>
    public bool IsRepeated(ushort packetId, bool isDup, uint content) => IsInboundOpen(packetId) && (isDup || InboundContent(packetId) is not { } before || before == content);

    /// <summary>The hash of what came under an identifier that is in use; null where it is not known.</summary>
    public uint? InboundContent(ushort packetId) => _contents is not null && _contents.TryGetValue(packetId, out uint content) ? content : null;

    /// <summary>First arrival of a message under a QoS 2 Packet Identifier, which may be in use. It is not when there was no room.</summary>
    public Kept OpenInbound(ushort packetId, uint content)
    {
        Kept kept = IsDurable ? _custody.InboundOpened(ClientId, packetId, content) : Kept.NotNeeded;
        if (kept.IsNoRoom)
            return kept;
        AddInbound(packetId);
        NoteContent(packetId, content);
        return kept;
    }

    /// <summary>PUBREL: the identifier, which is in use, is free again. It stays in use when there was no room.</summary>
    public Kept CloseInbound(ushort packetId)
    {
        Kept kept = IsDurable ? _custody.InboundClosed(ClientId, packetId) : Kept.NotNeeded;
        if (!kept.IsNoRoom)
            RemoveInbound(packetId);
        return kept;
    }

    /// <summary>The message under the identifier is refused, and may come again under it: it is free in any case.</summary>
    public Kept ForgetInbound(ushort packetId)
    {
        if (!IsInboundOpen(packetId))
            return Kept.NotNeeded;
        Kept kept = CloseInbound(packetId);
        RemoveInbound(packetId);
        return kept;
    }

    private void AddInbound(ushort packetId)
    {
        _ = (_inboundQoS2 ??= new PacketIdSet()).Add(packetId);
        CountInbound();
    }

    private void NoteContent(ushort packetId, uint content)
    {
        if (_contents?.ContainsKey(packetId) is true || holdings.HasRoomForContent)
            (_contents ??= [])[packetId] = content;
        else
            _ = _contents?.Remove(packetId);
        CountInbound();
    }

    private void RemoveInbound(ushort packetId)
    {
        _ = _inboundQoS2!.Remove(packetId);
        if (_contents is null || !_contents.Remove(packetId) || _contents.Count > 0 || _contentsMax <= ContentsToKeep)
            return;
        // The table of one that had many is not kept for the few.
        (_contents, _contentsMax) = (null, 0);
        CountInbound();
    }

    private void CountInbound()
    {
        _contentsMax = Math.Max(_contentsMax, _contents?.Count ?? 0);
        holdings.InboundIs(_inboundQoS2?.Pages ?? 0, _contentsMax);
    }

    /// <summary>The QoS 2 Packet Identifiers of the client that wait for PUBREL.</summary>
    public IReadOnlyCollection<ushort> InboundQoS2 => _inboundQoS2 ?? (IReadOnlyCollection<ushort>)[];

    private int _inboundBefore; // when the connection began

    /// <summary>
    /// How many of them count against the Receive Maximum of this connection at least: it begins anew with each (5.0 section 4.9), and the client need not have finished first what earlier ones have left open. Which of
    /// those are finished meanwhile is not kept: there may be as many more, and never more than there are identifiers.
    /// </summary>
    public int InboundOfConnection => InboundQoS2.Count - _inboundBefore;
}
