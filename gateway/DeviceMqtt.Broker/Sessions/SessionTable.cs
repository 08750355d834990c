using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>The Sessions there are, by Client Identifier, those that are here and those that are away. Owned by the turn.</summary>
internal sealed class SessionTable(Ground ground)
{
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    public int Count => _sessions.Count;

    public IReadOnlyCollection<Session> All => _sessions.Values;

    public Session? Find(string clientId) => _sessions.GetValueOrDefault(clientId);

    /// <summary>A new Session, for a Client Identifier that has none.</summary>
    /// <param name="clientId">Its identifier.</param>
    /// <param name="owner">Whose it is.</param>
    public Session Add(string clientId, Owner owner)
    {
        GatewayLimits limits = ground.Limits;
        MessageQueue queue = new(DropOwner.Client(clientId), limits.QueueMessagesMax, limits.QueueBytesMax, owner, ground.Custody, DropReason.SessionQueueFull);
        Session session = new(clientId, ground, queue, new SessionHoldings(clientId, owner, limits));
        _sessions.Add(clientId, session);
        return session;
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(Session session) => _sessions.Remove(session.ClientId);
}
