using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Retained;

/// <summary>
/// The retained messages that a new subscription matches [MQTT-3.3.1-6], one by one and straight from where they are retained: a
/// queue may be smaller than what is retained. What was retained after the subscription began has gone to the subscriber by
/// itself, and is passed over: nothing comes twice, and no older state after a newer one. Takes memory for the walk when it begins: a
/// thousand may wait for their turn. Owned by the turn.
/// </summary>
internal sealed class RetainedCursor(RetainedMessages retained, Subscription subscription) : IRetainedWalk
{
    private readonly long _lastNumber = retained.LastNumber;
    private TopicTrie<Message>.Cursor? _walk;

    public Subscription Subscription => subscription;

    /// <inheritdoc/>
    public QueuedMessage? Found { get; private set; }

    /// <inheritdoc/>
    public bool Step(long nowMs)
    {
        if (Found is not null)
            return true;
        _walk ??= retained.Open(subscription.Filter.Match);
        if (!_walk.Step(out Message? message))
            return false;
        if (message is null || message.RetainedNumber > _lastNumber || retained.ForgetIfExpired(message, nowMs))
            return true;
        QoS qos = message.QoS < subscription.QoS ? message.QoS : subscription.QoS;
        Found = new QueuedMessage(message, qos, Retain: true, subscription.Identifier == 0 ? null : [subscription.Identifier]);
        return true;
    }

    /// <inheritdoc/>
    public void Taken() => Found = null;
}
