namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of the gateway as a whole, events 1 to 99.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Critical, "{Part} failed by a fault of the gateway, which stops")]
    public static partial void PartFailed(this ILogger log, Exception exception, string part);

    /// <summary>The one line of each start. By hand, with a state that is a class: for one that is a struct of the framework, six methods of the loggers would be compiled at each start.</summary>
    public static void MemorySum(this ILogger log, string sum)
    {
        if (log.IsEnabled(LogLevel.Information))
            log.Log(LogLevel.Information, new EventId(3, nameof(MemorySum)), new BoundedLine(sum, [new("Sum", sum), new("{OriginalFormat}", "{Sum}")]), null, static (line, _) => line.Text);
    }

    [LoggerMessage(2, LogLevel.Warning, "{Said}")]
    public static partial void BoundsLowered(this ILogger log, string said);

    [LoggerMessage(3, LogLevel.Warning, "the settings were read again: {said}")]
    public static partial void SettingsRead(this ILogger log, string said);

    [LoggerMessage(4, LogLevel.Error, "the settings were read again and are wrong, so nothing has changed: {why}")]
    public static partial void SettingsWrong(this ILogger log, string why);

    [LoggerMessage(7, LogLevel.Warning, "the collector at {Collector} does not take the figures: it is not reached in time, or it refuses them; they are sent again and again (Otlp:Endpoint)")]
    public static partial void FiguresNotTaken(this ILogger log, string collector);

    [LoggerMessage(8, LogLevel.Information, "the collector at {Collector} takes the figures again")]
    public static partial void FiguresTakenAgain(this ILogger log, string collector);

    [LoggerMessage(5, LogLevel.Debug, "an order of the command line came to no end: {why}")]
    public static partial void OrderLost(this ILogger log, string why);

    [LoggerMessage(6, LogLevel.Error, "an order of the command line failed by a fault of the gateway")]
    public static partial void OrderFailed(this ILogger log, Exception exception);
}
