namespace DeviceMqtt.Gateway.Observability;

/// <summary>What happens to users and passwords. Event ids from 500.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(500, LogLevel.Error, "{file} cannot be read, so none of its users may connect: {why}")]
    public static partial void UserFileUnreadable(this ILogger log, string file, string why);
}
