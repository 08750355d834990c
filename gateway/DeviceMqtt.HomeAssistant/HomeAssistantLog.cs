using Microsoft.Extensions.Logging;

namespace DeviceMqtt.HomeAssistant;

/// <summary>Log lines about Home Assistant, events 600 to 619.</summary>
internal static partial class HomeAssistantLog
{
    [LoggerMessage(600, LogLevel.Information, "{count} devices have told their birth; each is announced to Home Assistant on {topics}")]
    public static partial void Announcing(this ILogger log, int count, string topics);

    [LoggerMessage(601, LogLevel.Information, "Home Assistant has started: all devices are announced again")]
    public static partial void AnnouncingAgain(this ILogger log);

    [LoggerMessage(602, LogLevel.Information, "{device} is gone: Home Assistant forgets it")]
    public static partial void Removed(this ILogger log, string device);

    [LoggerMessage(603, LogLevel.Warning, "{device} is not announced to Home Assistant: {max} devices are (HomeAssistant:DevicesMax)")]
    public static partial void TooManyDevices(this ILogger log, string device, int max);

    [LoggerMessage(604, LogLevel.Warning, "what Home Assistant wants by {topic} is not done: {why}")]
    public static partial void NotDone(this ILogger log, string topic, string why);

    [LoggerMessage(605, LogLevel.Warning, "the part for Home Assistant begins anew in {seconds} s: {why}")]
    public static partial void BeginsAnew(this ILogger log, double seconds, string why);

    [LoggerMessage(606, LogLevel.Warning, "{withheld} more lines about single devices and wishes were left out in the minutes before")]
    public static partial void LinesWithheld(this ILogger log, long withheld);

    [LoggerMessage(607, LogLevel.Error, "a message on {topic} is dropped, the {count}. that the part for Home Assistant could not handle")]
    public static partial void NotHandled(this ILogger log, Exception fault, string topic, long count);
}
