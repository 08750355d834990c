namespace DeviceMqtt.Benchmarks.Report;

/// <summary>
/// Two builds, measured in turn in one run: for every figure that says something, the ratio of the medians, and the lowest and the highest ratio that a pair of
/// rounds gave. A ratio whose pairs lie on both sides of 1 shows no difference. With fewer than five pairs, all on one side is often chance (two in
/// sixteen with four), so nothing is said.
/// </summary>
internal sealed record BuildComparison(string Before, string After)
{
    private const int PairsMin = 5;

    public void AddTo(List<string> lines, IEnumerable<RowResult> rows)
    {
        lines.AddRange(["", $"### {After} beside {Before}", ""]);
        lines.Add($"| Row | Figure | {Before} | {After} | ratio of medians | lowest and highest pair of rounds | |");
        lines.Add("|---|---|---:|---:|---:|---:|---|");
        foreach (RowResult row in rows)
        {
            if (row.Find(Before) is not { } before || row.Find(After) is not { } after)
                continue;
            foreach ((string name, MetricKind kind) in row.Metrics)
            {
                if (kind != MetricKind.Circumstance)
                    AddLine(lines, row.Name, name, kind, before, after);
            }
        }
    }

    private static void AddLine(List<string> lines, string row, string metric, MetricKind kind, PeerResult before, PeerResult after)
    {
        double[] ratios = [.. before.Values(metric).Zip(after.Values(metric), static (old, now) => now / old).Where(double.IsFinite)];
        double ratio = after.Median(metric) / before.Median(metric);
        if (ratios.Length == 0 || !double.IsFinite(ratio))
            return;
        string verdict = (ratios.Min() > 1, ratios.Max() < 1) switch
        {
            _ when ratios.Length < PairsMin => "too few rounds",
            (true, _) => kind == MetricKind.Rate ? "better" : "worse",
            (_, true) => kind == MetricKind.Rate ? "worse" : "better",
            _ => "no difference shown",
        };
        lines.Add($"| `{row}` | {metric} | {Figure.Text(before.Median(metric))} | {Figure.Text(after.Median(metric))} | {ratio:0.000} | {ratios.Min():0.000} .. {ratios.Max():0.000} | {verdict} |");
    }
}
