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

    public void ConnectionEnded(long connection, string name, CloseReason reason, string? detail)
    {
    }

    public void ConnectionFailed(Exception exception, long connection, string name)
    {
    }

    public void BridgeNotAllowed(string clientId)
    {
    }

    public void Dropped(in Drop drop)
    {
    }

    public void BridgeSubscriptionRefused(string clientId, string filter, int subscriptionsMax)
    {
    }

    public void ClientIdFought(string clientId, EndPoint? one, EndPoint? other)
    {
    }
}
