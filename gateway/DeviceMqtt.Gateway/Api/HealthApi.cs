using System.Diagnostics;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/health</c>, the ledger, the log; <c>/healthz</c> and <c>/readyz</c> for what watches the process.</summary>
internal sealed class HealthApi(ConsoleSource source, DoctorRound doctor)
{
    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error", "critical"];
    private TimeSpan _lastCpu;
    private long _lastMs;

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/").WithTags("Health");
        group.MapGet("/health", HealthAsync).WithMetadata(Needs.ToSee).WithSummary("The promises as figures, and what is not well").Produces<GatewayShapes.Health>();
        group.MapGet("/ledger", LedgerNow).WithMetadata(Needs.ToSee).WithSummary("accepted = delivered + pending + expired + dropped").Produces<IReadOnlyList<GatewayShapes.Account>>();
        group.MapGet("/log", Log).WithMetadata(Needs.ToSee, Asks.Number("since", 0, long.MaxValue), Asks.OneOf("level", Levels)).WithSummary("The last lines of the log").Produces<GatewayShapes.Log>();
    }

    /// <summary>For a supervisor: no login, and no word about what is inside.</summary>
    public void MapProbes(IEndpointRouteBuilder root)
    {
        root.MapGet("/healthz", () => new Answer<GatewayShapes.Ready>(new GatewayShapes.Ready("ok", null), ApiJson.Default.Ready)).WithMetadata(Needs.Nothing).WithTags("Health").WithSummary("The process answers").Produces<GatewayShapes.Ready>();
        root.MapGet("/readyz", Ready).WithMetadata(Needs.Nothing).WithTags("Health").WithSummary("Messages are accepted").Produces<GatewayShapes.Ready>().Produces<GatewayShapes.Ready>(StatusCodes.Status503ServiceUnavailable);
    }

    private Answer<GatewayShapes.Ready> Ready(HttpContext context)
    {
        string? why = source.State?.Status is { } journal ? journal.IsFailed ? "the disk does not take the journal" : journal.IsFull ? "the journal is full" : null : null;
        if (why is not null)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return new Answer<GatewayShapes.Ready>(new GatewayShapes.Ready(why is null ? "ok" : "not ready", why), ApiJson.Default.Ready);
    }

    private async Task<IResult> HealthAsync()
    {
        Finding finding = await doctor.LookAsync();
        // Outside the turn: the system is asked.
        (long free, long perDay, double load) = (source.State is null ? 0 : DiskRoom.FreeBytes(source.Options.Data), source.Disk.BytesPerDay(), LoadPercent());
        return new Answer<GatewayShapes.Health>(TurnWork.Read(source.Broker.Turn, () => Describe(finding, free, perDay, load)), ApiJson.Default.Health);
    }

    private GatewayShapes.Health Describe(Finding finding, long free, long perDay, double load)
    {
        BrokerCounters counters = source.Broker.Counters;
        JournalStatus? journal = source.State?.Status;
        return new GatewayShapes.Health(
            source.NowUnixMs, source.Observation.StartedUnixMs, ConsoleSource.Version, DoctorRound.Checks, ShapeOf.Of(finding.Notes), Accounts(),
            journal is { } status ? Describe(status, free, perDay) : null,
            Bounds(journal),
            Enum.GetValues<DropReason>().Where(r => counters.Dropped(r) > 0).ToDictionary(static r => r.ToString(), counters.Dropped, StringComparer.Ordinal),
            new Dictionary<string, long>(StringComparer.Ordinal)
            {
                ["messagesReceived"] = counters.MessagesReceived,
                ["messagesSent"] = counters.MessagesSent,
                ["bytesReceived"] = counters.Clients.BytesReceived,
                ["bytesSent"] = counters.Clients.BytesSent,
                ["connections"] = source.Mqtt.Connections.Count,
                ["sessions"] = source.Broker.Sessions.Count,
                ["subscriptions"] = source.Broker.Tree.Count,
            },
            Environment.WorkingSet, load);
    }

    private GatewayShapes.Journal Describe(JournalStatus status, long free, long perDay) => new(
        status.BytesUsed, status.BytesMax, Math.Round(status.SyncMs, 2), status.Frames, status.Records, status.IsFull, status.IsFailed, free, source.Observation.Journal.DaysLeft(status), perDay, DiskWritten.CardYears(perDay));

    private List<GatewayShapes.Bound> Bounds(JournalStatus? journal)
    {
        GatewayLimits limits = source.Broker.Limits;
        List<GatewayShapes.Bound> bounds =
        [
            new("Limits:ConnectionsMax", "Connections", source.Mqtt.Connections.Count, limits.ConnectionsMax, ""),
            new("Limits:SessionsMax", "Sessions", source.Broker.Sessions.Count, limits.SessionsMax, ""),
            new("Limits:QueueBytesTotalMax", "What waits for clients", source.Broker.QueueBytes, limits.QueueBytesTotalMax, "B"),
            new("Limits:RetainedMessagesMax", "Retained messages", source.Broker.Retained.Count, limits.RetainedMessagesMax, ""),
            new("Limits:RetainedBytesMax", "Retained bytes", source.Broker.Retained.Bytes, limits.RetainedBytesMax, "B"),
            new("Console:ReadingsBytesMax", "Recent readings", source.Observation.Devices.Budget.Bytes, source.Observation.Devices.Budget.BytesMax, "B"),
        ];
        bounds.AddRange(source.Uplinks.Select(u => new GatewayShapes.Bound("Limits:RelayMessagesMax", $"Backlog for {u.Name}", u.Session.Buffer.Count, limits.RelayMessagesMax, "")));
        if (journal is { } status)
            bounds.Add(new GatewayShapes.Bound("Limits:JournalBytesMax", "What the journal keeps", status.LiveBytes, status.LiveBytesMax, "B"));
        return bounds;
    }

    private Answer<IReadOnlyList<GatewayShapes.Account>> LedgerNow() => new Answer<IReadOnlyList<GatewayShapes.Account>>(TurnWork.Read(source.Broker.Turn, Accounts), ApiJson.Default.Accounts);

    private IReadOnlyList<GatewayShapes.Account> Accounts() => source.State?.Ledger is not { } ledger ? [] : [.. Ledger.Classes.Where(c => c != LedgerClass.Volatile || ledger[c].Accepted > 0).Select(c => Describe(c, ledger[c]))];

    private static GatewayShapes.Account Describe(LedgerClass ledgerClass, LedgerAccount account) => new(
        ledgerClass.ToString().ToLowerInvariant(), account.Accepted, account.Delivered, account.Pending, account.Expired, account.Dropped, account.IsBalanced,
        account.Outcomes().Where(static o => o.Outcome is { IsDelivered: false, Reason: not DropReason.Expired }).ToDictionary(static o => o.Outcome.Reason.ToString(), static o => o.Count, StringComparer.Ordinal));

    private Answer<GatewayShapes.Log> Log(long? since, string? level)
    {
        LogLevel least = Enum.TryParse(level, ignoreCase: true, out LogLevel parsed) ? parsed : LogLevel.Trace;
        List<LogLine> lines = source.Observation.Log.Since(since ?? 0);
        return new Answer<GatewayShapes.Log>(
            new GatewayShapes.Log(lines.Count == 0 ? since ?? 0 : lines[^1].Number, [.. lines.Where(l => l.Level >= least).Select(static l => new GatewayShapes.Line(l.Number, l.UnixMs, l.Level.ToString().ToLowerInvariant(), l.Area, l.Text))]), ApiJson.Default.Log);
    }

    // Of one core, since the last look.
    private double LoadPercent()
    {
        using Process process = Process.GetCurrentProcess();
        long now = source.Broker.Turn.MonotonicMs();
        TimeSpan cpu = process.TotalProcessorTime;
        double load = _lastMs == 0 || now <= _lastMs ? 0 : (cpu - _lastCpu).TotalMilliseconds / (now - _lastMs) * 100;
        (_lastCpu, _lastMs) = (cpu, now);
        return Math.Round(load, 1);
    }
}
