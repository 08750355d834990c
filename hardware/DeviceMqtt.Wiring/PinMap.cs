using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeviceMqtt.Wiring;

/// <summary>
/// The pin map of a board: its headers as they are printed on it, what is connected, and by which wires. A label that a board has more than
/// once is numbered behind a point ("GND.2"); the number is not drawn.
/// </summary>
internal sealed record PinMap
{
    internal const string FileName = "pins.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>Name of the folder, and of the board in the firmware.</summary>
    public required string Board { get; init; }

    /// <summary>The maker's name for it.</summary>
    public required string Title { get; init; }

    /// <summary>Pins of the left header from the top, as one looks at the board; empty strings are gaps.</summary>
    public required IReadOnlyList<string> Left { get; init; }

    /// <summary>Pins of the right header from the top.</summary>
    public required IReadOnlyList<string> Right { get; init; }

    /// <summary>What is connected.</summary>
    public required IReadOnlyList<PartPlace> Parts { get; init; }

    /// <summary>Wires from the headers to the parts.</summary>
    public required IReadOnlyList<Wire> Wires { get; init; }

    /// <summary>GPIOs that lead to something on the board itself.</summary>
    public IReadOnlyList<OnBoard> OnBoard { get; init; } = [];

    internal static PinMap Load(string path) =>
        JsonSerializer.Deserialize<PinMap>(File.ReadAllText(path), Format) ?? throw new InvalidDataException($"{path} is empty");

    /// <summary>The label as it is printed.</summary>
    internal static string Printed(string label) => label.Split('.')[0];
}
