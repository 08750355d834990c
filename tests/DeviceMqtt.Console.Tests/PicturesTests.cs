using DeviceMqtt.Simulator;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>The pictures of the documents, of pages with real boards: DEVICEMQTT_PICTURES=write makes them anew.</summary>
[TestClass]
public sealed class PicturesTests
{
    private static readonly string[] Names = ["kitchen", "greenhouse", "boiler", "garage-door", "well-pump", "cold-store", "attic", "workshop"];

    [TestMethod]
    [LongRun]
    public async Task Pictures_OfTheMainPages_AreMade()
    {
        await using Visitor visitor = await Visitor.ComeInAsync(static options => options.Upstream = "mqtt://127.0.0.1:9");
        List<VirtualBoard> boards = [.. Names.Select((name, i) => new VirtualBoard(new VirtualBoardOptions
        {
            Port = visitor.MqttPort,
            ClientId = $"GID_{(i % 2 == 0 ? "house" : "yard")}@@@{name}",
            UserName = name,
            Password = visitor.LetIn(name),
            Seed = i + 1,
            Period = TimeSpan.FromMilliseconds(200),
            ButtonEvery = TimeSpan.FromSeconds(5),
        }))];
        try
        {
            foreach (VirtualBoard board in boards)
                board.Start();
            // Hours of readings, as boards bring them that were cut off: late, each at the time it was measured.
            await visitor.Page.EvaluateAsync(History);
            await boards[4].KillAsync();
            await Assertions.Expect(visitor.Page.GetByText("Offline").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await TakeAsync(visitor, "/devices", "devices");
            await visitor.GoAsync("/devices/greenhouse?range=3600000");
            await visitor.Page.Locator(".chart canvas").Nth(1).WaitForAsync();
            await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
            await visitor.Page.GetByText("Done").First.WaitForAsync();
            await ShootAsync(visitor, "device");
            await TakeAsync(visitor, "/health", "health");
            await visitor.GoAsync("/relay");
            await visitor.Page.GetByText("Next try in").WaitForAsync();
            await ShootAsync(visitor, "relay");
            await TakeAsync(visitor, "/add", "add");
            await visitor.GoAsync("/messages/trace?client=GID_yard%40%40%40greenhouse");
            await visitor.Page.Locator(".raw button").First.ClickAsync();
            await visitor.Page.Locator(".way-to").First.WaitForAsync();
            await ShootAsync(visitor, "trace");
            await LookAtAllAsync(visitor);
        }
        finally
        {
            foreach (VirtualBoard board in boards)
                await board.DisposeAsync();
        }
    }

    // For one who wants to see each page: DEVICEMQTT_PICTURES=FOLDER, at the width of a desk and of a phone, light and dark.
    private static async Task LookAtAllAsync(Visitor visitor)
    {
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_PICTURES") is not { Length: > 0 } folder || !Directory.Exists(folder))
            return;
        foreach (string command in (string[])["""{"command":"relay.set","arguments":{"on":true},"seconds":3600}""", """{"command":"interval.set","arguments":{"stream":"climate","every":30}}"""])
            _ = await visitor.AskAsync("POST", "devices/well-pump/commands", command);
        foreach ((string form, int width, int height, ColorScheme scheme) in ((string, int, int, ColorScheme)[])
            [("desk", 1280, 800, ColorScheme.Light), ("phone", 390, 844, ColorScheme.Light), ("desk-dark", 1280, 800, ColorScheme.Dark), ("phone-dark", 390, 844, ColorScheme.Dark)])
        {
            await visitor.Page.SetViewportSizeAsync(width, height);
            await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            foreach (string path in (string[])["/devices", "/devices/greenhouse", "/devices/greenhouse/events", "/devices/greenhouse/commands", "/devices/greenhouse/messages", "/devices/greenhouse/presence", "/devices/greenhouse/settings", "/devices/well-pump", "/devices/well-pump/commands", "/add", "/messages", "/messages/watch", "/messages/retained", "/messages/trace?client=GID_yard%40%40%40greenhouse", "/relay", "/health", "/health/clients", "/health/log", "/users", "/settings"])
            {
                await visitor.GoAsync(path);
                await visitor.Page.Locator("main .grey, main .loading").First.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
                if (path == "/messages")
                    await visitor.Page.Locator(".tree").WaitForAsync();
                if (path.Contains("trace", StringComparison.Ordinal))
                    await visitor.Page.Locator(".raw button").First.ClickAsync();
                if (path == "/devices/well-pump/commands")
                    await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "In its mailbox" }).WaitForAsync();
                if (path == "/devices/greenhouse")
                    await visitor.Page.Locator(".chart canvas").First.WaitForAsync();
                byte[] picture = await visitor.Page.ScreenshotAsync(new() { FullPage = width < 720 });
                await File.WriteAllBytesAsync(Path.Combine(folder, $"{form}{path.Split('?')[0].Replace('/', '-')}.png"), picture);
            }
        }
    }

    private const string History = """
        async () => {
          const now = Date.now() / 1000
          let n = 1
          for (let t = now - 3500; t < now - 10; t += 10) {
            const gap = t > now - 2300 && t < now - 2000
            if (gap) continue
            const wave = Math.sin(t / 400) + Math.sin(t / 90) / 6
            const late = t > now - 1300 && t < now - 1000 ? ',"h":1' : ''
            await fetch('/api/v1/messages', { method: 'POST', headers: { 'content-type': 'application/json', 'X-DeviceMqtt': '1' },
              body: JSON.stringify({ topic: 'dm/greenhouse/tele/climate', text: `{"n":${n++},"t":${t.toFixed(1)},"temp":${(21 + wave).toFixed(2)},"hum":${(44 - 3 * wave).toFixed(1)}${late}}`, qoS: 0, retain: false }) })
            await new Promise((done) => setTimeout(done, 110))
          }
        }
        """;

    private static async Task TakeAsync(Visitor visitor, string path, string name)
    {
        await visitor.GoAsync(path);
        await visitor.Page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        await visitor.Page.Locator(".rail-foot .is-online").WaitForAsync();
        await ShootAsync(visitor, name);
    }

    private static async Task ShootAsync(Visitor visitor, string name)
    {
        byte[] picture = await visitor.Page.ScreenshotAsync();
        Assert.IsGreaterThan(10_000, picture.Length, name);
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_PICTURES") == "write")
            await File.WriteAllBytesAsync(Path.Combine(SourceTree.Root(), "gateway", "docs", "images", $"{name}.png"), picture);
    }
}
