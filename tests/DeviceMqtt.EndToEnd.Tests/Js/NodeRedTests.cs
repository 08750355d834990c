using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeviceMqtt.EndToEnd.Tests.Tree;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.EndToEnd.Tests.Js;

/// <summary>The sample flow of the documents, in Node-RED as it is in npm, with a virtual board.</summary>
[TestClass]
public sealed class NodeRedTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(1); // Node-RED starts for some seconds

    [TestMethod]
    [LongRun]
    public async Task SampleFlow_WithABoard_ShowsItsReadingsAndItsAnswers()
    {
        using TestFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.Start();
        int port = FreePorts.Take();
        await using ChildProcess nodeRed = await NodeRedPackage.Start(FlowFor(gateway), port, folder);
        await nodeRed.Output.WaitFor(static line => line.Contains("Connected to broker", StringComparison.Ordinal), "the connection of Node-RED", patience: Slow);
        await using VirtualBoard board = new(new VirtualBoardOptions { Host = BrokerUnderTest.Host, Port = gateway.Port, ClientId = "GID_test@@@board-1", Seed = 1, Period = TimeSpan.FromMilliseconds(100) });
        board.Start();
        await nodeRed.Output.WaitFor(static line => line.Contains("[debug:reading]", StringComparison.Ordinal), "a reading", patience: Slow);

        using HttpClient browser = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience.Default };
        string chart = await browser.GetStringAsync("/chart");
        Assert.Contains("board-1 climate temp", chart, StringComparison.Ordinal);
        Assert.Contains("<polyline", chart, StringComparison.Ordinal);

        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(await browser.GetStringAsync("/command?device=GID_test@@@board-1&cmd=relay.set&on=true"));
        Assert.AreEqual(("ok", true), (answer.GetProperty("st").GetString(), answer.GetProperty("res").GetProperty("on").GetBoolean()));
        Assert.IsTrue(board.IsRelayOn);
    }

    // As its user changes it: the address of the gateway. And what the flow shows goes to the output, where the test reads it.
    private static string FlowFor(GatewayProcess gateway)
    {
        JsonArray flow = JsonNode.Parse(Repository.Read(Path.Combine("gateway", "docs", "how-to", "node-red-flow.json")))!.AsArray();
        Only(flow, "mqtt-broker")["port"] = gateway.Port.ToString(CultureInfo.InvariantCulture);
        Only(flow, "debug")["console"] = true;
        return flow.ToJsonString();
    }

    private static JsonNode Only(JsonArray flow, string type) => flow.Single(node => node!["type"]!.GetValue<string>() == type)!;
}
