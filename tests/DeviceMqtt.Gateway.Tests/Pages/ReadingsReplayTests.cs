using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Recent readings are there again after a restart, as far as the journal has them.</summary>
[TestClass]
public sealed class ReadingsReplayTests
{
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    // An upstream that nobody answers for: what is to go there waits on the disk.
    private static async Task<string> PublishAndStopAsync(string topic, params string[] payloads)
    {
        ConsoleUnderTest console = await ConsoleUnderTest.StartAsync(static options => options.Upstream = "mqtt://127.0.0.1:1", keepsFolder: true);
        await using (console)
        {
            using TcpBoard board = await console.ConnectAsync("kitchen");
            foreach (string payload in payloads)
                await board.PublishAsync(topic, payload);
        }

        return console.Options.Data;
    }

    private static async Task<JsonElement> PointsAsync(string data, int points)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(options => (options.Data, options.Upstream) = (data, "mqtt://127.0.0.1:1"));
        JsonElement readings = await console.UntilAsync("devices/kitchen/readings?stream=climate&points=4000", found => found.GetProperty("metrics") is { } metrics && metrics.GetArrayLength() > 0 && metrics[0].GetProperty("points").GetArrayLength() >= points);
        return readings.GetProperty("metrics")[0].GetProperty("points").Clone();
    }

    [TestMethod]
    public async Task Restart_ReadingsOfTheJournal_AreInTheirPlace()
    {
        long now = Now;
        string data = await PublishAndStopAsync("dm/kitchen/tele/climate", [.. Enumerable.Range(1, 5).Select(i => $$"""{"n":{{i}},"t":{{now - 100 + i}},"temp":{{20 + i}}}""")]);
        try
        {
            JsonElement points = await PointsAsync(data, 5);

            Assert.AreEqual("21,22,23,24,25", string.Join(',', points.EnumerateArray().Select(static p => p[2].GetDouble())));
            Assert.AreEqual((now - 99) * 1000, points[0][0].GetInt64());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
        }
    }

    [TestMethod]
    public async Task Restart_MessagesThatAreNoReadings_DoNoHarm()
    {
        string data = await PublishAndStopAsync("dm/kitchen/tele/climate", "", "{", "[1,2]", """{"n":"x"}""", new string('x', 10_000), """{"n":1,"temp":20}""");
        try
        {
            Assert.AreEqual(1, (await PointsAsync(data, 1)).GetArrayLength());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
        }
    }
}
