using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that is never there: what goes to it waits.</summary>
internal static class Backlogs
{
    /// <param name="gateway">Whose upstream it is, before it looks at its disk.</param>
    /// <param name="filter">Of the topics that go there.</param>
    public static void Connect(BrokerOnDisk gateway, string filter)
    {
        RelayOptions options = new() { ClientId = "gw", Out = [filter] };
        gateway.Broker.ConnectUpstream(new RelaySession(gateway.Broker, options, new UpstreamDialect(options, gateway.Broker.Clock), new RelayWorld(gateway.Time), gateway.Lines));
    }
}
