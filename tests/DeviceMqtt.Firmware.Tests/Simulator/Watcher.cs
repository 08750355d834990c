using System.Text;
using System.Threading.Channels;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Firmware.Tests.Simulator;

/// <summary>A subscriber that remembers what arrives, as "topic payload", in order for each asker.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _passedOver = [];
    private readonly MqttClient _client;

    internal Watcher(int port, string filter)
    {
        using ManualResetEventSlim subscribed = new();
        _client = new MqttClient("127.0.0.1", port, new MqttClientTimes());
        _client.MqttMsgPublishReceived += (_, e) => _lines.Writer.TryWrite($"{e.Topic} {Encoding.UTF8.GetString(e.Message)}");
        _client.MqttMsgSubscribed += (_, _) => subscribed.Set();
        Assert.AreEqual(MqttReasonCode.Success, _client.Connect("watcher", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60));
        _client.Subscribe([filter], [MqttQoSLevel.AtLeastOnce]);
        Assert.IsTrue(subscribed.Wait(Patience.Limit));
    }

    /// <summary>The next message whose line begins so; the others stay for those who ask for them.</summary>
    internal async Task<string> NextAsync(string prefix)
    {
        int known = _passedOver.FindIndex(line => line.StartsWith(prefix, StringComparison.Ordinal));
        if (known >= 0)
        {
            string line = _passedOver[known];
            _passedOver.RemoveAt(known);
            return line;
        }

        while (true)
        {
            string line = await _lines.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line;
            }

            _passedOver.Add(line);
        }
    }

    public void Dispose() => _client.Dispose();
}
