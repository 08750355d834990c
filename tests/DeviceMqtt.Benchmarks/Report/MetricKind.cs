namespace DeviceMqtt.Benchmarks.Report;

/// <summary>Whether a ratio to the reference says something.</summary>
internal enum MetricKind
{
    /// <summary>More is better.</summary>
    Rate,

    /// <summary>Less is better.</summary>
    Cost,

    /// <summary>Says under which circumstances the others were measured.</summary>
    Circumstance,
}
