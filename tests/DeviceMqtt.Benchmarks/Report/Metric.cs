namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One figure of one round. The unit is part of the name.</summary>
internal sealed record Metric(string Name, MetricKind Kind, double Value);
