using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

/// <summary>
/// What the MQTT integration of Home Assistant does: subscribes to the documents, takes those that keep its rules, subscribes to the availability
/// and state topics that they name, and says that it is online when it has started.
/// </summary>
internal sealed class FakeHomeAssistant : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly IMqttClient _mqtt = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentDictionary<string, string> _availabilityOf = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _announcedLive = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly SemaphoreSlim _heard = new(0);

    private FakeHomeAssistant() => _mqtt.ApplicationMessageReceivedAsync += received => HearAsync(received.ApplicationMessage);

    public IReadOnlyCollection<string> Broken => _broken;

    /// <summary>Devices that were announced while it was there.</summary>
    public int AnnouncedLiveCount => _announcedLive.Count;

    public int AvailableCount => _availabilityOf.Values.Count(IsOnline);

    public static async Task<FakeHomeAssistant> StartAsync(int port)
    {
        FakeHomeAssistant home = new();
        _ = await home._mqtt.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId($"home-{Guid.NewGuid():n}").Build()).WaitAsync(Patience);
        await home.SubscribeAsync("homeassistant/device/+/config");
        await home.PublishAsync("homeassistant/status", "online");
        return home;
    }

    public bool Knows(string device) => _availabilityOf.ContainsKey($"dm_{device}");

    public bool IsAvailable(string device) => _availabilityOf.TryGetValue($"dm_{device}", out string? topic) && IsOnline(topic);

    public string? Last(string topic) => _last.GetValueOrDefault(topic);

    public async Task WaitFor(string what, Func<FakeHomeAssistant, bool> isSo)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!isSo(this))
            try
            {
                await _heard.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not seen within {Patience}: {what}; {AvailableCount} available, {AnnouncedLiveCount} announced; broken: {string.Join("; ", _broken)}");
            }
    }

    public Task PublishAsync(string topic, string payload) =>
        _mqtt.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()).WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _mqtt.DisconnectAsync();
        }
        catch (MqttCommunicationException)
        {
            // The gateway was stopped before, which this client need not have noticed yet.
        }

        _mqtt.Dispose();
        _heard.Dispose();
    }

    // As the template of the document has it.
    private bool IsOnline(string topic)
    {
        if (Last(topic) is not { } text)
            return false;
        using JsonDocument json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("online").GetBoolean() || json.RootElement.GetProperty("reason").GetString() == "asleep";
    }

    private async Task HearAsync(MqttApplicationMessage message)
    {
        string[] levels = message.Topic.Split('/');
        if (levels is ["homeassistant", "device", var objectId, "config"])
            await HearDocumentAsync(objectId, message.Payload.ToArray(), message.Retain);
        else
            _last[message.Topic] = Encoding.UTF8.GetString(message.Payload.ToArray());
        _ = _heard.Release();
    }

    private async Task HearDocumentAsync(string objectId, byte[] json, bool isRetained)
    {
        if (json.Length == 0)
        {
            _ = _availabilityOf.TryRemove(objectId, out _);
            return;
        }

        IReadOnlyList<string> broken = DiscoveryRules.Broken(json);
        foreach (string rule in broken)
            _broken.Enqueue($"{objectId}: {rule}");
        if (broken.Count > 0)
            return;
        using JsonDocument document = JsonDocument.Parse(json);
        string availability = document.RootElement.GetProperty("availability")[0].GetProperty("topic").GetString()!;
        if (_availabilityOf.TryAdd(objectId, availability))
        {
            await SubscribeAsync(availability);
            foreach (JsonProperty component in document.RootElement.GetProperty("components").EnumerateObject())
                if (component.Value.TryGetProperty("state_topic", out JsonElement state) && component.Value.GetProperty("platform").GetString() == "switch")
                    await SubscribeAsync(state.GetString()!);
        }

        if (!isRetained)
            _announcedLive[objectId] = true;
    }

    private Task<MqttClientSubscribeResult> SubscribeAsync(string filter) =>
        _mqtt.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build()).WaitAsync(Patience);
}
