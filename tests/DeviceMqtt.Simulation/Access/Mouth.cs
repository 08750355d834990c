using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Access;

/// <summary>Publishes where it may, and where it may not.</summary>
internal sealed class Mouth(string id, ProtocolVersion version, SimWorld world, SimGateway gateway, Permissions permissions) : Peer(id, isDurable: true, version, world, gateway)
{
    private int _said;

    public void Say(char root)
    {
        if (!IsOn)
            return;
        Permissions.Said said = new($"{Id}:{++_said}", Id, $"{root}/1", World.NowMs);
        permissions.Published(said);
        Publish(said.Topic, said.Id);
    }

    protected override void Welcome()
    {
    }

    protected override void Receive(string topic, string payload) => Truth.Expect(false, $"{Id} got {payload}, and has asked for nothing");

    protected override void Acknowledged(string payload) => permissions.AcknowledgedBy(payload);
}
