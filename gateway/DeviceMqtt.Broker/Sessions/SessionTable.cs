using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>The Sessions there are, by Client Identifier, those that are here and those that are away. Owned by the turn.</summary>
internal sealed class SessionTable(GatewayLimits limits, ICustody custody, QueueBudget budget)
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    public int Count => _sessions.Count;

    public bool IsFull => _sessions.Count >= limits.SessionsMax;

    public IReadOnlyCollection<Session> All => _sessions.Values;

    public Session? Find(string clientId) => _sessions.GetValueOrDefault(clientId);

    /// <summary>A new Session, for a Client Identifier that has none.</summary>
    public Session Add(string clientId)
    {
        Session session = new(clientId, limits, custody, new MessageQueue(limits.QueueMessagesMax, limits.QueueBytesMax, budget, custody, DropReason.SessionQueueFull));
        _sessions.Add(clientId, session);
        return session;
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(Session session) => _sessions.Remove(session.ClientId);
}
