using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Relay.Dialect;

/// <summary>The gateway's own presence upstream: <c>true</c> when it connects, <c>false</c> before it leaves and as its Will, retained.</summary>
internal sealed class UplinkPresence
{
    public UplinkPresence(RelayOptions options, RelayTopics topics)
    {
        UpstreamProfile profile = UpstreamProfile.Find(options.Profile)!;
        string topic = PresenceTopic.Build(options.ClientId);
        string there = topics.ToUpstream(topic);
        Online = Tell(topic, PresenceTopic.Online);
        Offline = Tell(topic, PresenceTopic.Offline);
        IsTold = there.Length <= profile.TopicCharsMax;
        Route = new RelayRoute(
            there, Encoding.UTF8.GetBytes(there), QoS.AtLeastOnce, profile.HasRetain, BuffersQoS0: true, long.MaxValue, RelayClass.High, ComesBack: false, Device: null);
        Identity = new UplinkIdentity(
            options.ClientId,
            profile.HasWill ? new WillMessage { Topic = there, Payload = Offline.Payload, QoS = QoS.AtLeastOnce, Retain = profile.HasRetain } : null,
            IsGateway: true);
    }

    public Message Online { get; }

    public Message Offline { get; }

    /// <summary>False where the topic is too long for the upstream.</summary>
    public bool IsTold { get; }

    public RelayRoute Route { get; }

    /// <summary>As whom the gateway connects, with its Will.</summary>
    public UplinkIdentity Identity { get; }

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
