using System.Text;

namespace DeviceMqtt.Benchmarks.Report;

/// <summary>One panel of <see cref="CurvePage"/>: whole decades on both axes.</summary>
internal sealed class CurvePanel(string title, string things, IReadOnlyList<CurveLine> lines, int width, int height)
{
    private const int Left = 55;
    private const int Right = 15;
    private const int Top = 25;
    private const int Bottom = 40;

    public void DrawTo(StringBuilder svg)
    {
        svg.Append($"<text x=\"{Left}\" y=\"15\" font-weight=\"bold\">{things}: {title}</text>\n");
        (double X, double Y)[] all = [.. lines.SelectMany(static line => line.Points)];
        if (all.Length == 0)
            return;
        Axis x = Axis.Around(all.Select(static point => point.X), Left, width - Right);
        Axis y = Axis.Around(all.Select(static point => point.Y), height - Bottom, Top);
        foreach (double decade in x.Decades())
            DrawTick(svg, x.At(decade), height - Bottom, x.At(decade), Top, decade, x.At(decade), height - Bottom + 14, "middle");
        foreach (double decade in y.Decades())
            DrawTick(svg, Left, y.At(decade), width - Right, y.At(decade), decade, Left - 4, y.At(decade) + 4, "end");
        foreach (CurveLine line in lines)
        {
            string points = string.Join(' ', line.Points.Select(point => $"{x.At(point.X):0.0},{y.At(point.Y):0.0}"));
            svg.Append($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"2\"/>\n");
            foreach ((double px, double py) in line.Points)
                svg.Append($"<circle cx=\"{x.At(px):0.0}\" cy=\"{y.At(py):0.0}\" r=\"3\" fill=\"{line.Colour}\"><title>{px:N0}: {Figure.Text(py)}</title></circle>\n");
        }
    }

    private static void DrawTick(StringBuilder svg, double x1, double y1, double x2, double y2, double value, double textX, double textY, string anchor)
    {
        svg.Append($"<line x1=\"{x1:0.0}\" y1=\"{y1:0.0}\" x2=\"{x2:0.0}\" y2=\"{y2:0.0}\" stroke=\"#ddd\"/>\n");
        svg.Append($"<text x=\"{textX:0.0}\" y=\"{textY:0.0}\" text-anchor=\"{anchor}\" fill=\"#555\">{(value >= 1 ? value.ToString("N0") : value.ToString("0.####"))}</text>\n");
    }

    /// <summary>From the decade below the least value to the one above the greatest, onto pixels.</summary>
    private sealed record Axis(int FirstDecade, int LastDecade, double From, double To)
    {
        public static Axis Around(IEnumerable<double> values, double from, double to)
        {
            double[] logarithms = [.. values.Select(Math.Log10)];
            int first = (int)Math.Floor(logarithms.Min());
            return new Axis(first, Math.Max(first + 1, (int)Math.Ceiling(logarithms.Max())), from, to);
        }

        public double At(double value) => From + ((Math.Log10(value) - FirstDecade) / (LastDecade - FirstDecade) * (To - From));

        public IEnumerable<double> Decades()
        {
            for (int decade = FirstDecade; decade <= LastDecade; decade++)
                yield return Math.Pow(10, decade);
        }
    }
}
