using System.Text.Json;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>The page Add a device: which board, and how its parts are wired.</summary>
[TestClass]
public sealed class AddDeviceTests
{
    private static readonly (string Board, string Label)[] Boards = [("esp32-devkitc", "ESP32-DevKitC"), ("esp32-c3-devkitm", "ESP32-C3-DevKitM"), ("huzzah32", "HUZZAH32")];

    /// <summary>The pin maps are held against the firmware by a test of their own.</summary>
    [TestMethod]
    [LongDataRow(false)]
    [DataRow(true)]
    public async Task Board_Chosen_ItsWiringInAPictureAndInWords(bool isPhone)
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: isPhone, isDark: isPhone);
        await visitor.GoAsync("/add");
        foreach ((string board, string label) in Boards)
        {
            await visitor.Page.GetByRole(AriaRole.Radio, new() { Name = label }).CheckAsync();
            using JsonDocument map = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(SourceTree.Root(), "hardware", "boards", board, "pins.json")));
            string title = map.RootElement.GetProperty("title").GetString()!;
            await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Img, new() { Name = $"Wiring of {title}" })).ToBeVisibleAsync();
            await Assertions.Expect(visitor.Page.Locator(".wiring-picture svg")).ToBeVisibleAsync();

            Assert.AreSequenceEqual(WiresOf(map.RootElement), await visitor.Page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('.wiring tbody')].flatMap((b) => [...b.rows].slice(1).map((r) => `${b.rows[0].cells[0].firstChild.textContent}.${r.cells[0].textContent} ${r.cells[1].textContent} ${r.cells[2].textContent}`))"));
            await visitor.ExpectNoSidewaysScrollAsync(board);
        }

        // Whoever knows it by heart folds it, and finds it so.
        await visitor.Page.GetByText("How its parts are wired").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".wiring-picture")).ToBeHiddenAsync();
        await visitor.GoAsync("/add");
        await Assertions.Expect(visitor.Page.GetByText("How its parts are wired")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".wiring-picture")).ToBeHiddenAsync();
    }

    // By part, as the page has them; a number behind a name that is there several times is not printed on the board.
    private static IEnumerable<string> WiresOf(JsonElement map)
    {
        foreach (JsonElement part in map.GetProperty("parts").EnumerateArray())
            foreach (JsonElement wire in map.GetProperty("wires").EnumerateArray())
                if (wire.GetProperty("to").GetString() is { } to && to.StartsWith($"{part.GetProperty("name").GetString()}.", StringComparison.Ordinal))
                    yield return $"{to} {wire.GetProperty("pin").GetString()!.Split('.')[0]} {wire.GetProperty("color").GetString()}{(wire.TryGetProperty("through", out JsonElement through) ? $", {through.GetString()}" : "")}";
    }
}
