using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Retained;

/// <summary>What a new subscription is owed of what is already known, one by one. Owned by the turn.</summary>
internal interface IRetainedWalk
{
    /// <summary>The one that asked (<see cref="Subscription.Asked"/>).</summary>
    Subscription Subscription { get; }

    /// <summary>A message to be delivered, where a step met one, until <see cref="Taken"/>.</summary>
    Message? Found { get; }

    /// <summary>One step of the walk, unless what was found before is still there.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>False at the end.</returns>
    bool Step(long nowMs);

    /// <summary>What was found is delivered.</summary>
    /// <param name="isRemembered">It does not come once more, whatever happens (<see cref="RetainedCursor.Given"/>).</param>
    void Taken(bool isRemembered);
}
