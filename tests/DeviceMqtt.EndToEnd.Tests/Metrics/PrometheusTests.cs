using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Metrics;

/// <summary>The real Prometheus, set up as gateway/docs/how-to/grafana.md says: its own checks, a scrape of a gateway, each alarm worked out.</summary>
[TestClass]
public sealed partial class PrometheusTests
{
    private static string Alarms => Path.Combine(Repository.Root, "gateway", "docs", "metrics", "alarms.yml");

    [TestMethod]
    public async Task Alarms_PromtoolTakesThem()
    {
        string promtool = OutsideProgram.Require("promtool", "prometheus");
        await using ChildProcess check = ChildProcess.Start(promtool, ["check", "rules", Alarms]);
        Assert.AreEqual(0, await check.WaitForExit(), check.Transcript());
        StringAssert.Contains(check.Transcript(), "11 rules found", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Prometheus_SetUpAsDocumented_ScrapesAndWorksOutEachAlarm()
    {
        string promtool = OutsideProgram.Require("promtool", "prometheus");
        string prometheus = OutsideProgram.Require("prometheus", "prometheus");
        using TestFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.Start("--upstream", $"mqtt://127.0.0.1:{FreePorts.Take()}");
        string settings = folder.Write("prometheus.yml", $"""
            global: {"{"} scrape_interval: 1s, evaluation_interval: 1s {"}"}
            rule_files: ["{Alarms}"]
            {Documented().Replace("dmk_...", await KeyOf(gateway), StringComparison.Ordinal).Replace("127.0.0.1:8080", $"127.0.0.1:{gateway.HttpPort}", StringComparison.Ordinal)}
            """);
        await using ChildProcess check = ChildProcess.Start(promtool, ["check", "config", settings]);
        Assert.AreEqual(0, await check.WaitForExit(), check.Transcript());

        int port = FreePorts.Take();
        await using ChildProcess server = ChildProcess.Start(prometheus, [$"--config.file={settings}", $"--storage.tsdb.path={folder.File("data")}", $"--web.listen-address=127.0.0.1:{port}"]);
        await server.Errors.WaitFor(static line => line.Contains("ready to receive web requests", StringComparison.Ordinal), "Prometheus to be ready");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/"), Timeout = Patience.Default };

        JsonElement up = await Until(client, "query?query=up", static data => data.GetProperty("result").EnumerateArray().Any(static one => one.GetProperty("value")[1].GetString() == "1"));
        Assert.AreEqual("devicemqtt", up.GetProperty("result")[0].GetProperty("metric").GetProperty("job").GetString());
        JsonElement rules = await Until(client, "rules", static data => RulesIn(data).All(static rule => rule.GetProperty("health").GetString() != "unknown"));
        JsonElement[] alarms = [.. RulesIn(rules)];
        Assert.HasCount(11, alarms);
        foreach (JsonElement alarm in alarms)
            Assert.AreEqual("ok", alarm.GetProperty("health").GetString(), alarm.GetRawText());
        // Its upstream is away: that alarm has begun to count, and no other. On a busy machine a scrape or a commit may be slow, and begin another one for a moment.
        _ = await Until(client, "rules", static data => RulesIn(data).Where(static rule => rule.GetProperty("state").GetString() != "inactive").Select(static rule => rule.GetProperty("name").GetString()).SequenceEqual(["UpstreamAway"]));
    }

    // The block of the page, as its reader copies it.
    private static string Documented() => YamlBlock().Match(Repository.Read(Path.Combine("gateway", "docs", "how-to", "grafana.md"))).Groups["text"].Value;

    private static IEnumerable<JsonElement> RulesIn(JsonElement data) => data.GetProperty("groups").EnumerateArray().SelectMany(static group => group.GetProperty("rules").EnumerateArray());

    // As the page says: the first operator, and a key with the role monitor.
    private static async Task<string> KeyOf(GatewayProcess gateway)
    {
        string line = await gateway.Process.Output.WaitFor(static text => text.Contains("enter the code ", StringComparison.Ordinal), "the one-time code");
        using HttpClient browser = new() { BaseAddress = new Uri($"http://127.0.0.1:{gateway.HttpPort}/api/v1/"), Timeout = Patience.Default };
        browser.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        await Post(browser, "session/welcome", new { code = Code().Match(line).Groups["code"].Value, name = "maria", password = "green house" });
        return (await Post(browser, "keys", new { name = "prometheus", role = "monitor" })).GetProperty("key").GetString()!;
    }

    private static async Task<JsonElement> Post(HttpClient browser, string path, object body)
    {
        using HttpResponseMessage answer = await browser.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.IsTrue(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    // Prometheus tells nobody when it has scraped.
    private static async Task<JsonElement> Until(HttpClient client, string path, Func<JsonElement, bool> isSo)
    {
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            string text = await client.GetStringAsync(new Uri(path, UriKind.Relative));
            JsonElement data = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("data");
            if (isSo(data))
                return data;
            Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), $"{path}: {text}");
            _ = await timer.WaitForNextTickAsync();
        }
    }

    [GeneratedRegex("```yaml\n(?<text>.+?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex YamlBlock();

    [GeneratedRegex("enter the code (?<code>[A-Z0-9-]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
