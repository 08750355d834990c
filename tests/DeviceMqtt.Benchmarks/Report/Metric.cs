namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One figure of one round. The unit is part of the name.</summary>
internal sealed record Metric(string Name, MetricKind Kind, double Value)
{
    /// <summary>Where it stands on a curve, or null for a figure that is alone.</summary>
    public CurvePlace? Place { get; init; }
}
