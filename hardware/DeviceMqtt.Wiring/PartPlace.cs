namespace DeviceMqtt.Wiring;

/// <summary>A part beside the board.</summary>
internal sealed record PartPlace
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>On which side it is drawn: left or right.</summary>
    public required string Side { get; init; }

    /// <summary>Its pins, from the top.</summary>
    public required IReadOnlyList<string> Pins { get; init; }

    /// <summary>One line below its name.</summary>
    public string Note { get; init; } = "";

    /// <summary>A resistor between two of its pins that are neighbours, like a pull-up; empty for none.</summary>
    public string Bridge { get; init; } = "";
}
