using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Relay.Sending;

/// <summary>The gateway's own messages to an upstream, which are about the connection at hand and go before the backlog. Owned by the turn.</summary>
internal sealed class OwnMessages
{
    private readonly Queue<Message> _waiting = new();

    // Those that wait or are not acknowledged, with who wants to know what comes of them.
    private readonly Dictionary<Message, Action<bool>?> _all = [];

    /// <summary>Messages that are not sent yet.</summary>
    public int Waiting => _waiting.Count;

    /// <param name="message">Not one that is relayed as well.</param>
    /// <param name="answered">Called with true when the upstream has it, and with false when it does not take it; not when the connection ends before.</param>
    public void Add(Message message, Action<bool>? answered)
    {
        _all.Add(message, answered);
        _waiting.Enqueue(message);
    }

    public bool TryTake(out Message? message) => _waiting.TryDequeue(out message);

    /// <summary>Whether a message is the gateway's own, and not one that it relays.</summary>
    public bool Has(Message message) => _all.Count > 0 && _all.ContainsKey(message);

    /// <summary>There is no more to do for a message on this connection.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isTaken">The upstream has it.</param>
    public void Settle(Message message, bool isTaken)
    {
        if (_all.Remove(message, out Action<bool>? answered))
            answered?.Invoke(isTaken);
    }

    /// <summary>The connection has ended; the next begins with its own.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _all.Clear();
    }
}
