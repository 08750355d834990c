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

    [LoggerMessage(605, LogLevel.Warning, "console: a page of '{User}' does not take what it is sent: {Events} events are dropped, and it is told to load anew; {EventsMax} events or {BytesMax} bytes wait for a page, and a user has its share of what waits for all")]
    public static partial void StreamPageSlow(this ILogger log, string user, int events, int eventsMax, int bytesMax);

    [LoggerMessage(607, LogLevel.Warning, "console: a request of '{User}' was refused: {Why}")]
    public static partial void AnswerRefused(this ILogger log, string user, string why);

    [LoggerMessage(608, LogLevel.Warning, "console: '{User}' did not take an answer of {Bytes} bytes in time: its connection was ended")]
    public static partial void AnswerGivenUp(this ILogger log, string user, int bytes);

    [LoggerMessage(606, LogLevel.Warning, "console: a page of '{User}' has taken nothing for {Seconds} s, and was ended; it had lost {Events} events")]
    public static partial void StreamPageEnded(this ILogger log, string user, long seconds, long events);
}
