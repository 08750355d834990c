namespace DeviceMqtt.Gateway.Observability;

/// <summary>Section <c>Sys</c>: the topics below <c>$SYS/broker</c>.</summary>
internal sealed class SysOptions
{
    /// <summary>Seconds between two updates; 0 publishes none.</summary>
    public int IntervalSeconds { get; set; } = 10;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check() =>
        IntervalSeconds is < 0 or > 3600 ? $"Sys:IntervalSeconds is {IntervalSeconds}; it must be between 0 and 3600" : null;
}
