using DeviceMqtt.Gateway.Relay;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of the relay, events 200 to 299: one per change of state, none per try. Never payloads or passwords.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(200, LogLevel.Information, "upstream {Upstream}: connecting as '{ClientId}'")]
    public static partial void Connecting(this ILogger log, UpstreamAddress upstream, string clientId);

    [LoggerMessage(201, LogLevel.Information, "upstream {Upstream}: connected as '{ClientId}', session present {SessionPresent}, {Backlog} messages wait")]
    public static partial void Connected(this ILogger log, UpstreamAddress upstream, string clientId, bool sessionPresent, int backlog);

    [LoggerMessage(202, LogLevel.Warning, "upstream {Upstream}: not connected, {Reason}: {Detail}; {Backlog} messages wait; trying on")]
    public static partial void Disconnected(this ILogger log, UpstreamAddress upstream, UplinkEndReason reason, string detail, int backlog);

    [LoggerMessage(203, LogLevel.Information, "upstream {Upstream}: disconnected, the gateway stops")]
    public static partial void Left(this ILogger log, UpstreamAddress upstream);

    [LoggerMessage(204, LogLevel.Warning, "upstream {Upstream}: {Lost} messages were not acknowledged and are lost: they were only in memory")]
    public static partial void BacklogLost(this ILogger log, UpstreamAddress upstream, int lost);

    [LoggerMessage(207, LogLevel.Information, "upstream {Upstream}: {Backlog} messages wait on the disk until the next start")]
    public static partial void BacklogKept(this ILogger log, UpstreamAddress upstream, int backlog);

    [LoggerMessage(205, LogLevel.Warning, "the upstream refuses the subscription {Filter}: P2P messages published there do not arrive")]
    public static partial void SubscriptionRefused(this ILogger log, string filter);

    [LoggerMessage(206, LogLevel.Error, "upstream {Upstream}: the connection was ended by a fault of the gateway")]
    public static partial void UplinkFailed(this ILogger log, Exception exception, UpstreamAddress upstream);
}
