using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>P2P messages that wait for a client beside its queue, and at their own pace. Owned by the turn.</summary>
internal interface IMailbox
{
    /// <summary>Messages that wait.</summary>
    int Count { get; }

    /// <summary>Bytes of the oldest, as limits count them; 0 where none waits.</summary>
    int NextBytes { get; }

    /// <summary>The oldest that may be handed over now.</summary>
    bool TryTake(long nowMs, out QueuedMessage next);

    /// <summary>The client has acknowledged a message.</summary>
    /// <returns>True when its custody goes on, until the client has answered: the mailbox settles it.</returns>
    bool Keeps(long entry);
}
