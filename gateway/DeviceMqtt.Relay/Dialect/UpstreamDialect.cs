using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Dialect;

/// <summary>How messages are said to one upstream, and understood from it: under which names, with which properties, and which of them are only echoes. Owned by the turn.</summary>
internal sealed class UpstreamDialect
{
    /// <param name="options">Checked before.</param>
    /// <param name="clock">For when a message was accepted.</param>
    public UpstreamDialect(RelayOptions options, WallClock clock)
    {
        Topics = new RelayTopics(options);
        Presence = new UplinkPresence(options, Topics);
        Properties = new RelayProperties(options.ClientId, clock);
    }

    public RelayTopics Topics { get; }

    /// <summary>What the gateway says of itself.</summary>
    public UplinkPresence Presence { get; }

    public RelayProperties Properties { get; }

    /// <summary>Places readings in time whose board has no clock; nobody does when null.</summary>
    public BootTimes? Times { get; set; }

    public EchoFilter Echoes { get; } = new();

    /// <summary>How a message goes up: the gateway's own presence by its own way, all others as the rules say.</summary>
    public RelayRoute RouteOf(Broker.Messages.Message message) =>
        message == Presence.Online || message == Presence.Offline ? Presence.Route : Topics.RouteOf(message);
}
