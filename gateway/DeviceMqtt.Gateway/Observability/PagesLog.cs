namespace DeviceMqtt.Gateway.Observability;

/// <summary>Who came in to the console, and what went wrong there. Event ids from 600.</summary>
internal static partial class PagesLog
{
    [LoggerMessage(600, LogLevel.Information, "the console has no operator yet: open it and enter the code {Code} (good for {Minutes} minutes, and once)")]
    public static partial void ConsoleCode(this ILogger log, string code, int minutes);

    [LoggerMessage(601, LogLevel.Warning, "console: a wrong code from {Address}; {Withheld} more had no line")]
    public static partial void ConsoleCodeWrong(this ILogger log, string address, long withheld);

    [LoggerMessage(602, LogLevel.Information, "console: '{User}' logged in as {Role} from {Address}")]
    public static partial void ConsoleLoggedIn(this ILogger log, string user, string role, string address);

    [LoggerMessage(603, LogLevel.Warning, "console: '{User}' was refused from {Address}; {Withheld} more had no line")]
    public static partial void ConsoleRefused(this ILogger log, string user, string address, long withheld);

    [LoggerMessage(604, LogLevel.Error, "the console's stream ended by a fault; pages begin anew")]
    public static partial void StreamFailed(this ILogger log, Exception exception);
}
