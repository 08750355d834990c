using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of messages that are dropped, events 120 to 129. Never payloads.</summary>
internal static partial class DropLines
{
    [LoggerMessage(EventId = 120, Message = "{Owner}: a message of {PayloadBytes} bytes on '{Topic}' is dropped, {DropReason}: {Words}")]
    public static partial void Dropped(this ILogger log, LogLevel level, LoggedOwner owner, int payloadBytes, string topic, DropReason dropReason, DropWords words);

    [LoggerMessage(EventId = 122, Message = "{Owner}: a message whose topic is on the disk alone is dropped, {DropReason}: {Words}")]
    public static partial void DroppedUnread(this ILogger log, LogLevel level, LoggedOwner owner, DropReason dropReason, DropWords words);

    [LoggerMessage(EventId = 121, Message = "{Owner}: {Count} more messages dropped within a minute, {DropReason}: {Words}")]
    public static partial void MoreDropped(this ILogger log, LogLevel level, LoggedOwner owner, long count, DropReason dropReason, DropWords words);
}
