using System.Globalization;
using System.Net;
using System.Text;

namespace DeviceMqtt.Wiring;

/// <summary>Draws a pin map as SVG. The same map gives the same text, byte by byte.</summary>
internal static class Drawing
{
    internal const string FileName = "wiring.svg";

    private static readonly Dictionary<string, string> Colors = new(StringComparer.Ordinal)
    {
        ["red"] = "#d32f2f",
        ["black"] = "#212121",
        ["blue"] = "#1565c0",
        ["yellow"] = "#e6a100",
        ["green"] = "#2e7d32",
        ["orange"] = "#ef6c00",
        ["violet"] = "#7b1fa2",
        ["white"] = "#9e9e9e",
    };

    internal static string Of(PinMap map)
    {
        Layout layout = new(map);
        StringBuilder svg = new();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{layout.Width}\" height=\"{layout.Height}\" viewBox=\"0 0 {layout.Width} {layout.Height}\" font-family=\"Helvetica, Arial, sans-serif\">");
        Line(svg, $"<!-- Drawn from {PinMap.FileName} by hardware/DeviceMqtt.Wiring; do not edit. -->");
        Line(svg, $"<rect width=\"{layout.Width}\" height=\"{layout.Height}\" fill=\"#ffffff\"/>");
        Text(svg, layout.Width / 2, Layout.Margin + 10, map.Title, "middle", 18, "#212121", bold: true);
        Board(svg, map, layout);
        foreach (PartPlace part in map.Parts)
        {
            Part(svg, part, layout);
        }

        Wires(svg, map, layout);
        for (int i = 0; i < map.OnBoard.Count; i++)
        {
            OnBoard own = map.OnBoard[i];
            Text(svg, layout.Width / 2, layout.Height - 12 - (i * 18), $"{own.Pin} (GPIO {own.Gpio}) {own.Use}", "middle", 12, "#424242");
        }

        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Board(StringBuilder svg, PinMap map, Layout layout)
    {
        Line(svg, $"<rect x=\"{layout.BoardX}\" y=\"{layout.BoardY}\" width=\"{Layout.BoardWidth}\" height=\"{layout.BoardHeight}\" rx=\"8\" fill=\"#263238\"/>");
        HashSet<string> used = [.. map.Wires.Select(wire => wire.Pin)];
        Pins(svg, map.Left, layout, used, isLeft: true);
        Pins(svg, map.Right, layout, used, isLeft: false);
    }

    private static void Pins(StringBuilder svg, IReadOnlyList<string> labels, Layout layout, HashSet<string> used, bool isLeft)
    {
        foreach (string label in labels.Where(label => label.Length > 0))
        {
            (int x, int y) = layout.PinAt(label);
            bool isUsed = used.Contains(label);
            Line(svg, $"<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{(isUsed ? "#ffd54f" : "#90a4ae")}\" stroke=\"#212121\"/>");
            Text(svg, x + (isLeft ? 14 : -14), y + 4, PinMap.Printed(label), isLeft ? "start" : "end", 12, isUsed ? "#ffffff" : "#90a4ae", bold: isUsed);
        }
    }

    private static void Part(StringBuilder svg, PartPlace part, Layout layout)
    {
        int x = layout.PartX(part);
        int y = layout.PartY(part);
        bool isLeft = Layout.IsLeft(part);
        Line(svg, $"<rect x=\"{x}\" y=\"{y}\" width=\"{Layout.PartWidth}\" height=\"{Layout.PartHeight(part)}\" rx=\"6\" fill=\"#eceff1\" stroke=\"#546e7a\"/>");
        Text(svg, x + (Layout.PartWidth / 2), y + 16, part.Name, "middle", 13, "#212121", bold: true);
        Text(svg, x + (Layout.PartWidth / 2), y + 30, part.Note, "middle", 10, "#546e7a");
        foreach (string pin in part.Pins)
        {
            (int pinX, int pinY) = layout.PartPinAt($"{part.Name}.{pin}");
            Text(svg, pinX + (isLeft ? -12 : 12), pinY + 4, pin, isLeft ? "end" : "start", 12, "#212121");
        }

        if (part.Bridge.Length > 0)
        {
            Bridge(svg, part, layout);
        }
    }

    // A resistor drawn inside the part, between its first two pins.
    private static void Bridge(StringBuilder svg, PartPlace part, Layout layout)
    {
        (int x, int top) = layout.PartPinAt($"{part.Name}.{part.Pins[0]}");
        int bottom = layout.PartPinAt($"{part.Name}.{part.Pins[1]}").Y;
        int at = x + (Layout.IsLeft(part) ? -58 : 58);
        int from = x + (Layout.IsLeft(part) ? -46 : 46);
        Line(svg, $"<polyline points=\"{from},{top} {at},{top} {at},{bottom} {from},{bottom}\" fill=\"none\" stroke=\"#546e7a\"/>");
        Line(svg, $"<rect x=\"{at - 4}\" y=\"{((top + bottom) / 2) - 8}\" width=\"8\" height=\"16\" fill=\"#ffffff\" stroke=\"#546e7a\"/>");
        Text(svg, at + (Layout.IsLeft(part) ? -8 : 8), ((top + bottom) / 2) + 4, part.Bridge, Layout.IsLeft(part) ? "end" : "start", 11, "#212121");
    }

    private static void Wires(StringBuilder svg, PinMap map, Layout layout)
    {
        int leftLane = 0;
        int rightLane = 0;
        int crossing = 0;
        // From the top, so that neighbours have neighbouring lanes.
        foreach (Wire wire in map.Wires.OrderBy(wire => layout.PartPinAt(wire.To).Y).ThenBy(wire => layout.PinAt(wire.Pin).Y))
        {
            string color = Colors.TryGetValue(wire.Color, out string? known) ? known : throw new InvalidDataException($"{wire.Color} is no colour of a wire");
            IReadOnlyList<(int X, int Y)> points = layout.Route(wire, ref leftLane, ref rightLane, ref crossing);
            Line(svg, $"<polyline points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X},{p.Y}")))}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2.5\" stroke-linejoin=\"round\"/>");
            (int x, int y) = points[^1];
            Line(svg, $"<circle cx=\"{x}\" cy=\"{y}\" r=\"4\" fill=\"{color}\"/>");
            if (wire.Through.Length > 0)
            {
                Through(svg, wire.Through, x, y, points[^2].X < x);
            }
        }
    }

    private static void Through(StringBuilder svg, string text, int x, int y, bool fromLeft)
    {
        int at = fromLeft ? x - 26 : x + 4;
        Line(svg, $"<rect x=\"{at}\" y=\"{y - 5}\" width=\"22\" height=\"10\" fill=\"#ffffff\" stroke=\"#546e7a\"/>");
        Text(svg, at + 11, y - 9, text, "middle", 11, "#212121");
    }

    private static void Text(StringBuilder svg, int x, int y, string text, string anchor, int size, string color, bool bold = false)
    {
        if (text.Length > 0)
        {
            Line(svg, $"<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{color}\"{(bold ? " font-weight=\"bold\"" : "")}>{WebUtility.HtmlEncode(text)}</text>");
        }
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(FormattableString.Invariant(text)).Append('\n');
}
