using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Retained;

/// <summary>
/// The retained messages that a new subscription matches [MQTT-3.3.1-6], one by one and straight from where they are retained: a
/// queue may be smaller than what is retained. What was retained after the subscription began has gone to the subscriber by
/// itself, and is passed over: nothing comes twice, and no older state after a newer one. After a restart the walk begins anew, and passes
/// over what was given at QoS 2. Takes memory for the walk when it begins: a thousand may wait for their turn. Owned by the turn.
/// </summary>
internal sealed class RetainedCursor(RetainedMessages retained, Subscription subscription, long lastNumber) : IRetainedWalk
{
    private TopicTrie<Message>.Cursor? _walk;
    private HashSet<long>? _given;

    public Subscription Subscription => subscription;

    /// <summary>The number of the last message that is owed (<see cref="Message.RetainedNumber"/>).</summary>
    public long LastNumber => lastNumber;

    /// <summary>It has come to its end.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The numbers of those that were given at QoS 2, as far as they are remembered beyond the process.</summary>
    public IReadOnlyCollection<long> Given => _given ?? (IReadOnlyCollection<long>)[];

    /// <inheritdoc/>
    public Message? Found { get; private set; }

    /// <inheritdoc/>
    public bool Step(long nowMs)
    {
        if (Found is { } found)
        {
            // It waited for its turn: another may be retained since, which has gone by itself.
            if (retained.Find(found.Topic) != found || retained.ForgetIfExpired(found, nowMs))
                Found = null;
            return true;
        }

        _walk ??= retained.Open(subscription.Filter.Match);
        if (IsDone = !_walk.Step(out Message? message))
            return false;
        if (message is null || message.RetainedNumber > lastNumber || _given?.Contains(message.RetainedNumber) is true || retained.ForgetIfExpired(message, nowMs))
            return true;
        Found = message;
        return true;
    }

    /// <inheritdoc/>
    public void Taken(bool isRemembered)
    {
        if (isRemembered)
            _ = (_given ??= []).Add(Found!.RetainedNumber);
        Found = null;
    }

    /// <summary>One of a recovery that was given before.</summary>
    public void WasGiven(long number) => _ = (_given ??= []).Add(number);
}
