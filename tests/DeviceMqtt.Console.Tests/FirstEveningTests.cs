using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Simulator;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>The first evening of a maker with the gateway, as one story.</summary>
[TestClass]
public sealed class FirstEveningTests
{
    [TestMethod]
    public async Task FirstEvening_FromTheCodeToAnUpstreamThatIsCut()
    {
        string address = $"127.0.0.1:{FreePorts.Take()}";
        await using GatewayHost first = await UpstreamAsync(address);
        await using Visitor visitor = await Visitor.ComeAsync(options => options.Upstream = $"mqtt://{address}");
        IPage page = visitor.Page;

        // Nothing is open, the code lets in, and the page says what to do next.
        await visitor.WelcomeAsync();
        await Assertions.Expect(page.GetByText("No device yet")).ToBeVisibleAsync();

        // A device is added, and its page waits for it.
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a device" }).First.ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("kitchen");
        await page.GetByLabel("Network").FillAsync("house");
        await page.GetByLabel("Password").FillAsync("wifi password");
        await page.GetByLabel("The gateway's address").FillAsync("127.0.0.1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Let it in" }).ClickAsync();
        await Assertions.Expect(page.GetByText("firmware/flash.sh")).ToBeVisibleAsync();
        string password = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(visitor.Options.Data, "devices", "kitchen", "settings.json"))).RootElement.GetProperty("password").GetString()!;

        // It is flashed: a virtual one. The page becomes the device's.
        await using VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = password, Period = TimeSpan.FromMilliseconds(500) });
        board.Start();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "kitchen" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Online", new() { Exact = true })).ToBeVisibleAsync();

        // Its chart moves.
        await Assertions.Expect(page.Locator(".chart canvas").First).ToBeVisibleAsync();
        ILocator table = page.Locator(".table-of").First;
        await table.Locator("summary").ClickAsync();
        await Assertions.Expect(table.Locator("tbody tr").Nth(4)).ToBeVisibleAsync();

        // It obeys.
        ILocator on = page.GetByRole(AriaRole.Switch, new() { Name = "on" }).First;
        if (await on.GetAttributeAsync("aria-checked") != "true")
            await on.ClickAsync();
        await Assertions.Expect(on).ToHaveAttributeAsync("aria-checked", "true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Done").First).ToBeVisibleAsync();
        Assert.IsTrue(board.IsRelayOn);

        // The upstream is cut: what waits is counted, in words. It is back, and nothing waits any more.
        await first.StopAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Relay" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Down:")).ToBeVisibleAsync();
        await using GatewayHost again = await UpstreamAsync(address);
        await Assertions.Expect(page.GetByText("Connected for")).ToBeVisibleAsync();
        await again.StopAsync();
    }

    private static async Task<GatewayHost> UpstreamAsync(string address)
    {
        GatewayHost host = GatewayHost.Create(new GatewayOptions { Listen = [address], Http = "off", Data = GatewayOptions.NoData, Security = { LocalRole = "bridge" } });
        await host.StartAsync();
        return host;
    }
}
