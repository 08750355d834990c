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

    public void ConnectionEnded(long connection, string name, CloseReason reason, string? detail)
    {
        Lines.Enqueue($"ended {connection} '{name}' {reason}: {detail}");
        if (!_closed.TryAdd(connection, reason))
            throw new InvalidOperationException($"connection {connection} ended twice: {_closed[connection]}, then {reason}");
    }

    public void ConnectionFailed(Exception exception, long connection, string name)
    {
        Lines.Enqueue($"failed {connection} '{name}': {exception.Message}");
        Console.WriteLine(exception);
    }

    public void BridgeNotAllowed(string clientId) => Lines.Enqueue($"no bridge '{clientId}'");

    public void BridgeSubscriptionRefused(string clientId, string filter, int subscriptionsMax) => Lines.Enqueue($"no subscription of bridge '{clientId}' to {filter}");

    public void Dropped(in Drop drop) => Lines.Enqueue($"dropped {drop.Reason} {drop.Owner.Kind} '{drop.Owner.Name}'");

    public void ClientIdFought(string clientId, EndPoint? one, EndPoint? other) => Lines.Enqueue($"fought '{clientId}' by {one} and {other}");
}
