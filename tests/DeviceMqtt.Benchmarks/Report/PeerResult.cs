namespace DeviceMqtt.Benchmarks.Report;

/// <summary>All rounds of one peer in one row.</summary>
internal sealed class PeerResult(string peer)
{
    private readonly List<Measurement> _rounds = [];

    public string Peer { get; } = peer;

    public List<string> Failures { get; } = [];

    public IEnumerable<Metric> FirstMetrics => _rounds.Count == 0 ? [] : _rounds[0].Metrics;

    public IEnumerable<string> Notes => _rounds.SelectMany(round => round.Notes).Distinct();

    public void Add(Measurement round) => _rounds.Add(round);

    public double[] Values(string metric) =>
        [.. _rounds.SelectMany(round => round.Metrics).Where(entry => entry.Name == metric).Select(entry => entry.Value)];

    /// <summary>NaN where no round gave it.</summary>
    public double Median(string metric)
    {
        double[] values = Values(metric);
        if (values.Length == 0)
            return double.NaN;
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
