namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One row, every peer beside the others.</summary>
internal sealed class RowResult(string name, string title, IEnumerable<string> peers)
{
    public string Name { get; } = name;

    public string Title { get; } = title;

    public List<PeerResult> Peers { get; } = [.. peers.Select(peer => new PeerResult(peer))];

    /// <summary>Name and kind of every metric, in the order in which the row gives them.</summary>
    public IEnumerable<(string Name, MetricKind Kind)> Metrics =>
        Peers.SelectMany(peer => peer.FirstMetrics).Select(metric => (metric.Name, metric.Kind)).Distinct();

    public PeerResult? Find(string peer) => Peers.Find(result => result.Peer == peer);

    public PeerResult Of(string peer) => Peers.First(result => result.Peer == peer);
}
