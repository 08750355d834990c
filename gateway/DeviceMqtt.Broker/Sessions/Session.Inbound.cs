using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Sessions;

/// <content>QoS 2 messages that the client publishes: which of their Packet Identifiers are in use.</content>
internal sealed partial class Session
{
    private PacketIdSet? _inboundQoS2;

    /// <summary>The QoS 2 Packet Identifier stands for a message that was published: a repeated one is acknowledged and not published again [MQTT-4.3.3-2].</summary>
    public bool IsInboundOpen(ushort packetId) => _inboundQoS2 is { } open && open.Contains(packetId);

    /// <summary>First arrival of a QoS 2 Packet Identifier. It is not in use when there was no room.</summary>
    public Kept OpenInbound(ushort packetId)
    {
        Kept kept = IsDurable ? _custody.InboundOpened(ClientId, packetId) : Kept.NotNeeded;
        if (!kept.IsNoRoom)
        {
            _ = (_inboundQoS2 ??= new PacketIdSet()).Add(packetId);
            holdings.InboundIs(_inboundQoS2.Pages);
        }

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

    /// <summary>The QoS 2 Packet Identifiers of the client that wait for PUBREL.</summary>
    public IReadOnlyCollection<ushort> InboundQoS2 => _inboundQoS2 ?? (IReadOnlyCollection<ushort>)[];
}
