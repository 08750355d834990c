using Microsoft.Extensions.Logging;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Presence;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>The relay put together and connected to the broker. Nothing of it exists without an upstream.</summary>
internal static class RelayParts
{
    /// <param name="upstreams">Checked before.</param>
    public static List<Uplink> Create(IReadOnlyList<RelayOptions> upstreams, BrokerState broker, TimeProvider time, ILogger log)
    {
        List<Uplink> uplinks = [.. upstreams.Select(options => Create(options, broker, time, log))];
        if (uplinks.Count > 0)
            broker.ConnectUpstream(new UpstreamFan([.. uplinks.Select(static u => u.Session)]));
        return uplinks;
    }

    private static Uplink Create(RelayOptions options, BrokerState broker, TimeProvider time, ILogger log)
    {
        RelayTopics topics = new(options);
        UplinkPresence presence = new(options, topics);
        RelaySession session = new(broker, options, topics, presence, time, log);
        UplinkConnector[] connectors = [.. options.Addresses.Select(text =>
        {
            UpstreamAddress address = UpstreamAddress.Parse(text);
            return new UplinkConnector(address, options, new UplinkHandshake(address, options, presence.Identity, broker.Limits.PacketBytesMax), broker.Limits, time);
        })];
        return new Uplink(options, session, connectors, broker, time, log);
    }
}
