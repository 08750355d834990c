using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>The upstreams that the broker knows of, with what it keeps for each by its name. Owned by the turn.</summary>
internal sealed class Upstreams
{
    /// <summary>16 hexadecimal digits that no other gateway has, whatever it is called: of this process, or of the data folder where there is one. Set before anybody connects.</summary>
    public string GatewayNumber { get; set; } = Guid.NewGuid().ToString("N")[..16];

    /// <summary>What the gateway is called upstream; of the first upstream where there are several. Empty without any.</summary>
    public string GatewayName { get; set; } = "";

    /// <summary>Takes what is to go upstream; null when no upstream is set.</summary>
    public IUpstream? Tap { get; set; }

    /// <summary>Does what operators want done with messages that an upstream does not take; null when no upstream is set.</summary>
    public IAsideCommands? AsideCommands { get; set; }

    /// <summary>What waits for each upstream, by its name.</summary>
    public Dictionary<string, IUpstreamBacklog> Backlogs { get; } = new(StringComparer.Ordinal);

    /// <summary>What waits for upstreams that are not set any more, and stays until they are set again.</summary>
    public List<(string Upstream, QueuedMessage Queued, AsideReason? Aside)> Parked { get; } = [];

    /// <summary>QoS 2 Packet Identifiers that were given up and are in use with upstreams that are not set any more, by their names.</summary>
    public Dictionary<string, HashSet<ushort>> ParkedGivenUp { get; } = new(StringComparer.Ordinal);

    /// <summary>The state is that of a backup from which the gateway was restored once.</summary>
    public bool IsRestored { get; set; }

    /// <summary>QoS 2 Packet Identifiers of each upstream, also of those that are not set any more, that wait for its PUBREL, by its name, with a hash of what came under them; null where nobody knows.</summary>
    public Dictionary<string, Dictionary<ushort, uint?>> Inbound { get; } = new(StringComparer.Ordinal);
}
