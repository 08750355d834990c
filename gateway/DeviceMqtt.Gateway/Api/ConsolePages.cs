using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Http.Json;
using Scalar.AspNetCore;

namespace DeviceMqtt.Gateway.Api;

/// <summary>The HTTP API and the console's pages, put together: made with the first request that is not for MQTT.</summary>
internal sealed class ConsolePages : IHttpPages, IDisposable
{
    /// <summary>Path that the API begins with.</summary>
    public const string Root = "/api/v1";
    private readonly ConsoleSource _source;
    private readonly ILogger _log;
    private readonly SessionApi _session;
    private readonly Accounts _accounts;
    private readonly SessionStore _sessions;
    private readonly Gate _gate;
    private readonly AnswerRoom _answers;
    private ServiceProvider? _services;
    private volatile StreamHub? _hub;

    public ConsolePages(ConsoleSource source, Logins logins, OriginRules origins, ILogger log)
    {
        _source = source;
        _log = log;
        string? data = source.Options.KeepsData ? source.Options.Data : null;
        _accounts = new Accounts(source.Directory, source.Users, new KeyFile(data), logins, source.Time);
        _sessions = new SessionStore(source.Options.Console, source.Time);
        _answers = new AnswerRoom(source.Broker.Limits)
        {
            Refused = (caller, why) => log.AnswerRefused(caller.Name, why),
            GivenUp = (caller, bytes) => log.AnswerGivenUp(caller.Name, bytes),
        };
        _gate = new Gate(_accounts, _sessions, origins, new RequestBodies(source.Broker.Limits), _answers) { Found = static (context, caller) => HttpSeats.Found(context, caller?.Name, caller?.Role == ConsoleRole.Operator) };
        _session = new SessionApi(source, _accounts, _sessions, _gate, new OneTimeCode(data, source.Time), log);
    }

    /// <summary>Pages that were opened so far; the first request of any kind is one. Safe from any thread.</summary>
    public int Opened => _hub is { } hub ? 1 + hub.Opened : 0;

    /// <summary>Listening has begun: whoever is to be the first operator finds a code in the log.</summary>
    public void Started() => _session.SayCode();

    // A container of its own: what it needs takes megabytes, which the host of the listeners would load at its start.
    private ServiceProvider MakeServices(IServiceProvider host)
    {
        ServiceCollection services = new();
        _ = services.AddSingleton(host.GetRequiredService<ILoggerFactory>()).AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        _ = services.AddSingleton(host.GetRequiredService<IHostEnvironment>()).AddSingleton(host.GetRequiredService<DiagnosticListener>()).AddSingleton(host.GetRequiredService<IMeterFactory>());
        _ = services.AddOptions().AddRoutingCore();
        _ = services.Configure<JsonOptions>(static json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        // What cannot be read of a query or a body comes as an exception: ApiFaults has the words for it.
        _ = services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        ApiDescription.Add(services, _source.Broker.Limits);
        return services.BuildServiceProvider();
    }

    public RequestDelegate Build(IServiceProvider host)
    {
        _services = MakeServices(host);
        ApplicationBuilder branch = new(_services);
        DoctorRound doctor = new(new DoctorSource(_source.Broker, _source.Observation, _source.Uplinks, _source.State, () => _source.Mqtt.Connections.Count, _source.Certificate, _source.Options.Security.AllowAnonymous) { OverdueOf = new DeviceRows(_source).OverdueOf });
        DeviceList list = new(_source, doctor);
        _hub = new StreamHub(_source, list, _answers, _log);
        StaticPages pages = new();
        _ = branch.Use(next => context => ServeAsync(context, next));
        ApiFaults faults = new(Root, _source.Broker.Limits);
        _ = branch.Use(next => context =>
        {
            faults.TakeHeadAsGet(context);
            return next(context);
        });
        _ = branch.UseRouting();
        _ = branch.Use(next => context => faults.RunAsync(context, next));
        _ = branch.Use(next => context => _gate.RunAsync(context, next));
        _ = branch.Use(next => context => Asks.RunAsync(context, next));
        ChangeGate changes = new(_source.Audit, _source.Time);
        _ = branch.Use(next => context => changes.RunAsync(context, next));
        _ = branch.UseEndpoints(root =>
        {
            HealthApi health = new(_source, doctor);
            health.MapProbes(root);
            _ = root.MapGet("/metrics", Metrics).WithMetadata(Needs.ToSee).WithTags("Health").WithSummary("Figures for Prometheus").Produces<string>(StatusCodes.Status200OK, "text/plain");
            RouteGroupBuilder api = root.MapGroup(Root);
            _session.Map(api);
            new StartApi(_session, _gate, _answers, list).Map(api);
            new DevicesApi(_source, list).Map(api);
            new ClientsApi(_source).Map(api);
            new MessagesApi(_source, _gate).Map(api);
            new TraceApi(_source).Map(api);
            new RelayApi(_source).Map(api);
            health.Map(api);
            new UsersApi(_source, _accounts, _sessions).Map(api);
            new ProvisionApi(_source, _accounts).Map(api);
            new SettingsApi(_source).Map(api);
            new StreamApi(_hub, _gate).Map(api);
            root.MapOpenApi(Root + "/openapi.json").WithMetadata(new Needs(ConsoleRole.Monitor));
            _ = root.MapScalarApiReference(Root + "/docs", static scalar => scalar.WithOpenApiRoutePattern(Root + "/openapi.json").WithTitle("DeviceMqtt API")).WithMetadata(new Needs(ConsoleRole.Monitor));
        });
        branch.Run(pages.SendAsync);
        return branch.Build();
    }

    private async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        await using AsyncServiceScope scope = _services!.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        await next(context);
    }

    public void Dispose()
    {
        _services?.Dispose();
        _hub?.Dispose();
    }

    private TextAnswer Metrics() => new(TurnWork.Read(_source.Broker.Turn, () => PrometheusText.Collect(_source.Meter.Value)), PrometheusText.ContentType);
}
