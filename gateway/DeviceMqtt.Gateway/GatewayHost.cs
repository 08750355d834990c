using System.Net;
using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Relay;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Sessions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DeviceMqtt.Gateway;

/// <summary>The gateway put together: one host with the broker, its listeners and its upstream.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    /// <summary>The most that a clean stop may take.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly List<ListenOptions> _mqtt = [];
    private ListenOptions? _http;

    private GatewayHost(GatewayOptions options, UpstreamAddress? upstream, Action<ILoggingBuilder>? logging, TimeProvider time)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(TransportSettings.Apply);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Logging.SetMinimumLevel(options.Log.Level);
        // The host's own chatter ("Now listening on http://" for an MQTT port) would mislead.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        logging?.Invoke(builder.Logging);
        AddBroker(builder.Services, options, time);
        if (upstream is not null)
            builder.Services.AddRelay(upstream, options.Relay);

        _app = builder.Build();
        Broker = _app.Services.GetRequiredService<Broker>();
        Uplink = _app.Services.GetService<Uplink>();
        if (_app.Services.GetService<RelaySession>() is { } relay)
            Broker.ConnectUpstream(relay);
        _app.Lifetime.ApplicationStopping.Register(CloseConnections);
        if (_http is not null || !IsOff(options.Http))
        {
            _app.UseWebSockets();
            _app.Run(HttpFront.HandleAsync);
        }
    }

    public Broker Broker { get; }

    /// <summary>The link to the upstream; null when none is set.</summary>
    public Uplink? Uplink { get; }

    /// <summary>Where MQTT is listened for, once started.</summary>
    public IEnumerable<IPEndPoint> MqttEndPoints => _mqtt.Select(l => l.IPEndPoint!);

    /// <summary>Where HTTP is listened for, once started; null when it is off.</summary>
    public IPEndPoint? HttpEndPoint => _http?.IPEndPoint;

    /// <exception cref="SettingException">A setting cannot be used.</exception>
    public static GatewayHost Create(GatewayOptions options, Action<ILoggingBuilder>? logging = null, TimeProvider? time = null)
    {
        string? wrong = options.Limits.Check() ?? options.Sys.Check() ?? new GroupPolicies(options.Policies).Check();
        if (wrong is not null)
            throw new SettingException(wrong);
        if (options.Relay.Check() is { } wrongRelay)
            throw new SettingException(wrongRelay);
        UpstreamAddress? upstream = options.Upstream.Length > 0 ? UpstreamAddress.Parse(options.Upstream) : null;
        return new GatewayHost(options, upstream, logging, time ?? TimeProvider.System);
    }

    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public Task StartAsync(CancellationToken cancellation = default) => _app.StartAsync(cancellation);

    /// <summary>Returns when the process is asked to stop, and everything has.</summary>
    public Task WaitForStopAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    public async Task StopAsync()
    {
        using CancellationTokenSource timeout = new(StopTimeout);
        await _app.StopAsync(timeout.Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void AddBroker(IServiceCollection services, GatewayOptions options, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton(options.Limits);
        services.AddSingleton(options.Security);
        services.AddSingleton<Turn>();
        services.AddSingleton<GatewayCounters>();
        services.AddSingleton<Broker>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton(new GroupPolicies(options.Policies));
        services.AddSingleton(s => s.GetRequiredService<ILoggerFactory>().CreateLogger("Connections"));
        services.AddSingleton<ConnectReceiver>();
        services.AddSingleton<PacketReceiver>();
        services.AddSingleton<ConnectionTable>();
        services.AddSingleton<ConnectionLoop>();
        services.AddHostedService<Heartbeat>();
        services.AddSingleton(options.Sys);
        services.AddSingleton<SysTopics>();
        services.AddHostedService<SysTimer>();
    }

    private void Listen(KestrelServerOptions kestrel, GatewayOptions options)
    {
        List<string> addresses = options.Listen.Count == 0 ? ["127.0.0.1:1883"] : options.Listen;
        foreach (string address in addresses)
        {
            kestrel.Listen(ListenAddress.Parse("Listen", address), listen =>
            {
                listen.UseConnectionHandler<MqttConnectionHandler>();
                _mqtt.Add(listen);
            });
        }

        if (!IsOff(options.Http))
        {
            kestrel.Listen(ListenAddress.Parse("Http", options.Http), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                _http = listen;
            });
        }
    }

    private void CloseConnections()
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        _app.Services.GetRequiredService<ConnectionTable>().CloseAll();
    }

    private static bool IsOff(string http) => string.Equals(http, "off", StringComparison.OrdinalIgnoreCase);
}
