using System.Text;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>The gateway's own presence upstream: <c>true</c> when it connects, <c>false</c> before it leaves and as its Will, retained.</summary>
internal sealed class UplinkPresence
{
    public UplinkPresence(RelayOptions options, RelayTopics topics)
    {
        string topic = PresenceTopic.Build(options.ClientId);
        Online = Tell(topic, PresenceTopic.Online);
        Offline = Tell(topic, PresenceTopic.Offline);
        Will = new WillMessage { Topic = topics.ToUpstream(topic), Payload = Offline.Payload, QoS = QoS.AtLeastOnce, Retain = true };
    }

    public Message Online { get; }

    public Message Offline { get; }

    public WillMessage Will { get; }

    private static Message Tell(string topic, string payload) => new()
    {
        Topic = topic,
        TopicUtf8 = Encoding.UTF8.GetBytes(topic),
        Payload = Encoding.UTF8.GetBytes(payload),
        QoS = QoS.AtLeastOnce,
        Retain = true,
        Origin = Origin.Gateway,
    };
}
