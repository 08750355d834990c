namespace DeviceMqtt.Wiring;

/// <summary>A GPIO that leads to something on the board itself: no wire.</summary>
internal sealed record OnBoard
{
    /// <summary>Label, as in the maker's documents.</summary>
    public required string Pin { get; init; }

    /// <summary>GPIO number.</summary>
    public required int Gpio { get; init; }

    /// <summary>What it leads to.</summary>
    public required string Use { get; init; }
}
