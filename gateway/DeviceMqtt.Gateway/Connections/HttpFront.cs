using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>What is there over HTTP: MQTT over WebSocket at <c>/mqtt</c>. Made only when HTTP is on.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const string Subprotocol = "mqtt"; // [MQTT-6.0.0-4]
    private const string SubprotocolOf31 = "mqttv3.1";
    private readonly ConnectionLoop _loop;
    private readonly WebApplication _app;
    private ListenOptions? _listening;

    public HttpFront(IPEndPoint endPoint, ConnectionLoop loop, ILoggerFactory loggers)
    {
        _loop = loop;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            _listening = listen;
        }));
        builder.Services.AddSingleton(loggers);
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(HandleAsync);
    }

    /// <summary>The address with its real port, once started.</summary>
    public IPEndPoint EndPoint => _listening!.IPEndPoint!;

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
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
        IPEndPoint? remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        await new WebSocketTransport(socket, context.RequestAborted).RunAsync(transport => _loop.RunAsync(transport, remote, context.Abort));
    }
}
