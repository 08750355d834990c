using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>
/// The first page over a slow network on a slow machine. What it weighs and how many answers it waits for in a row is tested; how long it takes is
/// measured, for one who asks: DEVICEMQTT_FIRST_PAGE=FILE.
/// </summary>
[TestClass]
public sealed class SpeedTests
{
    private const int BytesMax = 100 * 1024;
    private const int Boards = 10_000;
    private const int CpuTimes = 4;
    private const int Rounds = 9;

    // "3G Fast" of WebPageTest: 1.6 Mbit/s down, 0.75 up, 150 ms there and back. Chrome's own "Fast 3G" has 562 ms for each request and nine tenths of that rate.
    private static readonly (string Name, double LatencyMs, double DownBytes, double UpBytes)[] Networks =
    [
        ("3G Fast (150 ms)", 150, 1.6e6 / 8, 0.768e6 / 8),
        ("Chrome's Fast 3G (562.5 ms)", 562.5, 1.44e6 / 8, 0.675e6 / 8),
    ];

    [TestMethod]
    public async Task FirstPage_OfTenThousandDevices_IsLightAndAsksOnceForItsData()
    {
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.PublishOfMany(Boards);
        _ = await visitor.Page.GotoAsync("about:blank"); // the page that is open asks for what has changed
        List<string> asked = [];
        visitor.Page.Request += (_, request) =>
        {
            lock (asked)
                asked.Add(new Uri(request.Url).AbsolutePath);
        };
        Load load = await LoadAsync(visitor, Networks[0]);

        Assert.IsLessThanOrEqualTo(BytesMax, load.Bytes, $"{load.Bytes} bytes over the wire");
        string[] before;
        lock (asked)
            before = [.. asked.TakeWhile(static path => path != "/api/v1/stream")];
        Assert.Contains("/api/v1/start", before);
        Assert.DoesNotContain("/api/v1/session", before, "who is there was told with the first rows");
        Assert.DoesNotContain("/api/v1/devices", before, "the first rows were there");
    }

    [TestMethod]
    public async Task FirstPage_OnASlowNetwork_IsMeasured()
    {
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_FIRST_PAGE") is not { Length: > 0 } file)
            throw new AssertInconclusiveException("measures for one who asks: DEVICEMQTT_FIRST_PAGE=FILE");
        await using Visitor visitor = await Visitor.ComeInAsync();
        visitor.PublishOfMany(Boards);
        List<string> lines = [];
        foreach (var network in Networks)
        {
            List<Load> loads = [];
            for (int i = 0; i < Rounds; i++)
                loads.Add(await LoadAsync(visitor, network));
            double[] paint = [.. loads.Select(static l => l.PaintMs).Order()];
            double[] rows = [.. loads.Select(static l => l.InteractiveMs).Order()];
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{network.Name}, processor at 1/{CpuTimes}: first paint {paint[Rounds / 2]:0} ms, rows there and the page free {rows[Rounds / 2]:0} ms ({rows[0]:0} to {rows[^1]:0}), {loads[0].Bytes / 1000.0:0.0} KB"));
        }

        await File.WriteAllLinesAsync(file, lines);
    }

    private sealed record Load(double PaintMs, double InteractiveMs, long Bytes);

    // A new page with an empty cache, and the login of the one that is open.
    private static async Task<Load> LoadAsync(Visitor visitor, (string Name, double LatencyMs, double DownBytes, double UpBytes) network)
    {
        IPage page = visitor.Page;
        _ = await page.GotoAsync("about:blank");
        ICDPSession chrome = await page.Context.NewCDPSessionAsync(page);
        _ = await chrome.SendAsync("Network.enable");
        _ = await chrome.SendAsync("Network.clearBrowserCache");
        _ = await chrome.SendAsync("Network.emulateNetworkConditions", new() { ["offline"] = false, ["latency"] = network.LatencyMs, ["downloadThroughput"] = network.DownBytes, ["uploadThroughput"] = network.UpBytes });
        _ = await chrome.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = CpuTimes });
        ConcurrentBag<long> bytes = [];
        chrome.Event("Network.loadingFinished").OnEvent += (_, finished) => bytes.Add((long)finished!.Value.GetProperty("encodedDataLength").GetDouble());
        await page.AddInitScriptAsync(WhenFree);
        _ = await page.GotoAsync(visitor.Root + "/devices");
        JsonElement? moments = await page.EvaluateAsync("() => new Promise((done) => { const look = () => window.free ? done({ paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, free: window.free }) : setTimeout(look, 20); look() })");
        await chrome.DetachAsync();
        return new Load(moments!.Value.GetProperty("paint").GetDouble(), moments.Value.GetProperty("free").GetDouble(), bytes.Sum());
    }

    // The first row is drawn, and what was to be done after that is done: a click would be answered now.
    private const string WhenFree = """
        new MutationObserver((_, self) => {
            if (!document.querySelector('[data-row]')) return
            self.disconnect()
            requestAnimationFrame(() => setTimeout(() => { window.free = performance.now() }))
        }).observe(document, { childList: true, subtree: true })
        """;
}
