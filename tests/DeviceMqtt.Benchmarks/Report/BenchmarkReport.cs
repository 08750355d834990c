using System.Text.Json.Nodes;

namespace DeviceMqtt.Benchmarks.Report;

/// <summary>Everything one run of the broker benchmark found, as Markdown for readers and as JSON for tools.</summary>
internal sealed class BenchmarkReport(string reference, string circumstances)
{
    public List<string> PeerDescriptions { get; } = [];

    public List<RowResult> Rows { get; } = [];

    /// <summary>Of two builds of the gateway, where the run has both.</summary>
    public BuildComparison? Comparison { get; set; }

    public bool HasFailures => Rows.Exists(row => row.Peers.Exists(peer => peer.Failures.Count > 0));

    public string ToMarkdown()
    {
        var lines = new List<string> { $"Broker benchmark, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC", "", circumstances, "" };
        lines.AddRange(PeerDescriptions.Select(description => "- " + description));
        foreach (RowResult row in Rows)
        {
            lines.AddRange(["", $"### {row.Title} (`{row.Name}`)", ""]);
            AddTable(lines, row);
        }
        Comparison?.AddTo(lines, Rows);
        return string.Join('\n', lines) + "\n";
    }

    public string ToJson()
    {
        var rows = new JsonArray();
        foreach (RowResult row in Rows)
        {
            var peers = new JsonObject();
            foreach (PeerResult peer in row.Peers)
            {
                var metrics = new JsonObject();
                foreach (Metric metric in peer.FirstMetrics)
                    metrics[metric.Name] = new JsonArray([.. peer.Values(metric.Name).Select(value => (JsonNode?)ToNode(value))]);
                peers[peer.Peer] = new JsonObject
                {
                    ["rounds"] = metrics,
                    ["notes"] = new JsonArray([.. peer.Notes.Concat(peer.Failures).Select(note => (JsonNode?)JsonValue.Create(note))]),
                };
            }
            rows.Add(new JsonObject { ["row"] = row.Name, ["title"] = row.Title, ["peers"] = peers });
        }
        var report = new JsonObject
        {
            ["date"] = DateTime.UtcNow,
            ["circumstances"] = circumstances,
            ["peers"] = new JsonArray([.. PeerDescriptions.Select(description => (JsonNode?)JsonValue.Create(description))]),
            ["rows"] = rows,
        };
        return report.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonValue? ToNode(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private void AddTable(List<string> lines, RowResult row)
    {
        lines.Add("| |" + string.Concat(row.Peers.Select(peer => $" {peer.Peer} |")));
        lines.Add("|---|" + string.Concat(row.Peers.Select(_ => "---:|")));
        bool isHeadline = true;
        foreach ((string name, MetricKind kind) in row.Metrics)
        {
            lines.Add($"| {name} |" + string.Concat(row.Peers.Select(peer => $" {Cell(row, peer, name, kind)} |")));
            if (isHeadline)
                lines.Add("| lowest and highest round |" + string.Concat(row.Peers.Select(peer => $" {Spread(peer, name)} |")));
            isHeadline = false;
        }
        lines.Add("");
        foreach (PeerResult peer in row.Peers)
            lines.AddRange(peer.Notes.Concat(peer.Failures).Select(note => $"- {peer.Peer}: {note}"));
    }

    private string Cell(RowResult row, PeerResult peer, string metric, MetricKind kind)
    {
        double median = peer.Median(metric);
        double ratio = median / (row.Peers.Find(other => other.Peer == reference)?.Median(metric) ?? double.NaN);
        bool hasRatio = kind != MetricKind.Circumstance && peer.Peer != reference && double.IsFinite(ratio);
        return hasRatio ? $"{Figure.Text(median)} ({ratio:0.00}x)" : Figure.Text(median);
    }

    private static string Spread(PeerResult peer, string metric)
    {
        double[] values = peer.Values(metric);
        return values.Length == 0 ? "" : $"{Figure.Text(values.Min())} .. {Figure.Text(values.Max())}";
    }
}
