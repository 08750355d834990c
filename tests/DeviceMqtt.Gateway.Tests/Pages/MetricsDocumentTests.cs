using System.Text.Json;
using System.Text.RegularExpressions;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The dashboard and the alarms of gateway/docs/metrics ask for nothing that <c>/metrics</c> does not have: neither a name nor a label.</summary>
[TestClass]
public sealed partial class MetricsDocumentTests
{
    // Of Prometheus itself.
    private static readonly string[] Others = ["up"];

    private static string Document(string name) => File.ReadAllText(Path.Combine(Tree.Root(), "gateway", "docs", "metrics", name));

    private static IEnumerable<string> Expressions(string name)
    {
        if (name.EndsWith(".yml", StringComparison.Ordinal))
            return Alarm().Matches(Document(name)).Select(static match => match.Groups[1].Value);
        using JsonDocument dashboard = JsonDocument.Parse(Document(name));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()).Select(static target => target.GetProperty("expr").GetString()!)];
    }

    [TestMethod]
    [DataRow("grafana.json", 20)]
    [DataRow("alarms.yml", 10)]
    public async Task Expression_Each_NamesWhatThereIs(string name, int atLeast)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Upstream = "mqtt://127.0.0.1:1");
        using TcpBoard board = await console.ConnectAsync("board");
        await board.PublishAsync("$SYS/x", "y"); // a drop, or there is no reason to be seen
        using (TcpBoard gone = await console.ConnectAsync("gone"))
            await gone.DisconnectAsync();
        _ = await console.UntilAsync("clients", static found => found.GetProperty("total").GetInt32() == 1);
        string metrics = await console.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        string[] expressions = [.. Expressions(name)];

        Assert.IsGreaterThanOrEqualTo(atLeast, expressions.Length);
        foreach (string expression in expressions)
        {
            string[] names = [.. Name().Matches(Quoted().Replace(expression, "")).Select(static match => match.Value).Where(static word => word.StartsWith("devicemqtt_", StringComparison.Ordinal) || word.StartsWith("messaging_", StringComparison.Ordinal) || word.StartsWith("process_", StringComparison.Ordinal))];
            Assert.IsTrue(names.Length > 0 || Others.Any(other => expression.StartsWith(other, StringComparison.Ordinal)), $"{expression} names no figure of the gateway");
            foreach (string figure in names)
                Assert.IsTrue(Regex.IsMatch(metrics, $"^{figure}[ {{]", RegexOptions.Multiline, Patience.Limit), $"{expression}: there is no {figure} in\n{metrics}");
            foreach (Match label in Label().Matches(expression))
                foreach (string word in label.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
                    Assert.IsTrue(word is "instance" || metrics.Contains($"{word}=\"", StringComparison.Ordinal), $"{expression}: there is no label {word}");
        }
    }

    [TestMethod]
    public async Task Names_AreThoseOfTheConventions()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Upstream = "mqtt://127.0.0.1:1");

        string metrics = await console.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        StringAssert.Contains(metrics, "messaging_client_sent_messages_total{messaging_system=\"mqtt\",messaging_operation_name=\"publish\",upstream=\"upstream\"} 0", StringComparison.Ordinal);
        StringAssert.Contains(metrics, "# TYPE process_memory_usage_bytes gauge", StringComparison.Ordinal);
        StringAssert.Contains(metrics, "# TYPE process_cpu_time_seconds_total counter", StringComparison.Ordinal);
    }

    [GeneratedRegex("expr: (.+)")]
    private static partial Regex Alarm();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("[a-z][a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex("by \\(([^)]*)\\)")]
    private static partial Regex Label();
}
