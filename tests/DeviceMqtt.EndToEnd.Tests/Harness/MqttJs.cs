using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>One client of mqtt.js in a node process of its own, over TCP or WebSockets.</summary>
internal sealed class MqttJs : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private int _lastNumber;

    private MqttJs() => _process = ChildProcess.Start("node", ["driver.mjs"], MqttJsPackage.Folder, onLine: Read);

    public EventLog<ReceivedMessage> Messages { get; } = new("messages of mqtt.js");

    /// <summary>"connect (session present)", "connect" and "close", as they happened.</summary>
    public EventLog<string> Events { get; } = new("events of mqtt.js");

    public bool SessionPresent { get; private set; }

    public static async Task<MqttJs> Connect(Uri address, MqttJsOptions options)
    {
        await MqttJsPackage.Require();
        MqttJs client = new();
        try
        {
            JsonNode answer = await client.Ask("connect", new JsonObject { ["url"] = address.ToString(), ["options"] = options.ToJson() });
            client.SessionPresent = answer["sessionPresent"]!.GetValue<bool>();
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Subscribes and returns the granted QoS.</summary>
    public async Task<int> Subscribe(string filter, int qos) =>
        (await Ask("subscribe", new JsonObject { ["filter"] = filter, ["qos"] = qos }))["granted"]![0]!.GetValue<int>();

    public Task Unsubscribe(string filter) => Ask("unsubscribe", new JsonObject { ["filter"] = filter });

    /// <summary>Publishes and returns when the last acknowledgement of that QoS has come.</summary>
    public Task Publish(string topic, byte[] payload, int qos, bool retain = false) => Ask(
        "publish",
        new JsonObject { ["topic"] = topic, ["payload"] = Convert.ToBase64String(payload), ["qos"] = qos, ["retain"] = retain });

    /// <summary>Loses the network connection; with a reconnect period the client comes back by itself.</summary>
    public Task Drop() => Ask("drop", []);

    /// <summary>DISCONNECT.</summary>
    public Task End() => Ask("end", []);

    public Task Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<JsonNode> Ask(string command, JsonObject parameters)
    {
        int number = ++_lastNumber;
        parameters["number"] = number;
        parameters["command"] = command;
        _process.SendLine(parameters.ToJsonString());
        string start = $"{{\"number\":{number},";
        string bare = $"{{\"number\":{number}}}";
        string line = await _process.Output.WaitFor(
            text => text == bare || text.StartsWith(start, StringComparison.Ordinal), $"the answer to {command}");
        JsonNode answer = JsonNode.Parse(line)!;
        if (answer["error"] is JsonNode error)
        {
            throw new AssertFailedException($"mqtt.js {command}: {error}");
        }

        return answer;
    }

    private void Read(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement said = document.RootElement;
        if (!said.TryGetProperty("event", out JsonElement name))
        {
            return;
        }

        switch (name.GetString())
        {
            case "message":
                Messages.Add(new ReceivedMessage(
                    said.GetProperty("topic").GetString()!,
                    said.GetProperty("payload").GetBytesFromBase64(),
                    said.GetProperty("qos").GetInt32(),
                    said.GetProperty("retain").GetBoolean()));
                break;
            case "connect":
                Events.Add(said.GetProperty("sessionPresent").GetBoolean() ? "connect (session present)" : "connect");
                break;
            default:
                Events.Add(name.GetString()!);
                break;
        }
    }
}
