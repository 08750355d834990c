namespace DeviceMqtt.Wiring;

/// <summary>A wire.</summary>
internal sealed record Wire
{
    /// <summary>Label of the pin on the board.</summary>
    public required string Pin { get; init; }

    /// <summary>GPIO number, if it is one.</summary>
    public int? Gpio { get; init; }

    /// <summary>Part and its pin, with a point in between.</summary>
    public required string To { get; init; }

    /// <summary>Colour: red for supply, black for ground.</summary>
    public required string Color { get; init; }

    /// <summary>What is in the wire, like a resistor; empty for nothing.</summary>
    public string Through { get; init; } = "";
}
