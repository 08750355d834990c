using System.Collections.Concurrent;
using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>Keeps what the broker tells: the one reason each connection ended with is asserted from here.</summary>
internal sealed class RecordingEvents : IBrokerEvents, ICloseReasons
{
    private readonly ConcurrentDictionary<long, CloseReason> _closed = [];

    /// <summary>One line for each event.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    public CloseReason ReasonOf(long connection) => _closed.GetValueOrDefault(connection);

    public void ConnectionOpened(long connection, EndPoint? remote) => Lines.Enqueue($"opened {connection} from {remote}");

    public void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds) =>
        Lines.Enqueue($"connected {connection} '{clientId}' {version}, keep alive {keepAliveSeconds}");

    public void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote) =>
        Lines.Enqueue($"in {connection} '{clientId}', user '{userName}', as {role}");

    public void ConnectionEnded(in ClientName client, CloseReason reason, string? detail)
    {
        Lines.Enqueue($"ended {client.Connection} '{client.Name}' {reason}: {detail}");
        if (!_closed.TryAdd(client.Connection, reason))
            throw new InvalidOperationException($"connection {client.Connection} ended twice: {_closed[client.Connection]}, then {reason}");
    }

    public void ConnectionFailed(Exception exception, in ClientName client)
    {
        Lines.Enqueue($"failed {client.Connection} '{client.Name}': {exception.Message}");
        Console.WriteLine(exception);
    }

    public void WorkFailed(Exception exception, string work, int pauseMs)
    {
        Lines.Enqueue($"failed in {work}, {pauseMs} ms: {exception.Message}");
        Console.WriteLine(exception);
    }

    public void BridgeNotAllowed(in ClientName client) => Lines.Enqueue($"no bridge '{client.ClientId}'");

    public void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax) => Lines.Enqueue($"no subscription of bridge '{client.ClientId}' to {filter}");

    public void Dropped(in Drop drop) => Lines.Enqueue($"dropped {drop.Reason} {drop.Owner.Kind} '{drop.Owner.Name}' on '{drop.Topic}'");

    public void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why) => Lines.Enqueue($"no subscription of '{client.ClientId}' to {filter}, {code}: {why}");

    public void ClientIdFought(in ClientName one, in ClientName other) => Lines.Enqueue($"fought '{one.ClientId}' by {one.Remote} and {other.Remote}");
}
