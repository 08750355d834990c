using System.Net;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Gateway.Api;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>The gateway put together: the broker, what runs beside it, its listeners and its upstream.</summary>
internal sealed partial class GatewayHost : IAsyncDisposable
{
    /// <summary>The most that a clean stop may take.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>In the data folder.</summary>
    public const string JournalFolder = DurableBroker.JournalFolder;

    private readonly Ground _ground;
    private readonly MqttBroker _broker;
    private readonly Logins _logins;
    private readonly UserDirectory _directory;
    private readonly AuditTrail? _audit;
    private readonly MqttListeners _mqtt;
    private readonly TlsParts? _tls;
    private readonly TlsListeners? _mqtts;
    private readonly HttpFront? _http;
    private readonly SntpServer? _sntp;
    private readonly BackgroundService? _homeAssistant;
    private readonly Heartbeat _heartbeat;
    private readonly Observation? _observation;
    private readonly ConsolePages? _pages;
    private readonly OriginRules _origins;
    private readonly TraceRows _traces;
    private readonly Lazy<GatewayMeter> _meter;
    private readonly OtlpOptions _otlpOptions;
    private OtlpExport? _otlp;
    private readonly List<BackgroundService> _background;
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log;
    private readonly string _memory;
    private readonly ConnectionEvents _events;

    // From the bottom to the top, as in the picture of gateway/docs/architecture.md.
    private GatewayHost(GatewayOptions options, ListenSettings listen, IReadOnlyList<RelayOptions> upstreams, ILoggerFactory loggers, TimeProvider time, IJournalStorage? storage)
    {
        _log = loggers.CreateLogger("Gateway");

        // What the broker stands on: its limits and its ports.
        Ground ground = new(time, options.Limits) { IsVolatile = new TopicRules(options.Topics).IsVolatile };
        _events = new ConnectionEvents(loggers.CreateLogger("Connections"), options.Log, options.Limits, ground.Turn, new GroupPolicies(options.Policies)) { Who = clientId => _broker?.State.Sessions.Find(clientId)?.Name };
        ground.Events = _events;
        _memory = MemoryFit.Sum(options.Limits, Watched(options, listen), options.Trace);
        if (Watched(options, listen) is { } watched)
        {
            _observation = new Observation(ground, new NotedBytes(watched.ReadingsBytesMax), _events, time);
            ground.Events = _observation.Events;
            ground.Watch = _observation.Lookout;
            loggers.AddProvider(_observation.Log);
        }

        _traces = new TraceRows(new TraceBook(options.Trace, ground.Counters, ground.Turn), ground.Turn, ground.Clock, options.Limits);
        ground.TraceAnswers = new TraceAnswers(_traces, ground.Turn);
        (ground.P2P, ground.Mqtt, ground.Presence) = (options.P2P, options.Mqtt, options.Presence);
        ground.GatewayAddress = GatewayAddressText.Of(listen.Mqtt.Select(static on => on.EndPoint));
        _ground = ground;
        _logins = new Logins(options.Limits, time, PasswordHash.Fits);
        ILogger security = loggers.CreateLogger("Security");
        UserFile users = new(options.KeepsData ? options.Data : null, security);
        _directory = new UserDirectory(options.Security, users, options.KeepsData ? new RoleFile(options.Data, security) : null) { LookNumber = static () => MqttListeners.LookNumber };
        _ = _directory.HasChanged(); // from here on
        ground.Access = new Authenticator(_directory, _logins, security);
        if (options.KeepsData)
        {
            _audit = new AuditTrail(options.Data, time, security);
            (_events.AuditIn, _events.AuditRefused) = (_audit.Of(AuditKind.In), _audit.Of(AuditKind.Refused));
        }

        JournalCustody? custody = options.KeepsData ? new JournalCustody(ground, LinuxMachineClock.Of(time)) : null;
        ground.Custody = custody ?? ground.Custody;

        // The broker, what of it outlives the process, and its links to upstreams.
        _broker = new MqttBroker(ground, new GroupPolicies(options.Policies), time);
        Uplinks = RelayParts.Create(upstreams, Broker, new RelayWorld(time), loggers.CreateLogger("Relay"));
        if (custody is not null)
            State = new DurableState(Broker, custody, storage ?? new DirectoryStorage(Path.Combine(options.Data, JournalFolder)), loggers.CreateLogger("Journal"), time) { Seen = _observation is null ? null : _observation.TakeOld };

        DiskRate disk = DiskRate.Of(Broker.Turn, State);
        (_meter, _otlpOptions) = (new Lazy<GatewayMeter>(() => new GatewayMeter(_broker, State, Uplinks)), options.Otlp);

        // How clients reach it.
        TrustedProxies trusted = new(options.Security);
        _origins = new OriginRules(options.Security);
        HandshakeLines lines = new(loggers.CreateLogger("Tls"), time) { WrongPort = _observation is { } noted ? noted.TakeWrongPort : null };
        ProxyHeaders proxies = new(trusted, options.Limits, time, lines);
        _tls = listen.HasTls ? new TlsParts(options, _broker, BelievedTime, lines, loggers.CreateLogger("Tls"), time) : null;
        _mqtt = new MqttListeners(listen.Plain, options.KeepsData ? options.Data : null, proxies, options.PollSockets, _broker, loggers);
        if (listen.Secure.Count > 0)
            _mqtts = new TlsListeners(listen.Secure, _tls!.Connections, proxies, _broker, loggers, time);
        if (listen.Http.Count > 0)
        {
            _pages = _observation is null ? null : MakePages(options, _observation, users, disk, loggers.CreateLogger("Console"), time);
            _http = new HttpFront(new HttpListening(listen.Http, _tls?.Connections, trusted, lines) { Pages = _pages }, _broker, options.Limits, _origins, loggers, time);
        }

        // What goes on beside.
        SysTopics sys = new(_broker, State, Uplinks, disk);
        SysTimer sysTimer = new(sys, options.Sys, Broker.Turn, time);
        foreach (Uplink uplink in Uplinks)
            uplink.Changed = sysTimer.PublishNow;
        if (options.Time.HasSntp)
            _sntp = new SntpServer(ListenAddress.Parse("Time:Sntp", options.Time.Sntp), BelievedTime);
        Orders = options.KeepsData ? MakeOrders(options, sys, loggers.CreateLogger("Gateway")) : null;
        _heartbeat = new Heartbeat(_broker, (_directory, _audit), _events, State, time, _observation) { Report = new GatewayReport(_broker, State, Uplinks, options.Data, disk), Disk = disk, PagesOpened = _pages is { } pages ? () => pages.Opened : null };
        _background = [_heartbeat, sysTimer, .. Uplinks];
        if (_sntp is not null)
            _background.Add(_sntp);
        if (Orders is not null)
            _background.Add(Orders);
        if (options.HomeAssistant.Enabled)
            _background.Add(_homeAssistant = new HomeAssistantPart(options.HomeAssistant, _broker, loggers.CreateLogger("HomeAssistant"), time));
        if (_tls is not null)
            _background.Add(_tls.Watch);
    }

