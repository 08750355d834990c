using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Retained;

/// <summary>
/// The retained messages that a new subscription matches [MQTT-3.3.1-6], one by one and straight from where they are retained: a
/// queue may be smaller than what is retained. What was retained after the subscription began has gone to the subscriber by
/// itself, and is passed over: nothing comes twice, and no older state after a newer one. Owned by the turn.
/// </summary>
internal sealed class RetainedCursor(RetainedMessages retained, Subscription subscription) : IRetainedWalk
{
    private readonly TopicTrie<Message>.Cursor _walk = retained.Open(subscription.Filter.Match);
    private readonly long _lastNumber = retained.LastNumber;

    public Subscription Subscription => subscription;

    /// <inheritdoc/>
    public bool Step(long nowMs, out QueuedMessage found, out bool isFound)
    {
        found = default;
        isFound = false;
        if (!_walk.Step(out Message? message))
            return false;
        if (message is null || message.RetainedNumber > _lastNumber || retained.ForgetIfExpired(message, nowMs))
            return true;
        QoS qos = message.QoS < subscription.QoS ? message.QoS : subscription.QoS;
        found = new QueuedMessage(message, qos, Retain: true, subscription.Identifier == 0 ? null : [subscription.Identifier]);
        isFound = true;
        return true;
    }
}
