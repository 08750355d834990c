using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Messages as the broker hands them to the relay.</summary>
internal static class Messages
{
    /// <summary>Without any rule: everything goes.</summary>
    public static RelayTopics AnyTopics => new(new RelayOptions());

    /// <summary>One whose slice is never over.</summary>
    public static Turn BegunTurn()
    {
        Turn turn = new(new FakeTime());
        using Turn.Scope scope = turn.Enter();
        return turn;
    }

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