    private ConsolePages MakePages(GatewayOptions options, Observation observation, UserFile users, DiskRate disk, ILogger log, TimeProvider time)
    {
        observation.Relay.Uplinks = Uplinks;
        observation.Journal.State = State;
        ConsoleSource source = new() { Mqtt = _broker, Observation = observation, Uplinks = Uplinks, State = State, Disk = disk, Traces = _traces, Meter = _meter, Options = options, Directory = _directory, Users = users, Audit = _audit, Certificate = _tls?.Certificate, Time = time };
        return new ConsolePages(source, _logins, _origins, log);
    }

    public BrokerState Broker => _broker.State;

    /// <summary>Called once a second, as long as turns come to an end.</summary>
    public Action? Alive { set => _heartbeat.Alive = value; }

    /// <summary>Called when what was loaded has come to rest: see <see cref="Heartbeat.Settled"/>.</summary>
    public Action? Settled { set => _heartbeat.Settled = value; }

    /// <summary>What the command line may have done; null where nothing is kept, so that there is no folder to find it in.</summary>
    public OrderServer? Orders { get; }

    /// <summary>The links to the upstreams that are set.</summary>
    public IReadOnlyList<Uplink> Uplinks { get; }

    /// <summary>What is kept on disk; null when nothing is.</summary>
    public DurableState? State { get; }

    /// <summary>
    /// Completes when a part that runs beside the connections has ended by a fault of the gateway itself, which the log has:
    /// without its timers nothing expires and nobody is found silent, so the process has to end.
    /// </summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>Where MQTT is listened for, over TCP and TLS, once started.</summary>
    public IEnumerable<ListenOn> MqttOn => [.. _mqtt.EndPoints.Select(static at => new ListenOn(at, IsTls: false)), .. MqttsEndPoints.Select(static at => new ListenOn(at, IsTls: true))];

    /// <summary>Where MQTT is listened for over TCP alone, once started.</summary>
    public IEnumerable<IPEndPoint> MqttEndPoints => _mqtt.EndPoints;

    /// <summary>Plain connections of MQTT whose socket is not closed yet.</summary>
    internal int MqttSocketCount => _mqtt.SocketCount;

    /// <summary>Where MQTT is listened for over TLS, once started.</summary>
    public IEnumerable<IPEndPoint> MqttsEndPoints => _mqtts?.EndPoints ?? [];

    /// <summary>Where HTTP is listened for, over TCP and TLS, once started.</summary>
    public IEnumerable<ListenOn> HttpOn => _http?.On ?? [];

    /// <summary>The first of them; null when HTTP is off.</summary>
    public IPEndPoint? HttpEndPoint => _http?.On.First().EndPoint;

    /// <exception cref="SettingException">A setting cannot be used.</exception>
    public static GatewayHost Create(GatewayOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null) => CreateOn(null, options, loggers, time);

