using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What is there over HTTP: MQTT over WebSocket at <c>/mqtt</c>, and the pages of the console everywhere else. Made only when HTTP is on.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const string Subprotocol = "mqtt"; // [MQTT-6.0.0-4]
    private const string SubprotocolOf31 = "mqttv3.1";
    private readonly MqttBroker _broker;
    private readonly IPEndPoint _wanted;
    private readonly OriginRules _origins;
    private readonly TimeProvider _time;
    private readonly WebApplication _app;
    private readonly IHttpPages? _pages;
    private readonly Lazy<RequestDelegate?> _pagesMade;
    private ListenOptions? _listening;

    public HttpFront(IPEndPoint endPoint, MqttBroker broker, GatewayLimits limits, OriginRules origins, ILoggerFactory loggers, TimeProvider time, IHttpPages? pages = null)
    {
        _broker = broker;
        _wanted = endPoint;
        _origins = origins;
        _time = time;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // A message in Base64, in JSON.
            kestrel.Limits.MaxRequestBodySize = (2L * limits.PacketBytesMax) + (64 * 1024);
            kestrel.Limits.MaxConcurrentConnections = limits.HttpConnectionsMax;
            kestrel.Limits.MaxConcurrentUpgradedConnections = limits.ConnectionsMax;
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                _listening = listen;
            });
        });
        builder.Services.AddSingleton(loggers);
        _pages = pages;
        pages?.AddServices(builder.Services);
        _app = builder.Build();
        // A gateway that nobody looks at has none of it in memory.
        _pagesMade = new Lazy<RequestDelegate?>(() => pages?.Build(((IApplicationBuilder)_app).New()));
        _app.UseWebSockets();
        _app.Run(HandleAsync);
    }

    /// <summary>The address with its real port, once started.</summary>
    public IPEndPoint EndPoint => _listening!.IPEndPoint!;

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _app.StartAsync(cancellation);
            _pages?.Started();
        }
        catch (SocketException exception)
        {
            throw ListenFailure.Name(_wanted, exception);
        }
    }

    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != "/mqtt")
        {
            if (_pagesMade.Value is { } pages)
                await pages(context);
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            await context.Response.WriteAsync("MQTT over WebSocket, subprotocol mqtt\n");
            return;
        }

        // A browser sends the origin of the page; any page anywhere may open a WebSocket to this machine, and only we can refuse.
        if (!_origins.Allows(context.Request.Headers.Origin, context.Request.Host))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("a page of this origin may not connect: see the setting Security:Origins\n");
            return;
        }

        await ServeAsync(context);
    }

    private async Task ServeAsync(HttpContext context)
    {
        // The subprotocol chosen must be one the client offered; none is chosen when it offers none that is MQTT.
        IList<string> offered = context.WebSockets.WebSocketRequestedProtocols;
        string? chosen = Array.Find([Subprotocol, SubprotocolOf31], known => offered.Contains(known, StringComparer.Ordinal));
        using WebSocket? socket = await TryAcceptAsync(context, chosen);
        if (socket is null)
            return;
        IPEndPoint? remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        Socket? tcp = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        WebSocketTransport webSocket = new(socket, context.Abort, _time, context.RequestAborted);
        await webSocket.RunAsync(transport =>
            _broker.ServeAsync(transport, remote, context.Abort, () => TcpProgress.BytesAcknowledged(tcp), () => TcpProgress.BytesUnread(tcp)));
    }

    private static async Task<WebSocket?> TryAcceptAsync(HttpContext context, string? subprotocol)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync(subprotocol);
        }
        catch (InvalidOperationException) when (!context.Response.HasStarted)
        {
            // Kestrel has no other word for it: there are as many WebSockets as there may be connections.
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return null;
        }
    }
}
