using DeviceMqtt.Relay.Link;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Log;

/// <summary>Log lines of the relay, events 200 to 299: one per change of state, none per try. Never payloads or passwords.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(200, LogLevel.Information, "upstream {Upstream}: connecting as '{ClientId}'")]
    public static partial void Connecting(this ILogger log, string upstream, string clientId);

    [LoggerMessage(201, LogLevel.Information, "upstream {Upstream}: connected as '{ClientId}' with MQTT {Version}, session present {SessionPresent}, {Backlog} messages wait")]
    public static partial void Connected(this ILogger log, string upstream, string clientId, string version, bool sessionPresent, int backlog);

    [LoggerMessage(202, LogLevel.Warning, "upstream {Upstream}: not connected, {Reason}: {Detail}; {Backlog} messages wait; trying on")]
    public static partial void Disconnected(this ILogger log, string upstream, UplinkEndReason reason, string detail, int backlog);

    [LoggerMessage(203, LogLevel.Information, "upstream {Upstream}: disconnected, the gateway stops")]
    public static partial void Left(this ILogger log, string upstream);

    [LoggerMessage(204, LogLevel.Warning, "upstream {Upstream}: {Lost} messages were not acknowledged and are lost: they were only in memory")]
    public static partial void BacklogLost(this ILogger log, string upstream, int lost);

    [LoggerMessage(207, LogLevel.Information, "upstream {Upstream}: {Backlog} messages wait on the disk until the next start")]
    public static partial void BacklogKept(this ILogger log, string upstream, int backlog);

    [LoggerMessage(205, LogLevel.Warning, "the upstream refuses the subscription {Filter}: what is published there does not arrive; it is asked again, after a minute at first and each hour in the end")]
    public static partial void SubscriptionRefused(this ILogger log, string filter);

    [LoggerMessage(206, LogLevel.Error, "upstream {Upstream}: the connection was ended by a fault of the gateway")]
    public static partial void UplinkFailed(this ILogger log, Exception exception, string upstream);

    [LoggerMessage(208, LogLevel.Information, "upstream '{Upstream}': profile {Profile}: {Adaptations}")]
    public static partial void Adapting(this ILogger log, string upstream, string profile, string adaptations);

    [LoggerMessage(211, LogLevel.Warning, "messages on '{Topic}' do not go upstream: their topic there would be empty, too long for that upstream, or that of a command")]
    public static partial void TopicUnsuitable(this ILogger log, string topic);

    [LoggerMessage(212, LogLevel.Warning, "upstream '{Upstream}' does not hold the Will of '{ClientId}', {Reason}: {Detail}; such presence goes up without RETAIN, so that it does not outlive this connection; trying on")]
    public static partial void DeviceWillNotHeld(this ILogger log, string upstream, string clientId, UplinkEndReason reason, string detail);

    [LoggerMessage(213, LogLevel.Warning, "upstream '{Upstream}' holds the Wills of {Max} devices, as many as Relay:DeviceWillsMax allows; the presence of the others goes up without RETAIN")]
    public static partial void TooManyDeviceWills(this ILogger log, string upstream, int max);

    [LoggerMessage(215, LogLevel.Warning, "upstream {Upstream}: {Times} connections in a row have ended within {Seconds} s, for the same reason; another client with this Client Identifier would do that; the next line comes when one lasts")]
    public static partial void EndsAtOnce(this ILogger log, string upstream, int times, int seconds);

    [LoggerMessage(216, LogLevel.Warning, "upstream '{Upstream}': a message on '{Topic}' of {PayloadBytes} bytes is set aside ({Fate}): {Why}; the others go on")]
    public static partial void SetAside(this ILogger log, string upstream, string topic, int payloadBytes, string why, string fate);

    [LoggerMessage(217, LogLevel.Warning, "upstream '{Upstream}' has lost the Session: {Count} QoS 2 messages whose end is not known are sent again as new ones, unless they have expired; they may arrive twice")]
    public static partial void SentAsNew(this ILogger log, string upstream, int count);

    [LoggerMessage(218, LogLevel.Warning, "upstream {Upstream}: the connection ended again while a message on '{Topic}' of {PayloadBytes} bytes was the oldest without an answer; it is tried alone, and set aside if that does not help")]
    public static partial void Suspected(this ILogger log, string upstream, string topic, int payloadBytes);

    [LoggerMessage(219, LogLevel.Warning, "upstream '{Upstream}': the journal is full, and what comes from there is not acknowledged: the upstream has it still, and is asked for it again when there is room")]
    public static partial void NoRoomForUpstream(this ILogger log, string upstream);

    [LoggerMessage(220, LogLevel.Warning, "upstream '{Upstream}': {Address} has an old Session of this gateway, not that of the last connection; what was under way goes again, and QoS 2 messages go at QoS 1 there. Where the nodes share their Sessions, Relay:SharesSessions=true says so")]
    public static partial void OldSession(this ILogger log, string upstream, string address);

    [LoggerMessage(234, LogLevel.Information, "upstream '{Upstream}': {Address} has a Session of this gateway of which the journal knows nothing (it is new, or the upstream had another name, address or ClientId); what was under way goes again, and QoS 2 messages go at QoS 1 until all Packet Identifiers there are free")]
    public static partial void UnknownSession(this ILogger log, string upstream, string address);

    [LoggerMessage(228, LogLevel.Information, "upstream '{Upstream}': all Packet Identifiers of the old Session are free; QoS 2 messages go at QoS 2 again")]
    public static partial void IdentifiersFreed(this ILogger log, string upstream);

    [LoggerMessage(229, LogLevel.Warning, "upstream '{Upstream}': the Packet Identifiers of the old Session cannot be freed, {Why}; QoS 2 messages go at QoS 1 until that Session ends there (or Relay:ClientId is another), or until it answers: it is asked again after hours")]
    public static partial void IdentifiersNotFreed(this ILogger log, string upstream, string why);

    [LoggerMessage(222, LogLevel.Warning, "upstream '{Upstream}': this gateway was restored from a backup, and {Address} has its Session of after that; what was under way goes again, and QoS 2 messages go at QoS 1, until that Session ends there (or Relay:ClientId is another), or all its Packet Identifiers are free")]
    public static partial void OldIdentifiers(this ILogger log, string upstream, string address);

    [LoggerMessage(223, LogLevel.Warning, "upstream '{Upstream}': {Count} messages are set aside, and no more may be; what else it does not take stays in the backlog and is tried again, until some of those are tried again or dropped (devicemqtt relay aside) or Limits:RelayAsideMessagesMax and Limits:RelayAsideBytesMax allow more")]
    public static partial void AsideFull(this ILogger log, string upstream, int count);

    [LoggerMessage(224, LogLevel.Warning, "upstream {Upstream}: the connection ended again while nothing but '{Packet}' of the gateway itself had no answer; it is left out if that happens once more")]
    public static partial void OwnPacketSuspected(this ILogger log, string upstream, string packet);

    [LoggerMessage(225, LogLevel.Warning, "upstream '{Upstream}' ends the connection for '{Packet}' of the gateway itself: it is left out, and tried again after {Minutes} min; see what that upstream allows this gateway")]
    public static partial void OwnPacketLeftOut(this ILogger log, string upstream, string packet, long minutes);

    [LoggerMessage(236, LogLevel.Information, "upstream '{Upstream}' does not end the connection for '{Packet}' of the gateway itself any more: it is not left out any more")]
    public static partial void OwnPacketTakenAgain(this ILogger log, string upstream, string packet);

    [LoggerMessage(235, LogLevel.Information, "upstream '{Upstream}' grants the subscription {Filter}, which it had refused; {Left} are refused still")]
    public static partial void SubscriptionGranted(this ILogger log, string upstream, string filter, int left);

    [LoggerMessage(226, LogLevel.Warning, "upstream '{Upstream}' cannot reach '{ClientId}': a topic with this name cannot be carried there and back")]
    public static partial void DeviceUnreachable(this ILogger log, string upstream, string clientId);

    [LoggerMessage(227, LogLevel.Warning, "upstream {Upstream}: {Times} connections in a row have ended because it does not take messages; the next line comes when one lasts")]
    public static partial void Refuses(this ILogger log, string upstream, int times);

    [LoggerMessage(231, LogLevel.Warning, "the upstream cannot be asked for the subscription {Filter}: {Why}; what is published there does not arrive")]
    public static partial void CannotBeAsked(this ILogger log, string filter, string why);

    [LoggerMessage(232, LogLevel.Warning, "upstream '{Upstream}' keeps the Session of this gateway for {Seconds} s only while the link is down: commands that are sent in a longer outage do not arrive, and QoS 2 messages may arrive twice after one")]
    public static partial void SessionExpires(this ILogger log, string upstream, long seconds);

    [LoggerMessage(233, LogLevel.Information, "upstream '{Upstream}' takes QoS 0 alone: each message counts as delivered when the network has taken it, and a link that breaks then loses it")]
    public static partial void OnlyQoS0(this ILogger log, string upstream);

    [LoggerMessage(230, LogLevel.Warning, "a client '{ClientId}' is connected here, and this gateway itself has that Client Identifier at the upstream '{Upstream}': two gateways of one name, as two machines of one name have by default. Their presence, their Sessions and P2P messages get mixed up: give each its own Relay:ClientId")]
    public static partial void Namesake(this ILogger log, string upstream, string clientId);

    [LoggerMessage(221, LogLevel.Warning, "upstream '{Upstream}': a command on '{Topic}' of {PayloadBytes} bytes is dropped: {Why}; its sender is told, and it is not tried again")]
    public static partial void CommandRefused(this ILogger log, string upstream, string topic, int payloadBytes, string why);
}
