using System.Text.Json;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>An application at the upstream broker: sees what boards publish, commands one of them, and gets its answers.</summary>
internal sealed class Cloud : IAsyncDisposable
{
    public const string ClientId = "GID_app@@@cloud";

    private readonly MosquittoBroker _upstream;
    private readonly MosquittoSub _subscriber;
    private int _lastCommand;

    private Cloud(MosquittoBroker upstream, MosquittoSub subscriber)
    {
        _upstream = upstream;
        _subscriber = subscriber;
    }

    public EventLog<ReceivedMessage> Messages => _subscriber.Messages;

    public static async Task<Cloud> Start(MosquittoBroker upstream)
    {
        // A session that stays: through an outage of the upstream it misses nothing.
        SubscriberOptions options = new() { ClientId = ClientId, QoS = 1, CleanSession = false };
        return new Cloud(upstream, await MosquittoSub.Start(upstream, options, "dm/+/#", "presence/#", $"dm/p2p/{ClientId}"));
    }

    /// <summary>Sends a command to one board and returns its answer.</summary>
    public async Task<JsonElement> Ask(string boardClientId, string command, string arguments = "{}")
    {
        string id = $"c{++_lastCommand}";
        await Send(boardClientId, $$"""{"id":"{{id}}","cmd":"{{command}}","args":{{arguments}},"from":"{{ClientId}}"}""");
        return await Answer(id);
    }

    public Task Send(string boardClientId, string envelope) =>
        MosquittoPub.Send(_upstream, $"dm/p2p/{boardClientId}", envelope, qos: 1);

    public async Task<JsonElement> Answer(string id, int from = 0)
    {
        ReceivedMessage answer = await Messages.WaitFor(
            message => message.Topic == $"dm/p2p/{ClientId}" && Read(message).GetProperty("id").GetString() == id, $"the answer to {id}", from);
        return Read(answer);
    }

    public Task<ReceivedMessage> WaitFor(string topic, string text, int from = 0) =>
        Messages.WaitFor(message => message.Topic == topic && message.Text == text, $"{topic} {text}", from);

    /// <summary>Waits until that many readings of the board's climate have come, and returns their sequence numbers as they came.</summary>
    public async Task<IReadOnlyList<int>> WaitForClimate(string device, int count)
    {
        await Messages.WaitFor(message => IsClimate(message, device) && NumberOf(message) >= count, $"reading {count} of {device}");
        return [.. Messages.Items.Where(message => IsClimate(message, device)).Select(NumberOf)];
    }

    public static JsonElement Read(ReceivedMessage message) => JsonSerializer.Deserialize<JsonElement>(message.Payload);

    public ValueTask DisposeAsync() => _subscriber.DisposeAsync();

    private static bool IsClimate(ReceivedMessage message, string device) => message.Topic == $"dm/{device}/tele/climate";

    private static int NumberOf(ReceivedMessage message) => Read(message).GetProperty("n").GetInt32();
}
