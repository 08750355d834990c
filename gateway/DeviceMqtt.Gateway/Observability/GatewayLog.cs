namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of the gateway as a whole, events 1 to 99.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(1, LogLevel.Critical, "{Part} failed by a fault of the gateway, which stops")]
    public static partial void PartFailed(this ILogger log, Exception exception, string part);

    [LoggerMessage(3, LogLevel.Information, "{Sum}")]
    public static partial void MemorySum(this ILogger log, string sum);

    [LoggerMessage(2, LogLevel.Warning, "{Said}")]
    public static partial void BoundsLowered(this ILogger log, string said);
}
