using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Messages that wait, oldest first. Those that there is no memory for wait as references (<see cref="Message.IsReference"/>). Owned by the turn.</summary>
internal interface IWaitingList
{
    int Count { get; }

    /// <summary>At the end.</summary>
    void Enqueue(in QueuedMessage queued);

    /// <summary>The oldest, perhaps as a reference: <see cref="CustodyRules.TryTake"/> makes it whole.</summary>
    bool TryDequeue(out QueuedMessage oldest);

    bool TryPeek(out QueuedMessage oldest);

    /// <summary>
    /// What waits, oldest first. A list that is on disk may be gone through over many turns: what leaves before its turn is not met, what
    /// comes may be.
    /// </summary>
    IEnumerable<QueuedMessage> InOrder();
}
