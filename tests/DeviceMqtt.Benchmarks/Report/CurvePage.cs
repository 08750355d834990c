using System.Text;

namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One page with a panel for each curve, both axes logarithmic: a level line is a cost that stays the same for each, however many there are.</summary>
internal static class CurvePage
{
    private const int Columns = 3;
    private const int PanelWidth = 330;
    private const int PanelHeight = 230;
    private const int TitleHeight = 50;

    // For readers who do not tell red from green: Okabe and Ito's colours.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"];

    public static string Draw(IEnumerable<RowResult> rows)
    {
        var panels = new List<(string Title, string Things, List<CurveLine> Lines)>();
        var peers = new List<string>();
        foreach (RowResult row in rows)
        {
            foreach (PeerResult peer in row.Peers.Where(static peer => peer.FirstMetrics.Any(static metric => metric.Place is not null)))
            {
                if (!peers.Contains(peer.Peer))
                    peers.Add(peer.Peer);
                AddPeer(panels, peer, Colours[peers.IndexOf(peer.Peer) % Colours.Length]);
            }
        }
        var svg = new StringBuilder();
        int height = TitleHeight + ((panels.Count + Columns - 1) / Columns * PanelHeight);
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Columns * PanelWidth} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append($"<rect width=\"{Columns * PanelWidth}\" height=\"{height}\" fill=\"#fff\"/>\n");
        for (int i = 0; i < peers.Count; i++)
            svg.Append($"<text x=\"{20 + (i * 140)}\" y=\"28\" font-size=\"14\" fill=\"{Colours[i % Colours.Length]}\">&#9679; {peers[i]}</text>\n");
        for (int i = 0; i < panels.Count; i++)
        {
            svg.Append($"<g transform=\"translate({i % Columns * PanelWidth} {TitleHeight + (i / Columns * PanelHeight)})\">\n");
            new CurvePanel(panels[i].Title, panels[i].Things, panels[i].Lines, PanelWidth, PanelHeight).DrawTo(svg);
            svg.Append("</g>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void AddPeer(List<(string Title, string Things, List<CurveLine> Lines)> panels, PeerResult peer, string colour)
    {
        foreach (IGrouping<(string Things, string Curve), Metric> curve in
            peer.FirstMetrics.Where(static metric => metric.Place is not null).GroupBy(static metric => (metric.Place!.Things, metric.Place.Curve)))
        {
            int at = panels.FindIndex(panel => panel.Title == curve.Key.Curve && panel.Things == curve.Key.Things);
            if (at < 0)
            {
                panels.Add((curve.Key.Curve, curve.Key.Things, []));
                at = panels.Count - 1;
            }
            // A logarithm has no place for a cost that was too small to see.
            IEnumerable<(double, double)> points = curve.Select(metric => ((double)metric.Place!.Count, peer.Median(metric.Name))).Where(static point => point.Item2 > 0);
            panels[at].Lines.Add(new CurveLine(colour, [.. points]));
        }
    }
}
