using System.Runtime.CompilerServices;
using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// What the gateway is subscribed to upstream: what the rules ask for, and the P2P topic of every device it knows,
/// <c>+/p2p/{clientId}</c>.
/// <list type="bullet">
/// <item>A subscription that the upstream has granted is not made again while its Session lasts: that would bring retained
/// messages a second time.</item>
/// <item>For the devices that the mailboxes or the gateways below have, until these forget them; at most
/// <see cref="GatewayLimits.KnownDevicesMax"/>, the one known longest makes room.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class UpstreamSubscriptions(RelaySender sender, RelayTopics topics, int clientsMax, int filtersPerPacketMax, ILogger log)
{
    // By filter: what is asked for, and whether the upstream has granted it.
    private readonly Dictionary<string, (SubscriptionRequest Request, bool IsGranted)> _all = topics.In.ToDictionary(
        static r => r.Mapping.SourceFilter, static r => (RequestOf(r.Mapping.SourceFilter, r.Rule.QoSMax), false), StringComparer.Ordinal);

    private readonly List<string> _oldestFirst = [];
    private readonly Queue<string> _wanted = new();
    private readonly Dictionary<ushort, List<string>> _asked = [];
    private ConnectionOutput? _output;
    private ProtocolVersion _version;
    private bool _refusalLogged;

    /// <summary>Devices whose P2P messages are wanted.</summary>
    public int Count => _oldestFirst.Count;

    public void Attach(ConnectionOutput output, UplinkTerms terms)
    {
        _output = output;
        _version = terms.Version;
        _refusalLogged = false;
        foreach (string filter in topics.In.Select(static r => r.Mapping.SourceFilter).Concat(_oldestFirst))
        {
            if (!terms.SessionPresent)
                SetGranted(filter, false);
            if (!_all[filter].IsGranted)
                _wanted.Enqueue(filter);
        }

        Subscribe();
    }

    /// <summary>
    /// Has a 3.1.1 broker that accepted a bridge show whether it sends back what it gets from it, where that matters: the
    /// gateway's presence, published next, would be the first to come.
    /// </summary>
    public void Probe(ConnectionOutput output, UplinkTerms terms, string presenceTopic)
    {
        if (topics.In.Count == 0 || terms.Version == ProtocolVersion.V5 || !terms.AsBridge || !TryTakePacketId(out ushort packetId))
            return;
        _version = terms.Version;
        _asked.Add(packetId, [presenceTopic]);
        new SubscribePacket { PacketId = packetId, Requests = [RequestOf(presenceTopic, QoS.AtMostOnce)] }.Write(output, _version);
    }

    public void Detach()
    {
        _output = null;
        _wanted.Clear();
        _asked.Clear();
    }

    /// <summary>A device whose P2P messages are wanted.</summary>
    public void Add(string clientId)
    {
        if (!Wire.ClientId.IsAddressable(clientId))
            return;
        string filter = RelayTopics.P2PFilter(clientId);
        // The publisher's QoS is kept, also across the relay (DESIGN: P2P rule 4).
        if (!_all.TryAdd(filter, (RequestOf(filter, QoS.ExactlyOnce), false)))
            return;
        _oldestFirst.Add(filter);
        if (_oldestFirst.Count > clientsMax)
            Forget(_oldestFirst[0]);
        if (_output is null)
            return;
        _wanted.Enqueue(filter);
        Subscribe();
    }

    /// <summary>A device whose P2P messages are not wanted any more.</summary>
    public void Remove(string clientId)
    {
        if (Wire.ClientId.IsAddressable(clientId))
            Forget(RelayTopics.P2PFilter(clientId));
    }

    /// <summary>SUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveSubAck(in Frame frame)
    {
        if (!SubAckPacket.TryDecode(frame, _version, out SubAckPacket? packet, out MalformedReason reason))
            return reason.ToText();
        if (!_asked.Remove(packet.PacketId, out List<string>? filters))
            return $"for Packet Identifier {packet.PacketId}, which is of no SUBSCRIBE";
        if (packet.ReasonCodes.Count != filters.Count)
            return $"has {packet.ReasonCodes.Count} codes for {filters.Count} Topic Filters";
        for (int i = 0; i < filters.Count; i++)
        {
            bool isGranted = packet.ReasonCodes[i] < ReasonCode.UnspecifiedError;
            SetGranted(filters[i], isGranted);
            if (!isGranted)
                LogRefusal(filters[i]);
        }

        Answered(packet.PacketId);
        return null;
    }

    /// <summary>UNSUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveUnsubAck(in Frame frame)
    {
        if (!UnsubAckPacket.TryDecode(frame, _version, out UnsubAckPacket? packet, out MalformedReason reason))
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
            List<string> filters = [];
            List<SubscriptionRequest> requests = [];
            while (requests.Count < filtersPerPacketMax && _wanted.TryDequeue(out string? filter))
            {
                if (!_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) wanted))
                    continue; // forgotten meanwhile
                filters.Add(filter);
                requests.Add(wanted.Request);
            }

            if (requests.Count == 0)
            {
                sender.Window.Remove(packetId);
                return;
            }

            _asked.Add(packetId, filters);
            new SubscribePacket { PacketId = packetId, Requests = requests }.Write(_output!, _version);
        }
    }

    private void Forget(string filter)
    {
        _ = _oldestFirst.Remove(filter);
        if (_all.Remove(filter, out (SubscriptionRequest Request, bool IsGranted) gone) && _output is { } output && TryTakePacketId(out ushort packetId))
            new UnsubscribePacket { PacketId = packetId, Filters = [gone.Request.Filter] }.Write(output, _version);
    }

    private void SetGranted(string filter, bool isGranted)
    {
        if (_all.TryGetValue(filter, out (SubscriptionRequest Request, bool IsGranted) entry))
            _all[filter] = (entry.Request, isGranted);
    }

    // What the gateway itself has sent up does not come down again, and RETAIN comes as it was published (5.0 only).
    private static SubscriptionRequest RequestOf(string text, QoS qos)
    {
        if (!TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason))
            throw new ArgumentException(reason.ToText(), nameof(text));
        return new SubscriptionRequest(filter, qos, NoLocal: true, RetainAsPublished: true);
    }

    private bool TryTakePacketId(out ushort packetId) =>
        sender.Window.TryAdd(new Inflight { State = InflightState.AwaitsSubAck }, int.MaxValue, out packetId);

    // Once per connection: an access rule upstream concerns all alike.
    private void LogRefusal(string filter)
    {
        if (!_refusalLogged)
            log.SubscriptionRefused(filter);
        _refusalLogged = true;
    }
}
