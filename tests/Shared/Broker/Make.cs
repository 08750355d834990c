using System.Text;
using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>Parts of the gateway on their own, for tests of one type.</summary>
internal static class Make
{
    public static Session Session(string clientId, GatewayLimits? limits = null, BrokerCounters? counters = null)
    {
        limits ??= new GatewayLimits();
        Ground ground = new(TimeProvider.System, limits);
        if (counters is not null)
            ground.Custody = Custody(counters);
        MessageQueue queue = new(DropOwner.Client(clientId), limits.QueueMessagesMax, limits.QueueBytesMax, ground.Owners.Nobody, ground.Custody, DropReason.SessionQueueFull);
        return new Session(clientId, ground, queue, new SessionHoldings(clientId, ground.Owners.Nobody, limits));
    }

    /// <summary>Counters of a broker that tells nobody.</summary>
    public static BrokerCounters Counters() => new(static _ => { });

    /// <summary>A custody that keeps nothing, and counts.</summary>
    public static ICustody Custody(BrokerCounters counters) => new NoCustody(counters);

    public static TopicFilter Filter(string text) => TestClient.Filter(text);

    public static TopicName Topic(string text)
    {
        Assert.IsTrue(TopicName.TryParse(text, out TopicName topic, out MalformedReason reason), $"{text}: {reason}");
        return topic;
    }

    public static Message Message(string topic = "t", int payloadBytes = 0, QoS qos = QoS.AtLeastOnce, long expiresMs = long.MaxValue, string payload = "") => new()
    {
        Topic = topic,
        TopicUtf8 = Encoding.UTF8.GetBytes(topic),
        Payload = payload.Length > 0 ? Encoding.UTF8.GetBytes(payload) : new byte[payloadBytes],
        QoS = qos,
        ExpiresMs = expiresMs,
    };

    public static QueuedMessage Queued(Message message) => new(message, message.QoS, Retain: false, Identifiers: null);
}
