using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>
/// The list of 10,000 devices on a slow machine while it is scrolled, filtered, sorted and grouped: tasks of more than 50 ms, as the browser counts them (PerformanceObserver, longtask).
/// For one who asks: DEVICEMQTT_SMOOTH=FILE.
/// </summary>
[TestClass]
public sealed class SmoothTests
{
    private const int Boards = 10_000;
    private const int Groups = 12;
    private static readonly int[] CpuTimes = [1, 4];

    [TestMethod]
    public async Task List_OfTenThousandDevices_LongTasksAreMeasured()
    {
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_SMOOTH") is not { Length: > 0 } file)
            throw new AssertInconclusiveException("measures for one who asks: DEVICEMQTT_SMOOTH=FILE");
        await using Visitor visitor = await Visitor.ComeInAsync();
        for (int i = 0; i < Boards; i++)
        {
            visitor.Publish($"dm/board-{i}/info", BirthOf(i, $"0.2.{i % 7}"));
            visitor.Publish($"dm/board-{i}/tele/climate", string.Create(CultureInfo.InvariantCulture, $$"""{"n":1,"temp":{{20 + (i % 9)}},"hum":{{40 + (i % 30)}},"rssi":{{-50 - (i % 40)}},"batt":{{i % 100}}}"""));
        }

        await visitor.Page.AddInitScriptAsync("window.long = []; new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask', buffered: true })");
        ICDPSession chrome = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        Assertions.SetDefaultExpectTimeout(60_000); // on a slow machine
        await using Timer readings = new(_ => Tell(visitor), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        List<string> lines = [];
        foreach (int times in CpuTimes)
        {
            _ = await chrome.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = times });
            lines.Add($"processor at 1/{times}");
            await WalkAsync(visitor, lines, firmware: $"0.3.{times}");
        }

        await File.WriteAllLinesAsync(file, lines);
    }

    private static async Task WalkAsync(Visitor visitor, List<string> lines, string firmware)
    {
        await visitor.GoAsync("/devices");
        await Assertions.Expect(visitor.Page.Locator("[data-row='0']")).ToBeVisibleAsync();
        await StepAsync(visitor, lines, "the first picture", static _ => Task.CompletedTask);
        foreach (int pixels in (int[])[100, 600])
            await StepAsync(visitor, lines, $"scroll, 120 turns of the wheel of {pixels} pixels", async page =>
            {
                await page.Mouse.MoveAsync(640, 500);
                for (int i = 0; i < 120; i++)
                    await page.Mouse.WheelAsync(0, pixels);
            });
        await StepAsync(visitor, lines, "jump to the end and back", static async page =>
        {
            await page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
            await Assertions.Expect(page.Locator($"[data-row='{Boards - 1}']")).ToBeVisibleAsync();
            await page.EvaluateAsync("() => scrollTo(0, 0)");
            await Assertions.Expect(page.Locator("[data-row='0']")).ToBeVisibleAsync();
        });
        await StepAsync(visitor, lines, "filter typed, and taken away", static async page =>
        {
            await page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync("board-12", new() { Delay = 120 });
            await Assertions.Expect(page.Locator("[role=table]")).ToHaveAttributeAsync("aria-rowcount", "111");
            await page.GetByRole(AriaRole.Searchbox).FillAsync("");
            await Assertions.Expect(page.Locator("[role=table]")).ToHaveAttributeAsync("aria-rowcount", Boards.ToString(CultureInfo.InvariantCulture));
        });
        foreach (string column in (string[])["Signal", "Battery", "Since", "Name"])
            await StepAsync(visitor, lines, $"sorted by {column}", async page =>
            {
                _ = await page.RunAndWaitForResponseAsync(() => page.Locator(".sorter", new() { HasText = column }).ClickAsync(), static response => response.Url.Contains("/api/v1/devices?", StringComparison.Ordinal));
                await Assertions.Expect(page.Locator("[data-row='0']")).ToBeVisibleAsync();
            });
        await StepAsync(visitor, lines, "grouped", static async page =>
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Group: none" }).ClickAsync();
            await Assertions.Expect(page.Locator(".group-first").First).ToBeVisibleAsync();
        });
        await StepAsync(visitor, lines, "all change in one second", async page =>
        {
            Task told = page.EvaluateAsync("() => new Promise((done) => setTimeout(done, 4000))");
            for (int i = 0; i < Boards; i++)
                visitor.Publish($"dm/board-{i}/info", BirthOf(i, firmware));
            await told;
        });
    }

    private static string BirthOf(int board, string firmware) => $$$$"""{"id":"GID_hall-{{{{board % Groups}}}}@@@board-{{{{board}}}}","fw":"{{{{firmware}}}}","tele":{"climate":{"temp":"Cel","hum":"%RH"}}}""";

    // What 300 boards in view and around measure.
    private static void Tell(Visitor visitor)
    {
        for (int i = 0; i < 300; i++)
            visitor.Publish($"dm/board-{i}/tele/climate", string.Create(CultureInfo.InvariantCulture, $$"""{"n":2,"temp":{{20 + (i % 9)}},"hum":{{40 + (i % 30)}}}"""));
    }

    private static async Task StepAsync(Visitor visitor, List<string> lines, string name, Func<IPage, Task> act)
    {
        await act(visitor.Page);
        JsonElement? found = await visitor.Page.EvaluateAsync("() => new Promise((done) => setTimeout(() => done(window.long.splice(0)), 500))");
        int[] longTasks = [.. found!.Value.EnumerateArray().Select(static e => e.GetInt32())];
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {longTasks.Length} tasks of more than 50 ms, the longest {(longTasks.Length == 0 ? 0 : longTasks.Max())} ms"));
    }
}
