using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Tests.Pages;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>Figures to a collector, which is a few lines here; and nothing where none is set.</summary>
[TestClass]
public sealed class OtlpTests
{
    [TestMethod]
    public async Task Collector_IsSet_GetsTheFigures()
    {
        using HttpListener collector = Listen(out string address);
        Task<(string Path, string Type, string Key, string Body)> first = TakeAsync(collector);

        await using (ConsoleUnderTest console = await ConsoleUnderTest.StartAsync(options => (options.Otlp.Endpoint, options.Otlp.IntervalSeconds, options.Otlp.HeadersSecret, options.Upstream) = (address, 1, "x-key=secret", "mqtt://127.0.0.1:1")))
        {
            (string path, string type, string key, string body) = await Patience.Within(first, "the first transmission");

            Assert.AreEqual(("/v1/metrics", "application/x-protobuf", "secret"), (path, type, key));
            foreach (string name in (string[])["devicemqtt.connections", "devicemqtt.messages.received", "messaging.client.sent.messages", "process.memory.usage", "devicemqtt-gateway", "service.name"])
                Assert.Contains(name, body, StringComparison.Ordinal, "not sent");
        }
    }

    [TestMethod]
    public async Task Collector_IsAway_TheGatewayRunsAndStops()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => (options.Otlp.Endpoint, options.Otlp.IntervalSeconds) = ("http://127.0.0.1:1", 1));

        _ = await console.PublishAsync("a", "x");
    }

    // Nobody heard of it: neither the log nor the console said a word.
    [TestMethod]
    public void Collector_IsAway_TheLogSaysItOnceAndWithoutThePassword()
    {
        RecordingLog log = new();
        using Meter meter = new(GatewayMeter.Name);
        meter.CreateCounter<long>("x").Add(1);
        using OtlpExport export = new(new OtlpOptions { Endpoint = "http://user:pass@127.0.0.1:1", IntervalSeconds = 3600 }, SettingSecrets.Shown("Otlp:Endpoint", "http://user:pass@127.0.0.1:1"), log);

        _ = export.Send();
        _ = export.Send();

        string line = log.Lines.Single();
        StringAssert.StartsWith(line, "Warning 7: the collector at http://•••@127.0.0.1:1 does not take the figures", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("collector:4318")]
    [DataRow("tcp://collector:4318")]
    public void Endpoint_Wrong_SaysWhatItMustBe(string endpoint) =>
        StringAssert.StartsWith(new OtlpOptions { Endpoint = endpoint }.Check(), $"Otlp:Endpoint is '{endpoint}'", StringComparison.Ordinal);

    [TestMethod]
    public void Headers_AreNotShown() => Assert.IsTrue(SettingSecrets.IsOne("Otlp:HeadersSecret"));

    private static HttpListener Listen(out string address)
    {
        address = $"http://127.0.0.1:{FreePorts.Take()}"; // it cannot be told "any"
        HttpListener listener = new();
        listener.Prefixes.Add(address + "/");
        listener.Start();
        return listener;
    }

    private static async Task<(string Path, string Type, string Key, string Body)> TakeAsync(HttpListener collector)
    {
        HttpListenerContext request = await collector.GetContextAsync();
        using MemoryStream body = new();
        await request.Request.InputStream.CopyToAsync(body);
        request.Response.ContentType = "application/x-protobuf";
        request.Response.Close();
        return (request.Request.Url!.AbsolutePath, request.Request.ContentType ?? "", request.Request.Headers["x-key"] ?? "", Encoding.UTF8.GetString(body.ToArray()));
    }
}
