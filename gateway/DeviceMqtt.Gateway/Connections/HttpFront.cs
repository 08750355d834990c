using System.Net.WebSockets;
using System.Net;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>What is there over HTTP: MQTT over WebSocket at <c>/mqtt</c>.</summary>
internal static class HttpFront
{
    private const string Subprotocol = "mqtt"; // [MQTT-6.0.0-4]
    private const string SubprotocolOf31 = "mqttv3.1";

    public static async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != "/mqtt")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            await context.Response.WriteAsync("MQTT over WebSocket, subprotocol mqtt\n");
            return;
        }

        // The subprotocol chosen must be one the client offered; none is chosen when it offers none that is MQTT.
        IList<string> offered = context.WebSockets.WebSocketRequestedProtocols;
        string? chosen = Array.Find([Subprotocol, SubprotocolOf31], known => offered.Contains(known, StringComparer.Ordinal));
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(chosen);
        ConnectionLoop loop = context.RequestServices.GetRequiredService<ConnectionLoop>();
        IPEndPoint? remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        await new WebSocketTransport(socket, context.RequestAborted).RunAsync(transport => loop.RunAsync(transport, remote, context.Abort));
    }
}
