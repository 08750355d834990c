using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Access;

/// <summary>Asks for all that it may have, and for what it may not.</summary>
internal sealed class Ear(string id, ProtocolVersion version, SimWorld world, SimGateway gateway, Permissions permissions) : Peer(id, isDurable: true, version, world, gateway)
{
    protected override void Welcome() => Subscribe([.. AccessScenario.Roots.Select(static r => $"{r}/#")]);

    protected override void Subscribed(IReadOnlyList<ReasonCode> codes)
    {
        for (int i = 0; i < codes.Count; i++)
            if (codes[i] < ReasonCode.UnspecifiedError)
                permissions.Granted(Id, AccessScenario.Roots[i]);
    }

    protected override void Receive(string topic, string payload) => permissions.DeliveredTo(Id, topic, payload);
}
