using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>What a gateway says of itself: of that the drops and the faults are in the story.</summary>
internal sealed class SimEvents(string gateway, SimWorld world) : IBrokerEvents
{
    public void Dropped(in Drop drop)
    {
        world.Tell($"{gateway} drops {drop.Topic} of {drop.Owner.Name}: {drop.Reason}");
        world.DroppedBy?.Invoke(gateway, drop.Topic);
        if (drop.Reason == DropReason.RetainedFull)
            world.Unretained?.Invoke(drop.Topic);
        // The words of a PUBLISH that is refused: it may come again, where its sender never got the answer.
        if (drop.IsRefused)
            world.Refused?.Invoke(drop.Owner.Name);
        else
            world.Dropped?.Invoke(drop.Owner.Name, drop.Topic);
    }

    public void ConnectionFailed(Exception exception, in ClientName client) => world.Tell($"{gateway} fails with {client.Name}: {exception}");

    public void ConnectionOpened(long connection, EndPoint? remote)
    {
    }

    public void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds)
    {
    }

    public void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote)
    {
    }

    public void ConnectionEnded(in ClientName client, CloseReason reason, string? detail)
    {
    }

    public void BridgeNotAllowed(in ClientName client)
    {
    }

    public void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax)
    {
    }

    public void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why) => world.Tell($"{gateway} refuses {client.ClientId} {filter}: {why}");

    public void ClientIdFought(in ClientName one, in ClientName other)
    {
    }
}
