using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Writes what the broker tells of its connections into the log, so many lines a minute of each kind at most. Owned by the turn.</summary>
internal sealed class ConnectionEvents(ILogger log, LogOptions options, GatewayLimits limits, Turn turn, GroupPolicies? policies = null) : IBrokerEvents
{
    private const int BridgeLinesPerMinuteMax = 5; // chosen: a bridge tries again every few seconds
    private const int FaultLinesPerMinuteMax = 10; // chosen: one with its stack is a page, and a fault that repeats itself says the same each time
    private readonly LineLimit _closedLines = new(options.ClosedLinesPerMinuteMax);
    private readonly LineLimit _bridgeLines = new(BridgeLinesPerMinuteMax);
    private readonly LineLimit _faultLines = new(FaultLinesPerMinuteMax);
    private readonly FightLog _fights = new(log, turn);
    private readonly RefusedSubscriptionLog _refused = new(log, turn);
    private readonly DropLog _drops = new(log, limits, turn, policies ?? new GroupPolicies([]));

    /// <summary>Gets a line for each client that comes in, and for each that is refused or loses its right; null where nothing is kept.</summary>
    public AuditLines? AuditIn { get; set; }

    /// <summary>The same for those that are refused.</summary>
    public AuditLines? AuditRefused { get; set; }

    /// <summary>Who has a Client Identifier now; null where nobody knows. Called inside a turn.</summary>
    public Func<string, ClientName?>? Who
    {
        init => _drops.Who = value;
    }

    /// <summary>Other settings count from now on. Inside a turn.</summary>
    public void Use(LogOptions others) => _closedLines.LinesPerMinuteMax = others.ClosedLinesPerMinuteMax;

    public void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote)
    {
        if (AuditIn is { } audit && audit.TryTake())
            audit.Add($"in: {UserText(userName)}, client '{clientId}', as {role}, from {remote?.ToString() ?? "?"} (connection {connection})");
        if (log.IsEnabled(LogLevel.Debug))
            log.ClientLetIn(connection, new ClientName(connection, clientId, userName, remote), role);
    }

    private static string UserText(string? userName) => userName is null ? "no user" : $"user '{userName}'";

    public void ConnectionOpened(long connection, EndPoint? remote) => log.ConnectionOpened(connection, remote);

    public void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds) =>
        log.ClientConnected(connection, clientId, version, sessionPresent, keepAliveSeconds);

    public void ConnectionEnded(in ClientName client, CloseReason reason, string? detail)
    {
        if (reason is CloseReason.NotAuthorized && AuditRefused is { } refused && refused.TryTake())
            refused.Add($"refused: {client}: {detail} (connection {client.Connection})");
        else if (reason is CloseReason.RightsChanged && AuditIn is { } audit && audit.TryTake())
            audit.Add($"out: {client}: {detail} (connection {client.Connection})");
        if (reason is CloseReason.ClientDisconnected or CloseReason.ClientDisconnectedWithWill or CloseReason.ServerShuttingDown || detail is null)
            log.ConnectionEnded(client.Connection, client, reason);
        else if (_fights.TryCount(client.Name, reason))
            log.ConnectionClosedQuietly(client.Connection, client, reason, detail);
        else if (_closedLines.TryTake(turn.NowMs))
            log.ConnectionClosed(client.Connection, client, reason, detail);
        else
            log.ConnectionClosedQuietly(client.Connection, client, reason, detail);
    }

    public void ConnectionFailed(Exception exception, in ClientName client) => log.ConnectionFailed(exception, client.Connection, client);

    public void WorkFailed(Exception exception, string work, int pauseMs)
    {
        if (!_faultLines.TryTake(turn.NowMs, out long withheld))
            return;
        if (pauseMs == 0)
            log.WorkFailed(exception, work, withheld);
        else
            log.WorkPauses(exception, work, pauseMs, withheld);
    }

    public void BridgeNotAllowed(in ClientName client)
    {
        if (_bridgeLines.TryTake(turn.NowMs, out long withheld))
            log.BridgeNotAllowed(client, withheld);
    }

    public void Dropped(in Drop drop) => _drops.Add(drop);

    public void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax)
    {
        if (_bridgeLines.TryTake(turn.NowMs, out long withheld))
            log.BridgeSubscriptionRefused(client, filter, subscriptionsMax, withheld);
    }

    public void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why) => _refused.Add(client, filter, code, why);

    public void ClientIdFought(in ClientName one, in ClientName other) => _fights.Begin(one, other);

    /// <summary>Says how many closed connections, take-overs and drops had no line of their own, once their minute is over. Inside a turn.</summary>
    public void ReportWithheldLines()
    {
        if (_closedLines.TakeWithheld(turn.NowMs) is > 0 and var count)
            log.MoreConnectionsClosed(count);
        _fights.Report();
        _refused.Report();
        _drops.ReportMinute();
    }

    /// <summary>Says what of it has no line yet, at the end. Inside a turn.</summary>
    public void ReportRest()
    {
        _fights.Report(isLast: true);
        _refused.Report(isLast: true);
        _drops.Report();
    }
}
