using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>What the broker has to tell of its connections: for a log, or for nobody (<see cref="Defaults.NoEvents"/>). Called inside a turn; must not wait.</summary>
public interface IBrokerEvents
{
    void ConnectionOpened(long connection, EndPoint? remote);

    /// <summary>A client has its CONNACK.</summary>
    void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds);

    /// <summary>Who that client is.</summary>
    /// <param name="connection">The number of its connection.</param>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="userName">Its user; null for none.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="remote">Where it comes from; null where nobody knows.</param>
    void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote);

    /// <summary>A connection has ended.</summary>
    /// <param name="client">Whose it was.</param>
    /// <param name="reason">The one reason.</param>
    /// <param name="detail">Names and numbers; null when there is no more to say.</param>
    void ConnectionEnded(in ClientName client, CloseReason reason, string? detail);

    /// <summary>A fault of the broker itself has ended a connection.</summary>
    void ConnectionFailed(Exception exception, in ClientName client);

    /// <summary>A fault of the broker itself in work that is nobody's connection: all others go on. Who has no words for it is told as of a connection that nobody knows.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="work">In what, as the end of a sentence.</param>
    /// <param name="pauseMs">Milliseconds after which the work goes on; 0 where it has passed over what went wrong.</param>
    void WorkFailed(Exception exception, string work, int pauseMs) => ConnectionFailed(exception, default);

    /// <summary>A client says that it is a bridge, and may not be one: it is served as an ordinary client.</summary>
    void BridgeNotAllowed(in ClientName client);

    /// <summary>A message is dropped, for this client or upstream, or for all. It may happen a million times a second.</summary>
    void Dropped(in Drop drop);

    /// <summary>A gateway below has as many subscriptions as it may have: what is for that device does not get there.</summary>
    void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax);

    /// <summary>A filter of a SUBSCRIBE is refused, or one of a Session ends since its client may have less now. It may happen thousands of times a second.</summary>
    /// <param name="client">Whose.</param>
    /// <param name="filter">The Topic Filter, as the client says it.</param>
    /// <param name="code">What the client is told; of 3.x it gets 0x80 for all.</param>
    /// <param name="why">As the end of a sentence.</param>
    void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why);

    /// <summary>Two connections take over from each other again and again: two devices have one Client Identifier. Told once while it goes on.</summary>
    /// <param name="one">The one that was connected.</param>
    /// <param name="other">The one that took over.</param>
    void ClientIdFought(in ClientName one, in ClientName other);
}
