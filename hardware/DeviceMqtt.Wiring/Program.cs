using DeviceMqtt.Wiring;

// Draws wiring.svg of every board out of its pins.json: dotnet run --project hardware/DeviceMqtt.Wiring
string boards = args.Length > 0 ? args[0] : Path.Combine("hardware", "boards");
if (!Directory.Exists(boards))
{
    Console.Error.WriteLine($"there is no folder {boards}; run this from the root of the repository, or name the folder of the boards");
    return 2;
}

foreach (string folder in Directory.EnumerateDirectories(boards).Order(StringComparer.Ordinal))
{
    PinMap map = PinMap.Load(Path.Combine(folder, PinMap.FileName));
    string drawing = Path.Combine(folder, Drawing.FileName);
    File.WriteAllText(drawing, Drawing.Of(map));
    Console.WriteLine($"{drawing}: {map.Title}, {map.Wires.Count} wires");
}

return 0;
