using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Messages as the broker hands them to the relay.</summary>
internal static class Messages
{
    public static Message Of(string topic, string payload, bool isP2P = false, long expiresMs = long.MaxValue, long acceptedMs = 0) => new()
    {
        Topic = topic,
        TopicUtf8 = Encoding.UTF8.GetBytes(topic),
        Payload = Encoding.UTF8.GetBytes(payload),
        QoS = QoS.AtLeastOnce,
        IsP2P = isP2P,
        ExpiresMs = expiresMs,
        AcceptedMs = acceptedMs,
    };
}
