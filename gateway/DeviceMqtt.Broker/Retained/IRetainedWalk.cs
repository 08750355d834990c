using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Retained;

/// <summary>What a new subscription is owed of what is already known, one by one. Owned by the turn.</summary>
internal interface IRetainedWalk
{
    Subscription Subscription { get; }

    /// <summary>One step of the walk.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="found">A message to be delivered, where the step met one.</param>
    /// <param name="isFound">It did.</param>
    /// <returns>False at the end.</returns>
    bool Step(long nowMs, out QueuedMessage found, out bool isFound);
}
