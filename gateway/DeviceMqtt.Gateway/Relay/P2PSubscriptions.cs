using System.Runtime.CompilerServices;
using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// What the gateway is subscribed to upstream: the P2P topic of every device it knows, <c>+/p2p/{clientId}</c>.
/// <list type="bullet">
/// <item>A subscription that the upstream has granted is not made again while its Session lasts: that would bring retained
/// messages a second time.</item>
/// <item>At most <see cref="GatewayLimits.KnownDevicesMax"/>; the device known longest makes room, as it does in the mailboxes.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class P2PSubscriptions(RelaySender sender, int clientsMax, ILogger log)
{
    // Chosen: a packet of a few KB, and 200 packets for the largest gateway.
    private const int FiltersPerPacketMax = 100;

    private readonly Dictionary<string, bool> _granted = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();
    private readonly Queue<string> _wanted = new();
    private readonly Dictionary<ushort, List<string>> _asked = [];
    private ConnectionOutput? _output;
    private bool _refusalLogged;

    /// <summary>Devices whose P2P messages are wanted.</summary>
    public int Count => _granted.Count;

    public void Attach(ConnectionOutput output, bool sessionPresent)
    {
        _output = output;
        _refusalLogged = false;
        foreach (string clientId in _oldestFirst)
        {
            if (!sessionPresent)
                _granted[clientId] = false;
            if (!_granted[clientId])
                _wanted.Enqueue(clientId);
        }

        Subscribe();
    }

    public void Detach()
    {
        _output = null;
        _wanted.Clear();
        _asked.Clear();
    }

    public void Add(string clientId)
    {
        if (!Wire.ClientId.IsAddressable(clientId) || !_granted.TryAdd(clientId, false))
            return;
        _oldestFirst.Enqueue(clientId);
        if (_granted.Count > clientsMax)
            Forget(_oldestFirst.Dequeue());
        if (_output is null)
            return;
        _wanted.Enqueue(clientId);
        Subscribe();
    }

    /// <summary>SUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveSubAck(in Frame frame)
    {
        if (!SubAckPacket.TryDecode(frame, ProtocolVersion.V311, out SubAckPacket? packet, out MalformedReason reason))
            return reason.ToText();
        if (!_asked.Remove(packet.PacketId, out List<string>? clients))
            return $"for Packet Identifier {packet.PacketId}, which is of no SUBSCRIBE";
        if (packet.ReasonCodes.Count != clients.Count)
            return $"has {packet.ReasonCodes.Count} codes for {clients.Count} Topic Filters";
        for (int i = 0; i < clients.Count; i++)
        {
            bool isGranted = packet.ReasonCodes[i] < ReasonCode.UnspecifiedError;
            if (_granted.ContainsKey(clients[i]))
                _granted[clients[i]] = isGranted;
            if (!isGranted)
                LogRefusal(clients[i]);
        }

        Answered(packet.PacketId);
        return null;
    }

    /// <summary>UNSUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveUnsubAck(in Frame frame)
    {
        if (!UnsubAckPacket.TryDecode(frame, ProtocolVersion.V311, out UnsubAckPacket? packet, out MalformedReason reason))
            return reason.ToText();
        ref Inflight inflight = ref sender.Window.Find(packet.PacketId);
        if (Unsafe.IsNullRef(ref inflight) || inflight.State != InflightState.AwaitsSubAck)
            return $"for Packet Identifier {packet.PacketId}, which is of no UNSUBSCRIBE";
        Answered(packet.PacketId);
        return null;
    }

    private void Answered(ushort packetId)
    {
        sender.Window.Remove(packetId);
        Subscribe();
        sender.MakeProgress();
    }

    private void Subscribe()
    {
        while (_wanted.Count > 0 && TryTakePacketId(out ushort packetId))
        {
            List<string> clients = [];
            List<SubscriptionRequest> requests = [];
            while (requests.Count < FiltersPerPacketMax && _wanted.TryDequeue(out string? clientId))
            {
                if (!_granted.ContainsKey(clientId) || !TryFilter(clientId, out TopicFilter filter))
                    continue; // forgotten meanwhile
                clients.Add(clientId);
                // The publisher's QoS is kept, also across the relay (DESIGN: P2P rule 4).
                requests.Add(new SubscriptionRequest(filter, QoS.ExactlyOnce));
            }

            if (requests.Count == 0)
            {
                sender.Window.Remove(packetId);
                return;
            }

            _asked.Add(packetId, clients);
            new SubscribePacket { PacketId = packetId, Requests = requests }.Write(_output!, ProtocolVersion.V311);
        }
    }

    private void Forget(string clientId)
    {
        _ = _granted.Remove(clientId);
        if (_output is { } output && TryFilter(clientId, out TopicFilter filter) && TryTakePacketId(out ushort packetId))
            new UnsubscribePacket { PacketId = packetId, Filters = [filter] }.Write(output, ProtocolVersion.V311);
    }

    private static bool TryFilter(string clientId, out TopicFilter filter) => TopicFilter.TryParse(RelayTopics.P2PFilter(clientId), out filter, out _);

    private bool TryTakePacketId(out ushort packetId) =>
        sender.Window.TryAdd(new Inflight { State = InflightState.AwaitsSubAck }, int.MaxValue, out packetId);

    // Once per connection: an access rule upstream concerns all devices alike.
    private void LogRefusal(string clientId)
    {
        if (!_refusalLogged)
            log.SubscriptionRefused(RelayTopics.P2PFilter(clientId));
        _refusalLogged = true;
    }
}