    /// <summary>The same with its journal on another disk than that of the data folder.</summary>
    internal static GatewayHost CreateOn(IJournalStorage? disk, GatewayOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ILogger log = (loggers ??= NullLoggerFactory.Instance).CreateLogger("Gateway");
        Fit(options, out ListenSettings listen, out List<RelayOptions> upstreams).ForEach(log.BoundsLowered);
        return new GatewayHost(options, listen, upstreams, loggers, time ?? TimeProvider.System, disk);
    }

    /// <exception cref="JournalException">The data folder is in use, of a newer version or damaged.</exception>
    /// <exception cref="IOException">An address cannot be listened on, or the data folder cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        // Nobody is let in before everything is as it was.
        State?.Open();
        _heartbeat.Heap = HeapRest.Of(_broker);
        _heartbeat.Heap.Started();
        Broker.Turn.AtLast = GrowingHeap.Of(_broker).Look;
        await _mqtt.StartAsync(cancellation);
        if (_mqtts is not null)
            await _mqtts.StartAsync(cancellation);
        _ground.GatewayAddress = GatewayAddressText.Of(MqttOn.Select(static on => on.EndPoint)); // with the ports that were free
        if (_http is not null)
            await _http.StartAsync(cancellation);
        // It has its addresses, and goes on. Users may have been removed, and added again, while it was stopped.
        using (Broker.Turn.Enter())
            Broker.ReviewAccess(isStart: true);
        foreach (BackgroundService service in _background)
        {
            await service.StartAsync(cancellation);
            _ = WatchAsync(service);
        }

        _log.MemorySum(_memory);
        if (_otlpOptions.Endpoint.Length > 0)
            BeginExport();
        if (_observation is not null)
            _observation.FillReadings();
    }

    // A method of its own: where no address is set its types are not loaded.
    private void BeginExport()
    {
        _ = _meter.Value;
        _otlp = new OtlpExport(_otlpOptions, SettingSecrets.Shown("Otlp:Endpoint", _otlpOptions.Endpoint), _log);
    }

    /// <summary>Ends all connections, without Wills, and returns when everything has stopped, or <see cref="StopTimeout"/> is over.</summary>
    public async Task StopAsync()
    {
        using CancellationTokenSource timeout = new(StopTimeout);
        if (_homeAssistant is not null)
            await _homeAssistant.StopAsync(timeout.Token); // a client: it leaves before it is sent away
        _broker.CloseAll();
        await _mqtt.StopAsync(timeout.Token);
        if (_mqtts is not null)
            await _mqtts.StopAsync(timeout.Token);
        if (_http is not null)
            await _http.StopAsync(timeout.Token);
        foreach (BackgroundService service in _background)
            await service.StopAsync(timeout.Token);
        ReportRest();
        _audit?.Write();
        if (State is not null)
            await State.DisposeAsync();
    }

    private OrderServer MakeOrders(GatewayOptions options, SysTopics sys, ILogger log)
    {
        OrderServer orders = new(options.Data, log);
        if (State is { } state)
            orders.On(HeldJournal.Word, (line, stop) => HeldJournal.HoldAsync(state.Hold, SettingsElsewhere(options), line, stop));
        orders.On(OrderServer.Listening, (_, _) => Task.FromResult(new OrderAnswer(0, [.. MqttOn.Select(static on => $"{(on.IsTls ? "mqtts" : "mqtt")}://{on.EndPoint}")])));
        orders.On(OrderServer.Status, (_, _) => Task.FromResult(new OrderAnswer(0, ReadStatus(sys))));
        return orders;
    }

    // Those in the data folder are in a backup anyway.
    private static string SettingsElsewhere(GatewayOptions options) =>
        options.File.StartsWith(Path.GetFullPath(options.Data) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "" : options.File;

    private List<string> ReadStatus(SysTopics sys)
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        List<string> lines = [.. sys.Read().Select(static each => $"{each.Name} {each.Value}")];
        if (_tls?.WhyNotValid(Broker.Clock.NowUnixMs) is { } why)
            lines.Add($"{StatusWords.Certificate} {why}");
        return lines;
    }

    private DateTimeOffset? BelievedTime()
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        return Broker.Clock.BelievedUnixMs is { } unixMs ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs) : null;
    }

    // Connections, upstreams and timers have ended: nothing more is dropped.
    private void ReportRest()
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        _events.ReportRest();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BackgroundService service in _background)
            service.Dispose();
        if (_http is not null)
            await _http.DisposeAsync();
        _pages?.Dispose();
        if (_mqtts is not null)
            await _mqtts.DisposeAsync();
        await _mqtt.DisposeAsync();
        _logins.Dispose();
        _traces.Dispose();
        _otlp?.Dispose();
        if (_meter.IsValueCreated)
            _meter.Value.Dispose();
        if (State is not null)
            await State.DisposeAsync();
    }

    private async Task WatchAsync(BackgroundService service)
    {
        Task running = service.ExecuteTask!;
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.Exception is not { InnerException: { } fault })
            return;
        _log.PartFailed(fault, service.GetType().Name);
        _ = _failed.TrySetResult(fault);
    }
}
