using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>What a gateway says of itself: of that the drops and the faults are in the story.</summary>
internal sealed class SimEvents(string gateway, SimWorld world) : IBrokerEvents
{
    public void Dropped(in Drop drop) => world.Tell($"{gateway} drops {drop.Topic} of {drop.Owner.Name}: {drop.Reason}");

    public void ConnectionFailed(Exception exception, long connection, string name) => world.Tell($"{gateway} fails with {name}: {exception}");

    public void ConnectionOpened(long connection, EndPoint? remote)
    {
    }

    public void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds)
    {
    }

    public void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote)
    {
    }

    public void ConnectionEnded(long connection, string name, CloseReason reason, string? detail)
    {
    }

    public void BridgeNotAllowed(string clientId)
    {
    }

    public void BridgeSubscriptionRefused(string clientId, string filter, int subscriptionsMax)
    {
    }

    public void ClientIdFought(string clientId, EndPoint? one, EndPoint? other)
    {
    }
}
