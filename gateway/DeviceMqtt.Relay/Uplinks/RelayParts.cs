using DeviceMqtt.Broker.State;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>The relay put together and connected to the broker. Nothing of it exists without an upstream.</summary>
internal static class RelayParts
{
    /// <param name="upstreams">Checked before.</param>
    /// <param name="broker">Not recovered yet.</param>
    /// <param name="world">Around the relay.</param>
    /// <param name="log">Is told how the links fare.</param>
    public static List<Uplink> Create(IReadOnlyList<RelayOptions> upstreams, BrokerState broker, RelayWorld world, ILogger log)
    {
        List<Uplink> uplinks = [.. upstreams.Select(options => Create(options, broker, world, log))];
        if (uplinks.Count > 0)
            Connect([.. uplinks.Select(static u => u.Session)], broker);
        return uplinks;
    }

    private static void Connect(RelaySession[] sessions, BrokerState broker)
    {
        broker.ConnectUpstream(new UpstreamFan(sessions));
        broker.Upstreams.AsideCommands = new AsideCommands(sessions, broker.Clock);
    }

    private static Uplink Create(RelayOptions options, BrokerState broker, RelayWorld world, ILogger log)
    {
        UpstreamDialect dialect = new(options, broker.Clock);
        RelaySession session = new(broker, options, dialect, world, log);
        UplinkConnector[] connectors = [.. options.Addresses.Select(text =>
        {
            UpstreamAddress address = UpstreamAddress.Parse(text);
            return new UplinkConnector(address, options, new UplinkHandshake(address, options, dialect.Presence.Identity, broker.Limits.PacketBytesMax), broker.Limits, world);
        })];
        return new Uplink(options, session, connectors, broker, world, log);
    }
}
