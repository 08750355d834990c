namespace DeviceMqtt.Gateway.Observability;

/// <summary>What happens to users and passwords. Event ids from 500.</summary>
internal static partial class SecurityLog
{
    [LoggerMessage(500, LogLevel.Error, "{file} cannot be read, so none of its users may connect: {why}")]
    public static partial void UserFileUnreadable(this ILogger log, string file, string why);

    [LoggerMessage(501, LogLevel.Warning, "'{path}' is too long for a socket, which takes {bytes} bytes: the command line cannot reach this gateway")]
    public static partial void ControlPathTooLong(this ILogger log, string path, int bytes);

    [LoggerMessage(502, LogLevel.Warning, "the data folder '{folder}' can be looked into by other accounts of this machine: chmod 700 it")]
    public static partial void DataFolderOpen(this ILogger log, string folder);

    [LoggerMessage(503, LogLevel.Warning, "Data is none: {what}. Clients of other machines are refused, and those of this one are {role} without a password; Data names a folder with users, Security:Users has some without one")]
    public static partial void NoUsersRead(this ILogger log, string what, string role);

    [LoggerMessage(520, LogLevel.Error, "{file} cannot be read, so users with a role of it may not connect: {why}")]
    public static partial void RoleFileUnreadable(this ILogger log, string file, string why);

    [LoggerMessage(521, LogLevel.Warning, "the hashes of {count} users, '{user}' among them, stay as they were imported: {why}")]
    public static partial void RehashFailed(this ILogger log, int count, string user, string why);

    [LoggerMessage(522, LogLevel.Error, "{file} cannot be written, and nobody sees who came in: {why}")]
    public static partial void AuditFailed(this ILogger log, string file, string why);
}
