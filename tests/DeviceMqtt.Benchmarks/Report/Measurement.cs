namespace DeviceMqtt.Benchmarks.Report;

/// <summary>What one round of a row gave for one peer; the first metric is the row's headline.</summary>
internal sealed class Measurement
{
    public List<Metric> Metrics { get; } = [];

    /// <summary>What a reader of the figures must know.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Percent of a core that other processes took meanwhile.</summary>
    public double OthersPercent { get; set; }

    /// <summary>A cost that is measured at several sizes, to be drawn.</summary>
    public void AddPoint(string curve, string things, long count, double value) =>
        Metrics.Add(new Metric($"{count:N0} {things}: {curve}", MetricKind.Cost, value) { Place = new CurvePlace(curve, things, count) });

    public void Add(string name, MetricKind kind, double value) => Metrics.Add(new Metric(name, kind, value));
}
