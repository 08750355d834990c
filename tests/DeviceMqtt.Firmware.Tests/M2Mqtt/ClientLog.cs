using System.Threading.Channels;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Firmware.Tests.M2Mqtt;

/// <summary>The events of a client as lines of text, in the order in which they were raised.</summary>
internal sealed class ClientLog
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    internal ClientLog(MqttClient client)
    {
        client.MqttMsgPublished += (_, e) => Add($"published {e.MessageId} {e.IsPublished}");
        client.MqttMsgPublishReceived += (_, e) => Add($"received {e.Topic} {System.Text.Encoding.UTF8.GetString(e.Message)} {(int)e.QosLevel}{(e.Retain ? " retained" : string.Empty)}{(e.DupFlag ? " dup" : string.Empty)}");
        client.MqttMsgSubscribed += (_, e) => Add($"subscribed {e.MessageId} {string.Join(',', e.GrantedQoSLevels.Cast<MqttQoSLevel>())}");
        client.MqttMsgUnsubscribed += (_, e) => Add($"unsubscribed {e.MessageId}");
        client.ConnectionClosed += (_, _) => Add("closed");
    }

    internal async Task ExpectAsync(string line) => Assert.AreEqual(line, await _lines.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit));

    private void Add(string line) => _lines.Writer.TryWrite(line);
}
