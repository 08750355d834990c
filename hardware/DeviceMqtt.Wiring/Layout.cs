namespace DeviceMqtt.Wiring;

/// <summary>Where everything is drawn: the board in the middle, parts in a column on each side, in between one lane for each wire.</summary>
internal sealed class Layout
{
    internal const int Row = 24;
    internal const int PartWidth = 156;
    internal const int BoardWidth = 190;
    internal const int Margin = 24;

    private const int Lane = 13;
    private const int PartGap = 34;
    private const int PartHead = 44;
    private const int BoardHead = 44;
    private const int TitleHeight = 40;
    private const int ThroughWidth = 34;

    private readonly Dictionary<string, (int X, int Y)> _pins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int X, int Y)> _partPins = new(StringComparer.Ordinal);
    private readonly PinMap _map;

    internal Layout(PinMap map)
    {
        _map = map;
        int leftLanes = map.Wires.Count(wire => IsLeft(PartOf(wire)) || _map.Left.Contains(wire.Pin, StringComparer.Ordinal));
        int rightLanes = map.Wires.Count(wire => !IsLeft(PartOf(wire)) || _map.Right.Contains(wire.Pin, StringComparer.Ordinal));
        BoardX = Margin + (map.Parts.Any(IsLeft) ? PartWidth : 0) + ((leftLanes + 1) * Lane) + RoomForThrough(left: true);
        // Wires that change sides go over the board, one above the other.
        Crossings = map.Wires.Count(Crosses);
        BoardY = Margin + TitleHeight + ((Crossings + 1) * Lane);
        BoardHeight = BoardHead + (Math.Max(map.Left.Count, map.Right.Count) * Row) + (Row / 2);
        RightX = BoardX + BoardWidth + ((rightLanes + 1) * Lane) + RoomForThrough(left: false);
        Width = RightX + (map.Parts.Any(part => !IsLeft(part)) ? PartWidth : 0) + Margin;
        PlacePins(map.Left, BoardX);
        PlacePins(map.Right, BoardX + BoardWidth);
        int bottom = Math.Max(PlaceParts(left: true), PlaceParts(left: false));
        Height = Math.Max(BoardY + BoardHeight, bottom) + Margin + (map.OnBoard.Count * 18) + (map.OnBoard.Count > 0 ? 10 : 0);
    }

    internal int BoardX { get; }

    internal int BoardY { get; }

    internal int BoardHeight { get; }

    internal int RightX { get; }

    internal int Width { get; }

    internal int Height { get; }

    internal int Crossings { get; }

    internal static bool IsLeft(PartPlace part) => part.Side switch
    {
        "left" => true,
        "right" => false,
        _ => throw new InvalidDataException($"{part.Name} is on the side '{part.Side}', which is neither left nor right"),
    };

    internal int PartX(PartPlace part) => IsLeft(part) ? Margin : RightX;

    internal int PartY(PartPlace part) => _partPins[$"{part.Name}.{part.Pins[0]}"].Y - PartHead;

    internal static int PartHeight(PartPlace part) => PartHead + (part.Pins.Count * Row) - (Row / 4);

    internal (int X, int Y) PinAt(string label) =>
        _pins.TryGetValue(label, out (int X, int Y) at) ? at : throw new InvalidDataException($"{_map.Board} has no pin {label}");

    internal (int X, int Y) PartPinAt(string to) =>
        _partPins.TryGetValue(to, out (int X, int Y) at) ? at : throw new InvalidDataException($"{_map.Board} has no part with the pin {to}");

    internal IReadOnlyList<(int X, int Y)> Route(Wire wire, ref int leftLane, ref int rightLane, ref int crossing)
    {
        (int X, int Y) from = PinAt(wire.Pin);
        (int X, int Y) to = PartPinAt(wire.To);
        bool isLeftPin = from.X == BoardX;
        if (!Crosses(wire))
        {
            int lane = isLeftPin ? BoardX - (++leftLane * Lane) : BoardX + BoardWidth + (++rightLane * Lane);
            return [from, (lane, from.Y), (lane, to.Y), to];
        }

        int near = isLeftPin ? BoardX - (++leftLane * Lane) : BoardX + BoardWidth + (++rightLane * Lane);
        int far = isLeftPin ? BoardX + BoardWidth + (++rightLane * Lane) : BoardX - (++leftLane * Lane);
        int over = BoardY - (++crossing * Lane);
        return [from, (near, from.Y), (near, over), (far, over), (far, to.Y), to];
    }

    private bool Crosses(Wire wire) => IsLeft(PartOf(wire)) != _map.Left.Contains(wire.Pin, StringComparer.Ordinal);

    private PartPlace PartOf(Wire wire) =>
        _map.Parts.FirstOrDefault(part => part.Pins.Any(pin => $"{part.Name}.{pin}" == wire.To))
        ?? throw new InvalidDataException($"{_map.Board} has no part with the pin {wire.To}");

    private int RoomForThrough(bool left) =>
        _map.Wires.Any(wire => wire.Through.Length > 0 && IsLeft(PartOf(wire)) == left) ? ThroughWidth : 0;

    private void PlacePins(IReadOnlyList<string> labels, int x)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i].Length > 0 && !_pins.TryAdd(labels[i], (x, BoardY + BoardHead + (i * Row))))
            {
                throw new InvalidDataException($"{_map.Board} has {labels[i]} twice: number them");
            }
        }
    }

    private int PlaceParts(bool left)
    {
        // Half a row down, so that a wire to a part and one from a pin never share a line.
        int y = BoardY + (Row / 2);
        foreach (PartPlace part in _map.Parts.Where(part => IsLeft(part) == left))
        {
            int x = left ? Margin + PartWidth : RightX;
            for (int i = 0; i < part.Pins.Count; i++)
            {
                _partPins[$"{part.Name}.{part.Pins[i]}"] = (x, y + PartHead + (i * Row));
            }

            y += PartHeight(part) + PartGap;
        }

        return y - PartGap;
    }
}
