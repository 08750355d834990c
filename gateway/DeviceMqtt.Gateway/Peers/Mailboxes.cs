using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Sessions;

namespace DeviceMqtt.Gateway.Peers;

/// <summary>
/// P2P messages that wait for a device that is away (DESIGN: P2P rule 6). A device is known from its first connection on,
/// whether or not it asked for a clean session: nanoFramework's client does so by default, and a command must wait all
/// the same. Bounded per device in number, bytes and time, oldest dropped first; the number of known devices is bounded.
/// </summary>
internal sealed class Mailboxes(GatewayLimits limits, GatewayCounters counters, QueueBudget budget)
{
    private readonly Dictionary<string, MessageQueue?> _byClient = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    public bool IsKnown(string clientId) => _byClient.ContainsKey(clientId);

    /// <summary>Remembers a client as a device that messages may wait for.</summary>
    /// <returns>True when it was not known before.</returns>
    public bool Remember(string clientId)
    {
        if (!_byClient.TryAdd(clientId, null))
            return false;
        _oldestFirst.Enqueue(clientId);
        while (_byClient.Count > limits.KnownDevicesMax)
            Forget(_oldestFirst.Dequeue());
        return true;
    }

    /// <summary>Has a message wait for a known device.</summary>
    public void Put(string clientId, in QueuedMessage message)
    {
        if (!_byClient.TryGetValue(clientId, out MessageQueue? mailbox) || mailbox is null)
            _byClient[clientId] = mailbox = new MessageQueue(limits.MailboxMessagesMax, limits.MailboxBytesMax, budget, counters, DropReason.MailboxFull);
        _ = mailbox.Enqueue(message);
    }

    /// <summary>Hands everything that waits for a device to its Session, in order.</summary>
    public void MoveTo(Session session, long nowMs)
    {
        if (!_byClient.TryGetValue(session.ClientId, out MessageQueue? mailbox) || mailbox is null)
            return;
        _byClient[session.ClientId] = null;
        while (mailbox.TryDequeue(nowMs, out QueuedMessage message))
            _ = session.Enqueue(message);
    }

    private void Forget(string clientId)
    {
        if (_byClient.Remove(clientId, out MessageQueue? mailbox))
            mailbox?.Clear(DropReason.P2PTargetUnknown);
    }
}
