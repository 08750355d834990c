using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Defaults;

/// <summary>Nobody wants to know.</summary>
internal sealed class NoEvents : IBrokerEvents
{
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

    public void ConnectionFailed(Exception exception, in ClientName client)
    {
    }

    public void WorkFailed(Exception exception, string work, int pauseMs)
    {
    }

    public void BridgeNotAllowed(in ClientName client)
    {
    }

    public void Dropped(in Drop drop)
    {
    }

    public void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax)
    {
    }

    public void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why)
    {
    }

    public void ClientIdFought(in ClientName one, in ClientName other)
    {
    }
}
