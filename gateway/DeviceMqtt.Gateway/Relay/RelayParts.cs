using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>The relay put together and connected to the broker. Nothing of it exists without an upstream.</summary>
internal static class RelayParts
{
    public static Uplink Create(UpstreamAddress address, RelayOptions options, Broker broker, TimeProvider time, ILogger log)
    {
        RelayTopics topics = new(options);
        UplinkPresence presence = new(options, topics);
        RelaySession session = new(broker, options, topics, presence, log);
        broker.ConnectUpstream(session);
        UplinkConnector connector = new(address, new UplinkHandshake(address, options, presence), broker.Limits, time);
        return new Uplink(address, options, session, connector, broker, time, log);
    }
}
