using DeviceMqtt.Device.Esp32;
using DeviceMqtt.Wiring;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>A board stands in two places, firmware and hardware: names and numbers of its pins must be the same in both.</summary>
[TestClass]
public sealed class BoardMapTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "hardware", "boards");

    public static IEnumerable<object[]> Names() => AllBoards.Make().Select(board => new object[] { board.Name });

    [TestMethod]
    public void Boards_OfTheFirmware_AreThoseOfTheHardware() => CollectionAssert.AreEqual(
        Directory.EnumerateDirectories(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray(),
        AllBoards.Make().Select(board => board.Name).Order(StringComparer.Ordinal).ToArray());

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Pins_OfABoard_AreTheSameInBothPlaces(string name)
    {
        PinMap map = Load(name);
        string[] inHardware =
        [
            .. map.Wires.Where(wire => wire.Gpio is not null).Select(wire => Line(wire.Pin, wire.Gpio!.Value, wire.To))
                .Concat(map.OnBoard.Select(own => Line(own.Pin, own.Gpio, own.Use)))
                .Order(StringComparer.Ordinal),
        ];
        string[] inFirmware = [.. AllBoards.Find(name)!.Pins.Select(pin => Line(pin.Label, pin.Gpio, pin.Use)).Order(StringComparer.Ordinal)];

        Assert.AreEqual(name, map.Board);
        Assert.IsGreaterThan(2, inFirmware.Length);
        CollectionAssert.AreEqual(inHardware, inFirmware);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Page_OfABoard_HasEveryPin(string name)
    {
        string page = File.ReadAllText(Path.Combine(Folder, name, "README.md"));

        foreach (BoardPin pin in AllBoards.Find(name)!.Pins)
        {
            Assert.Contains($"| {pin.Label} | {pin.Gpio} | {pin.Use} |", page, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Drawing_OfABoard_IsOfItsPinMap(string name)
    {
        string drawn = File.ReadAllText(Path.Combine(Folder, name, Drawing.FileName));

        Assert.AreEqual(Drawing.Of(Load(name)), drawn, "draw it again: dotnet run --project hardware/DeviceMqtt.Wiring");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Pins_OfABoard_AreUsedOnceAndExist(string name)
    {
        Board board = AllBoards.Find(name)!;
        // Pins of the flash, which a board must leave alone: 6 to 11 of an ESP32, 11 to 17 of an ESP32-C3 (data sheets).
        int[] flash = name.Contains("c3", StringComparison.Ordinal) ? [.. Enumerable.Range(11, 7)] : [.. Enumerable.Range(6, 6)];

        CollectionAssert.AllItemsAreUnique(board.Pins.Select(pin => pin.Gpio).ToArray());
        CollectionAssert.Contains(board.Pins, board.Pins.Single(pin => pin.Gpio == board.Lamp.Gpio));
        Assert.IsFalse(board.Pins.Any(pin => flash.Contains(pin.Gpio) || pin.Gpio is < 0 or > 39));
    }

    [TestMethod]
    public void Wire_ToAPinThatIsNotThere_IsSaid()
    {
        PinMap map = Load("esp32-devkitc");
        PinMap broken = map with { Wires = [map.Wires[0] with { Pin = "IO99" }] };

        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => Drawing.Of(broken));

        Assert.AreEqual("esp32-devkitc has no pin IO99", exception.Message);
    }

    private static PinMap Load(string name) => PinMap.Load(Path.Combine(Folder, name, PinMap.FileName));

    private static string Line(string label, int gpio, string use) => $"{label} = {gpio}: {use}";
}
