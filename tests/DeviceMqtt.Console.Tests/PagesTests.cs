using System.Threading.Channels;
using DeviceMqtt.Simulator;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>Each page, empty and full, on a desk and on a phone, with names that mean harm and a gateway that goes away.</summary>
[TestClass]
public sealed class PagesTests
{
    private static readonly string[] All = ["/devices", "/add", "/messages", "/messages/watch", "/messages/retained", "/messages/trace", "/relay", "/health", "/health/clients", "/health/log", "/users", "/settings"];

    [TestMethod]
    [DataRow(false)]
    [LongDataRow(true)]
    public async Task Page_Each_WithoutADevice_SaysWhatToDoAndFits(bool isPhone)
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: isPhone);
        foreach (string path in All)
        {
            await visitor.GoAsync(path);
            await visitor.ExpectNoSidewaysScrollAsync(path);
        }

        await visitor.GoAsync("/devices");
        await Assertions.Expect(visitor.Page.GetByText("No device yet")).ToBeVisibleAsync();
        await visitor.GoAsync("/relay");
        await Assertions.Expect(visitor.Page.GetByText("No upstream: messages stay here")).ToBeVisibleAsync();
    }

    [TestMethod]
    [LongDataRow(false)]
    [DataRow(true)]
    public async Task Page_Each_WithABoard_Fits(bool isPhone)
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: isPhone, isDark: isPhone);
        await using VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = visitor.LetIn("kitchen"), Period = TimeSpan.FromMilliseconds(200) });
        board.Start();
        await visitor.ExpectRowAsync("kitchen");
        foreach (string path in (string[])[.. All, "/devices/kitchen", "/devices/kitchen/events", "/devices/kitchen/commands", "/devices/kitchen/messages", "/devices/kitchen/presence", "/devices/kitchen/settings"])
        {
            await visitor.GoAsync(path);
            await visitor.ExpectNoSidewaysScrollAsync(path);
        }
    }

    [TestMethod]
    public async Task Devices_Thousands_FewRowsAreDrawnAndTheLastIsFound()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.PublishOfMany(10_000);
        await visitor.GoAsync("/devices");
        // The number may be there before the list has its height: its first answer can be of a look while they came.
        await Assertions.Expect(visitor.Page.Locator("[role=table]")).ToHaveAttributeAsync("aria-rowcount", "10000");
        await Assertions.Expect(visitor.Page.Locator("[data-row='0']")).ToBeVisibleAsync();

        int rows = await visitor.Page.Locator("[data-row]").CountAsync();
        Assert.IsLessThan(60, rows, "rows that nobody sees are drawn");
        await visitor.Page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
        await Assertions.Expect(visitor.Page.GetByText("board-9999")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Searchbox).FillAsync("board-1234");
        await Assertions.Expect(visitor.Page.Locator("[data-row]")).ToHaveCountAsync(1);
    }

    // As a browser does that goes back to where its reader was: before the page has begun to listen for that. Listeners are kept back until the scroll was told, so that it
    // is so on any machine.
    [TestMethod]
    public async Task Devices_ScrolledAtTheFirstPicture_RowsInViewAreDrawn()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.PublishOfMany(10_000);
        await visitor.Page.AddInitScriptAsync("""
            const listen = window.addEventListener.bind(window)
            let late = []
            window.addEventListener = (type, ...rest) => type === 'scroll' && late !== null ? late.push(rest) : listen(type, ...rest)
            new MutationObserver((_, self) => {
                const page = document.documentElement
                if (page.scrollHeight < 10_000 * 44) return // a list that was made while they came is shorter
                self.disconnect()
                listen('scroll', () => setTimeout(() => { late.forEach((rest) => listen('scroll', ...rest)); late = null }), { once: true })
                scrollTo(0, page.scrollHeight)
            }).observe(document, { childList: true, subtree: true, attributes: true })
            """);
        await visitor.GoAsync("/devices");
        await Assertions.Expect(visitor.Page.GetByText("board-9999")).ToBeVisibleAsync();
    }

    // The list is asked for twice before the first answer is there, as when the stream begins while the page loads, or somebody sorts twice. The second answer empties it once more.
    [TestMethod]
    public async Task Devices_AskedForTwiceBeforeTheFirstAnswer_RowsInViewAreDrawn()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.PublishOfMany(1_000);
        await visitor.GoAsync("/devices");
        await Assertions.Expect(visitor.Page.Locator("[data-row='0']")).ToBeVisibleAsync();
        await visitor.Page.EvaluateAsync("() => scrollTo(0, document.documentElement.scrollHeight)");
        await Assertions.Expect(visitor.Page.Locator("[data-row='999']")).ToBeVisibleAsync();

        Channel<IRoute> lists = Channel.CreateUnbounded<IRoute>();
        await visitor.Page.RouteAsync("**/api/v1/devices?*offset=0&*", route => lists.Writer.TryWrite(route));
        await visitor.Page.EvaluateAsync("() => [...document.querySelectorAll('.sorter')].find((b) => b.textContent.startsWith('State')).click()");
        IRoute first = await lists.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);
        await visitor.Page.EvaluateAsync("() => [...document.querySelectorAll('.sorter')].find((b) => b.textContent.startsWith('Signal')).click()");
        IRoute second = await lists.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);
        _ = await visitor.Page.RunAndWaitForResponseAsync(() => first.ContinueAsync(), response => response.Url.Contains("offset=0", StringComparison.Ordinal));
        _ = await visitor.Page.EvaluateAsync("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        await Assertions.Expect(visitor.Page.Locator(".skeleton")).ToHaveCountAsync(0);
        _ = await visitor.Page.RunAndWaitForResponseAsync(() => second.ContinueAsync(), response => response.Url.Contains("offset=960", StringComparison.Ordinal));
        await Assertions.Expect(visitor.Page.Locator("[data-row='999']")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".skeleton")).ToHaveCountAsync(0);
    }

    [TestMethod]
    [DataRow(false)]
    [LongDataRow(true)]
    public async Task Page_Each_WithThousandsOfDevices_Fits(bool isPhone)
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: isPhone);
        visitor.PublishOfMany(10_000);
        foreach (string path in (string[])[.. All, "/devices/board-5000"])
        {
            await visitor.GoAsync(path);
            await visitor.ExpectNoSidewaysScrollAsync(path);
        }
    }

    [TestMethod]
    public async Task Message_Followed_EachStepIsThere()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        await using VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = visitor.LetIn("kitchen"), Period = TimeSpan.FromMilliseconds(500) });
        board.Start();
        await visitor.ExpectRowAsync("kitchen");
        await visitor.PublishAsync("house/nobody", "x");

        await visitor.GoAsync("/messages/trace?filter=house%2F%23");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "house/nobody" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Nobody subscribed to this topic")).ToBeVisibleAsync();

        await visitor.GoAsync("/devices/kitchen");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await visitor.Page.GetByText("Where is it? Each step in the gateway").ClickAsync();
        await visitor.Page.Locator(".raw button").Last.ClickAsync(); // its answer is the newer one
        await Assertions.Expect(visitor.Page.GetByText("In its mailbox")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByText("PUBACK for packet")).ToBeVisibleAsync();

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Client", Exact = true }).ClickAsync();
        await visitor.Page.GetByLabel("Client Identifier").FillAsync("GID_home@@@kitchen");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Find", Exact = true }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Keep for a day" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Kept until")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "no longer" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Kept until")).ToBeHiddenAsync();
    }

    [TestMethod]
    public async Task CommandThatWaits_TakenBackOnAPhone_IsGone()
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: true);
        VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = visitor.LetIn("kitchen"), Period = TimeSpan.FromMilliseconds(500) });
        board.Start();
        // The row is there before the board is: a device that was let in and never seen has one.
        await Assertions.Expect(visitor.Page.GetByText("Online").First).ToBeVisibleAsync();
        await board.DisposeAsync();
        await Assertions.Expect(visitor.Page.GetByText("Offline").First).ToBeVisibleAsync();
        foreach (string command in (string[])["ping", "info"])
            _ = await visitor.AskAsync("POST", "devices/kitchen/commands", $$"""{"command":"{{command}}","seconds":3600}""");

        await visitor.GoAsync("/devices/kitchen/commands");
        await Assertions.Expect(visitor.Page.GetByText("2 waiting")).ToBeVisibleAsync();
        await visitor.ExpectNoSidewaysScrollAsync("a mailbox");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).First.ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("1 waiting")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByText("Taken back before it was delivered")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "In its mailbox" })).ToBeHiddenAsync();
    }

    // Its charts are four screens of a phone, and the commands stand below them.
    [TestMethod]
    public async Task Phone_PageOfADevice_CommandsAreOneTouchAway()
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: true);
        await using VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = visitor.LetIn("kitchen"), Period = TimeSpan.FromMilliseconds(200) });
        board.Start();
        await visitor.ExpectRowAsync("kitchen");
        await visitor.GoAsync("/devices/kitchen");
        await Assertions.Expect(visitor.Page.Locator(".chart canvas").Nth(2)).ToBeAttachedAsync();
        ILocator send = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true });
        await Assertions.Expect(send).Not.ToBeInViewportAsync();

        ILocator jump = visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Command", Exact = true });
        await jump.ClickAsync();
        await Assertions.Expect(send).ToBeInViewportAsync();
        await Assertions.Expect(jump).ToBeHiddenAsync();
        await visitor.ExpectNoSidewaysScrollAsync("a device");
    }

    [TestMethod]
    public async Task Phone_MoreOfTheConsole_SettingsColoursAndTheWayOut()
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isPhone: true);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "More" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Dark colours" }).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Settings in force" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();
        await visitor.ExpectNoSidewaysScrollAsync("the settings");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "More" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".door-card .brand-text")).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Monitor_SeesAndChangesNothing()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.ExpectsCuts = true; // the browser complains of each 403, which a test asks for
        await using VirtualBoard board = new(new VirtualBoardOptions { Port = visitor.MqttPort, ClientId = "GID_home@@@kitchen", UserName = "kitchen", Password = visitor.LetIn("kitchen"), Period = TimeSpan.FromMilliseconds(500) });
        board.Start();
        await visitor.ExpectRowAsync("kitchen");
        _ = await visitor.AskAsync("PUT", "users", """{"name":"max","role":"monitor","password":"only looking"}""");
        await visitor.LogInAsync("max", "only looking");

        await visitor.GoAsync("/devices/kitchen");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true })).ToBeDisabledAsync();
        await Assertions.Expect(visitor.Page.GetByText("Needs role operator").First).ToBeVisibleAsync();
        await visitor.GoAsync("/messages");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Publish" })).ToBeDisabledAsync();
        await visitor.GoAsync("/messages/trace?client=GID_home%40%40%40kitchen");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Keep for a day" })).ToBeDisabledAsync();
        foreach (string path in All)
        {
            await visitor.GoAsync(path);
            await visitor.ExpectNoSidewaysScrollAsync(path);
        }

        Assert.Contains("operator", await visitor.AskAsync("POST", "messages", """{"topic":"a","text":"b","qoS":0,"retain":false}"""), StringComparison.Ordinal, "the API is not to do what the page does not offer");
    }

    [TestMethod]
    [LongRun]
    public async Task Chart_IntervalGrows_TheLineMends()
    {
        // What waits for an upstream is read again at the restart, as fast as it goes.
        await using Visitor visitor = await Visitor.ComeInAsync(static options => options.Upstream = "mqtt://127.0.0.1:9");
        visitor.ExpectsCuts = true;
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        // Each second, and then each 20 seconds: that is another interval, and no gap of the old one. At the end a gap of the new one.
        for (int i = 0; i < 40; i++)
            visitor.Publish("dm/shed/tele/climate", $$"""{"n":{{i + 1}},"t":{{now - 850 + i}},"temp":{{20 + (i % 3)}}}""");
        for (int i = 0; i < 30; i++)
            visitor.Publish("dm/shed/tele/climate", $$"""{"n":{{i + 41}},"t":{{now - 800 + (i * 20)}},"temp":{{20 + (i % 3)}}}""");
        visitor.Publish("dm/shed/tele/climate", $$"""{"n":72,"t":{{now - 5}},"temp":20}""");
        await visitor.StopGatewayAsync();
        await visitor.StartGatewayAsync();
        await visitor.LogInAsync(Visitor.Name, Visitor.Password);

        await visitor.UntilAskedAsync("devices/shed/readings?stream=climate&points=4000", static found => found.GetProperty("metrics") is { } metrics && metrics.GetArrayLength() > 0 && metrics[0].GetProperty("points").GetArrayLength() == 71);
        await visitor.GoAsync("/devices/shed?range=900000");

        await Assertions.Expect(visitor.Page.Locator(".chart").First).ToHaveAttributeAsync("data-gaps", "1");
    }

    [TestMethod]
    public async Task Names_ThatMeanHarm_AreText()
    {
        const string Script = "<img src=x onerror=alert(1)>";
        await using Visitor visitor = await Visitor.ComeInAsync();
        await visitor.PublishAsync($"dm/{Script}/tele/<script>alert(2)<", """{"n":1,"<b>temp</b>":20}""");
        await visitor.PublishAsync($"dm/{Script}/evt/x", $$"""{"n":1,"note":"{{Script}}"}""");
        await visitor.PublishAsync("dm/a\u202Eb\u200Bc/tele/climate", """{"n":1,"temp":20}""");
        await visitor.PublishAsync("house/x", new string('x', 60_000), isRetained: true);
        await visitor.PublishAsync("house/y", "<svg onload=alert(3)>\u202E", isRetained: true);
        await visitor.GoAsync("/devices");

        await Assertions.Expect(visitor.Page.GetByText(Script).First).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByText("a\\u202eb\\u200bc").First).ToBeVisibleAsync();
        foreach (string path in (string[])[$"/devices/{Uri.EscapeDataString(Script)}", $"/devices/{Uri.EscapeDataString(Script)}/events", "/messages?topic=house%2Fy", "/messages/retained", "/health/clients", "/health/log"])
        {
            await visitor.GoAsync(path);
            await visitor.ExpectNoSidewaysScrollAsync(path);
        }

        Assert.AreEqual(0, await visitor.Page.Locator("main img, main script, main [onload]").CountAsync());
    }

    // A board chooses the names of what it measures: one that JavaScript has on each object is a name as any other.
    [TestMethod]
    public async Task Readings_NamedAsWhatJavaScriptHas_AreShown()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        await visitor.PublishAsync("dm/shed/info", """{"id":"shed","fw":"constructor","board":"a\u202Eb","units":{"climate":{"constructor":"toString"}}}""", isRetained: true);
        await visitor.PublishAsync("dm/shed/tele/climate", """{"n":1,"constructor":20,"__proto__":3,"valueOf":4}""");
        await visitor.GoAsync("/devices/shed");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Constructor" })).ToBeVisibleAsync();
        await visitor.GoAsync("/devices/shed/settings");
        await Assertions.Expect(visitor.Page.GetByText("Constructor").First).ToBeVisibleAsync();
    }

    [TestMethod]
    public async Task Gateway_GoesAndComesBack_ThePageSaysSoAndGoesOn()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.ExpectsCuts = true;
        await visitor.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");
        await visitor.ExpectRowAsync("kitchen");

        await visitor.StopGatewayAsync();
        await Assertions.Expect(visitor.Page.GetByText("Not live.")).ToBeVisibleAsync();
        await visitor.ExpectRowAsync("kitchen"); // what was there stays
        await visitor.StartGatewayAsync();

        // A restart has logged everybody out: the login opens over the page.
        await visitor.Page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync(Visitor.Name);
        await visitor.Page.GetByRole(AriaRole.Dialog).GetByLabel("Password").FillAsync(Visitor.Password);
        await visitor.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Not live.")).ToBeHiddenAsync();
    }

    [TestMethod]
    public async Task Keyboard_Alone_GetsEverywhere()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        await visitor.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");
        await visitor.ExpectRowAsync("kitchen");

        await visitor.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Page.Keyboard.PressAsync("j");
        await Assertions.Expect(visitor.Page.Locator("[data-row='0']")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "kitchen" })).ToBeVisibleAsync();
        await visitor.Page.Keyboard.PressAsync("g");
        await visitor.Page.Keyboard.PressAsync("h");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Health", Exact = true })).ToBeVisibleAsync();
        await visitor.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Text_OnItsGround_HasContrast(bool isDark)
    {
        await using Visitor visitor = await Visitor.ComeInAsync(isDark: isDark);
        await visitor.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");
        foreach (string path in (string[])["/devices", "/devices/kitchen", "/add", "/messages", "/health", "/relay", "/settings", "/users"])
        {
            await visitor.GoAsync(path);
            string weak = await visitor.Page.EvaluateAsync<string>(Contrast);
            Assert.AreEqual("", weak, path);
        }
    }

    // WCAG 2.2, 1.4.3: 4.5 to 1 for text, 3 to 1 for large text; what is off is not meant.
    private const string Contrast = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
          const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255] }
          const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1)
          const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
          const ground = (e) => { const all = []; for (let x = e; x; x = x.parentElement) all.unshift(rgba(getComputedStyle(x).backgroundColor)); return all.reduce((under, c) => c[3] === 0 ? under : over(c, under), [255, 255, 255, 1]) }
          const weak = new Set()
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
          while (walk.nextNode()) {
            const e = walk.currentNode.parentElement
            if (!walk.currentNode.textContent.trim() || !e || e.closest('noscript, [disabled], svg, option') || e.getClientRects().length === 0) continue
            const style = getComputedStyle(e)
            if (style.visibility === 'hidden') continue
            const back = ground(e), text = rgba(style.color)
            let opacity = 1
            for (let x = e; x; x = x.parentElement) opacity *= Number(getComputedStyle(x).opacity)
            text[3] *= opacity
            const a = light(over(text, back)), b = light(back), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
            const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700)
            if (ratio < (large ? 3 : 4.5)) weak.add(`${ratio.toFixed(2)} ${walk.currentNode.textContent.trim().slice(0, 40)}`)
          }
          return [...weak].join('\n')
        }
        """;
}
