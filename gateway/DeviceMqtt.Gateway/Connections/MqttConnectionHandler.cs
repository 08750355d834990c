using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>Where Kestrel hands over a TCP or TLS connection.</summary>
internal sealed class MqttConnectionHandler(ConnectionLoop loop) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) =>
        loop.RunAsync(connection.Transport, connection.RemoteEndPoint, connection.Abort);
}
