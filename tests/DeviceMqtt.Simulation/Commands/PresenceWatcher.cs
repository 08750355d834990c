using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Commands;

/// <summary>Looks at who is shown as online.</summary>
internal sealed class PresenceWatcher(string id, SimWorld world, SimGateway gateway) : Peer(id, isDurable: false, ProtocolVersion.V311, world, gateway)
{
    /// <summary>What was told last, by client.</summary>
    public Dictionary<string, string> Told { get; } = new(StringComparer.Ordinal);

    protected override void Welcome() => Subscribe("$gw/presence/+");

    protected override void Receive(string topic, string payload) => Told[topic[(topic.LastIndexOf('/') + 1)..]] = payload;
}
