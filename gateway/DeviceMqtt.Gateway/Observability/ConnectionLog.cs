using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of the connections, events 100 to 199. Never payloads or passwords.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(100, LogLevel.Debug, "connection {Connection} from {Remote}")]
    public static partial void ConnectionOpened(this ILogger log, long connection, EndPoint? remote);

    [LoggerMessage(101, LogLevel.Debug, "connection {Connection}: client '{ClientId}' connected, {Version}, session present {SessionPresent}, keep alive {KeepAliveSeconds} s")]
    public static partial void ClientConnected(this ILogger log, long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds);

    [LoggerMessage(107, LogLevel.Debug, "connection {Connection}: {Client} is let in as {Role}")]
    public static partial void ClientLetIn(this ILogger log, long connection, ClientName client, ClientRole role);

    [LoggerMessage(102, LogLevel.Debug, "connection {Connection}: {Client} ended, {Reason}")]
    public static partial void ConnectionEnded(this ILogger log, long connection, ClientName client, CloseReason reason);

    [LoggerMessage(103, LogLevel.Warning, "connection {Connection}: {Client} closed, {Reason}: {Detail}")]
    public static partial void ConnectionClosed(this ILogger log, long connection, ClientName client, CloseReason reason, string detail);

    [LoggerMessage(104, LogLevel.Error, "connection {Connection}: {Client} closed by a fault of the gateway")]
    public static partial void ConnectionFailed(this ILogger log, Exception exception, long connection, ClientName client);

    [LoggerMessage(120, LogLevel.Error, "a fault of the gateway in {Work}: it has passed over that and goes on; {Withheld} more had no line")]
    public static partial void WorkFailed(this ILogger log, Exception exception, string work, long withheld);

    [LoggerMessage(121, LogLevel.Error, "a fault of the gateway in {Work}: all else goes on, and this after {PauseMs} ms; {Withheld} more had no line")]
    public static partial void WorkPauses(this ILogger log, Exception exception, string work, int pauseMs, long withheld);

    [LoggerMessage(105, LogLevel.Debug, "connection {Connection}: {Client} closed, {Reason}: {Detail}")]
    public static partial void ConnectionClosedQuietly(this ILogger log, long connection, ClientName client, CloseReason reason, string detail);

    [LoggerMessage(108, LogLevel.Warning, "{Client} connects as a bridge and does not have that role (Security:Roles): it is served as an ordinary client; {Withheld} more had no line")]
    public static partial void BridgeNotAllowed(this ILogger log, ClientName client, long withheld);

    [LoggerMessage(109, LogLevel.Error, "nobody is accepted at {Address} any more")]
    public static partial void ListenerFailed(this ILogger log, Exception exception, EndPoint address);

    [LoggerMessage(118, LogLevel.Warning, "{Address} takes no connections for now: {Why}; new ones wait until the process can open files again")]
    public static partial void ListenerWaits(this ILogger log, EndPoint address, string why);

    [LoggerMessage(119, LogLevel.Error, "serving a connection went wrong")]
    public static partial void PollerFailed(this ILogger log, Exception exception);

    [LoggerMessage(110, LogLevel.Debug, "the transport of {Remote} ended with an error")]
    public static partial void TransportFailed(this ILogger log, Exception exception, EndPoint? remote);

    [LoggerMessage(106, LogLevel.Warning, "{Count} more connections were closed within a minute, without a line for each (Log:ClosedLinesPerMinuteMax)")]
    public static partial void MoreConnectionsClosed(this ILogger log, long count);

    [LoggerMessage(111, LogLevel.Warning, "the gateway below, {Client}, may have {Max} subscriptions (Limits:BridgeSubscriptionsMax): {Filter} is refused, and commands for that device do not get there; {Withheld} more had no line")]
    public static partial void BridgeSubscriptionRefused(this ILogger log, ClientName client, string filter, int max, long withheld);

    [LoggerMessage(114, LogLevel.Warning, "{Client}: its subscription to '{Filter}' is refused, {Code}: {Why}")]
    public static partial void SubscriptionRefused(this ILogger log, ClientName client, string filter, ReasonCode code, string why);

    [LoggerMessage(115, LogLevel.Warning, "{Client}: {Count} more subscriptions refused within a minute, {Code}")]
    public static partial void MoreSubscriptionsRefused(this ILogger log, string client, long count, ReasonCode code);

    [LoggerMessage(112, LogLevel.Warning, "two clients with the Client Identifier '{ClientId}' take over from each other again and again, one of {One}, one of {Other}: each has to wait now (Limits:TakeOverMs); give one another identifier; {Withheld} more had no line")]
    public static partial void ClientIdFought(this ILogger log, string? clientId, LoggedOrigin one, LoggedOrigin other, long withheld);

    [LoggerMessage(113, LogLevel.Warning, "two clients still take over from each other with the Client Identifier '{ClientId}': {TakeOvers} times within {Seconds} s, without a line for each; one of {One}, one of {Other}")]
    public static partial void ClientIdStillFought(this ILogger log, string clientId, long takeOvers, long seconds, LoggedOrigin one, LoggedOrigin other);
}
