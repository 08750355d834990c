using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What is there over HTTP: MQTT over WebSocket at any path, and the pages of the console. Made only when HTTP is on.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    /// <summary>Bytes that a connection may have in memory before its sender is known.</summary>
    public const int BytesOfOneMax = StrangersBodyBytesMax + HeaderBytesMax + ReadAheadBytesMax + UnsentBytesMax;

    /// <summary>Bytes of a connection that are taken from the kernel before whoever serves it asks for them. Chosen: the more, the longer the turn waits for a hundred of them.</summary>
    public const int ReadAheadBytesMax = 8 * 1024;

    /// <summary>Bytes of answers that a client does not take, and that are not with the kernel. Chosen: as little as keeps the kernel busy.</summary>
    public const int UnsentBytesMax = 16 * 1024;

    private const string Subprotocol = "mqtt"; // [MQTT-6.0.0-4]
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(15); // chosen: a page asks more often, or holds its request open
    private const double AnswerBytesPerSecond = 4 * 1024; // chosen: a bad radio link; the largest file of the console is there in half a minute
    private const double WebSocketBytesPerSecond = 240; // Kestrel's own: the broker sees to those that do not read
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WebSocketGrace = TimeSpan.FromSeconds(5);
    private const string SubprotocolOf31 = "mqttv3.1";
    private const int StrangersBodyBytesMax = 8 * 1024; // chosen: several times what a login needs (Web/BodyMax)
    private const int HeaderBytesMax = 64 * 1024; // of a request, as text: twice what Kestrel takes
    private const int OriginLoggedMax = 200; // chosen: a scheme, a host and a port
    private readonly MqttBroker _broker;
    private readonly HttpListening _wanted;
    private readonly OriginRules _origins;
    private readonly TimeProvider _time;
    private readonly WebApplication _app;
    private readonly IHttpPages? _pages;
    private readonly PagesOnDemand? _pagesMade;
    private readonly GatewayLimits _limits;
    private readonly TimeSpan _firstBytes;
    private readonly HttpSeats _seats;
    private readonly List<ListenOptions> _listening = [];

    public HttpFront(HttpListening wanted, MqttBroker broker, GatewayLimits limits, OriginRules origins, ILoggerFactory loggers, TimeProvider time)
    {
        _broker = broker;
        _wanted = wanted;
        _origins = origins;
        _time = time;
        _limits = limits;
        _firstBytes = TimeSpan.FromSeconds(limits.HandshakeSecondsMax);
        _seats = new HttpSeats(limits, wanted.Proxies, wanted.Lines, time);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(static sockets => TransportSettings.ApplyForHttp(sockets, ReadAheadBytesMax, UnsentBytesMax)).ConfigureKestrel(kestrel =>
        {
            // A stranger sends a name and a password. Whoever was let in may send more (Web/RequestBodies).
            kestrel.Limits.MaxRequestBodySize = StrangersBodyBytesMax;
            kestrel.Limits.MaxRequestBufferSize = HeaderBytesMax;
            kestrel.Limits.MaxResponseBufferSize = UnsentBytesMax;
            // A byte now and then holds a place for hours.
            kestrel.Limits.MinResponseDataRate = new MinDataRate(AnswerBytesPerSecond, AnswerGrace);
            kestrel.Limits.MaxConcurrentConnections = null; // HttpSeats counts them
            // One that is open and says nothing takes the place of another.
            kestrel.Limits.KeepAliveTimeout = IdleTimeout;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.ConnectSecondsMax);
            kestrel.Limits.MaxConcurrentUpgradedConnections = null; // Limits:ConnectionsMax may change: see HandleAsync
            foreach (ListenOn on in wanted.On)
                kestrel.Listen(on.EndPoint, listen => Listen(listen, on.IsTls));
        });
        builder.Services.AddSingleton<ILoggerFactory>(new HandshakeLoggers(loggers));
        _pages = wanted.Pages;
        _app = builder.Build();
        _pagesMade = _pages is null ? null : new PagesOnDemand(_pages, _app.Services);
        ForwardedClient.Use(_app, wanted.Proxies);
        _app.UseWebSockets();
        RequestDelegate answer = HandleAsync;
        _app.Run(context => _seats.AnswerAsync(context, answer));
    }

    /// <summary>The addresses with their real ports, once started.</summary>
    public IEnumerable<ListenOn> On => _listening.Select((listen, i) => new ListenOn(listen.IPEndPoint!, _wanted.On[i].IsTls));

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
            throw ListenFailure.Name(exception, _wanted.On.Select(static on => on.EndPoint));
        }
    }

    public Task StopAsync(CancellationToken cancellation) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Listen(ListenOptions listen, bool isTls)
    {
        listen.Protocols = HttpProtocols.Http1;
        _ = listen.Use(_seats.Use);
        _listening.Add(listen);
        if (isTls)
            _wanted.Tls!.Apply(listen, isHttp: true);
        else
            listen.Use(next => connection => FirstBytes.ServePlainAsync(connection, next, _wanted.Lines, _firstBytes));
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (!IsForMqtt(context))
        {
            // With a page in its place a client would say that it got status 200, and nobody would know why.
            if (context.WebSockets.IsWebSocketRequest)
                await RefuseWebSocketAsync(context);
            else if (_pagesMade is null)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (context.Request.ContentLength > StrangersBodyBytesMax && IsStranger(context.Request))
                await RefuseBodyAsync(context);
            else
                await (await _pagesMade.GetAsync())(context);
            return;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            await context.Response.WriteAsync("MQTT over WebSocket, subprotocol mqtt\n");
            return;
        }

        // A browser sends the origin of the page; any page anywhere may open a WebSocket to this machine, and only we can refuse.
        string origin = context.Request.Headers.Origin.ToString();
        if (!_origins.Allows(origin, context.Request.Host) && OriginRules.IsBrowser(context.Request.Headers))
        {
            _wanted.Lines.Refused(ForwardedClient.RemoteOf(context), $"a page of '{SafeText.Of(origin, OriginLoggedMax)}', or a program that sends Origin and other headers of a browser, may not open a WebSocket; it may with Security:Origins:0={SafeText.Of(origin, OriginLoggedMax)}");
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("a page of this origin may not connect: see the setting Security:Origins\n");
            return;
        }

        // The broker has one without a CONNECT end for the newcomer, whatever it comes over.
        if (_broker.SettledCount >= _limits.ConnectionsMax)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else
            await ServeAsync(context);
    }

    // Whoever was let in says so with each request. One who lies is found out by the pages.
    private static bool IsStranger(HttpRequest request) => request.Headers.Authorization.Count == 0 && request.Headers.Cookie.Count == 0;

    // Before there are pages: to make them computes for a third of a second, and hundreds who came meanwhile went on all at once. It is as the pages would say it.
    private static async Task RefuseBodyAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        response.ContentType = "application/problem+json"; // RFC 9457
        response.Headers.CacheControl = "no-store";
        response.Headers.Connection = "close"; // the body is not read
        await response.WriteAsync($$"""{"type":"about:blank","title":"Too long","status":413,"detail":"The body has {{context.Request.ContentLength}} bytes; without a login it has {{StrangersBodyBytesMax}} at most."}""");
    }

    // Clients are told ws://host:port and a path, or no path at all, and other brokers have other paths (/ws, /api/mqtt/v1). Nothing else here speaks WebSocket: who offers MQTT means it.
    private static bool IsForMqtt(HttpContext context) => context.Request.Path.Value is "/mqtt" or "/mqtt/" || (context.WebSockets.IsWebSocketRequest && Offered(context) is not null);

    private async Task RefuseWebSocketAsync(HttpContext context)
    {
        _wanted.Lines.Refused(ForwardedClient.RemoteOf(context), $"a WebSocket at '{SafeText.Of(context.Request.Path.Value ?? "", OriginLoggedMax)}' without the subprotocol mqtt: MQTT is at /mqtt, and with that subprotocol at any path");
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        await context.Response.WriteAsync("MQTT over WebSocket is at /mqtt, and with the subprotocol mqtt at any path\n");
    }

    // The subprotocol chosen must be one the client offered; none is chosen when it offers none that is MQTT.
    private static string? Offered(HttpContext context)
    {
        IList<string> offered = context.WebSockets.WebSocketRequestedProtocols;
        return Array.Find([Subprotocol, SubprotocolOf31], known => offered.Contains(known, StringComparer.Ordinal));
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = new MinDataRate(WebSocketBytesPerSecond, WebSocketGrace);
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(Offered(context));
        _seats.Upgraded(context);
        EndPoint? remote = ForwardedClient.RemoteOf(context);
        X509Certificate2? certificate = context.Connection.ClientCertificate;
        remote = _wanted.Tls?.Identify(remote, certificate) ?? remote;
        Socket? tcp = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        int tlsBytes = context.Features.Get<ITlsHandshakeFeature>() is null ? 0 : TlsConnections.BytesOf(certificate);
        WebSocketTransport webSocket = new(socket, context.Abort, _time, context.RequestAborted);
        Task Serve() => webSocket.RunAsync(transport =>
            _broker.ServeAsync(transport, remote, context.Abort, tcp, tlsBytes));
        await (_wanted.Tls?.ServeAsync(context, certificate, remote, context.Abort, Serve) ?? Serve());
    }
}
