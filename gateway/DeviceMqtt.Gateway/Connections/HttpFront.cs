using System.Net.WebSockets;
using System.Net;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>What is there over HTTP: MQTT over WebSocket at <c>/mqtt</c>.</summary>
internal static class HttpFront
{
    private const string Subprotocol = "mqtt"; // [MQTT-6.0.0-3]

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

        // Clients of 3.1 ask for "mqttv3.1"; the subprotocol chosen must be one the client offered.
        IList<string> offered = context.WebSockets.WebSocketRequestedProtocols;
        string? chosen = offered.Contains(Subprotocol, StringComparer.Ordinal) ? Subprotocol : offered.FirstOrDefault();
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(chosen);
        ConnectionLoop loop = context.RequestServices.GetRequiredService<ConnectionLoop>();
        IPEndPoint? remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        await new WebSocketTransport(socket, context.RequestAborted).RunAsync(transport => loop.RunAsync(transport, remote, context.Abort));
    }
}
