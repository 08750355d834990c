using System.Net;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>
/// When each client was here, and why its connections ended: the last <see cref="VisitsMax"/> of each. Where there is no room, the client that left longest ago is forgotten, and never one that
/// is connected: a further client is not noted then. Owned by the turn.
/// </summary>
/// <param name="clock">Of the wall.</param>
/// <param name="clientsMax">Clients that are kept.</param>
/// <param name="bytesMax">Bytes of memory for all of them.</param>
internal sealed class ClientBook(WallClock clock, int clientsMax, long bytesMax)
{
    /// <summary>Connections that are kept of one client.</summary>
    public const int VisitsMax = 24;

    private const int DetailCharactersMax = 200;
    private const int ClientBytes = 280; // its objects and its places
    private readonly Dictionary<string, NotedClient> _clients = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _gone = new(); // the one that left longest ago is first
    private readonly Dictionary<long, EndPoint?> _opening = [];

    private sealed class NotedClient(string clientId)
    {
        public List<Visit> Visits { get; } = new(1);

        /// <summary>Among those that have left; in no list while it is connected.</summary>
        public LinkedListNode<string> Gone { get; } = new(clientId);
    }

    /// <summary>The connections of a client, the last one at the end; empty for one that was not here since the gateway started.</summary>
    public IReadOnlyList<Visit> Of(string clientId) => _clients.TryGetValue(clientId, out NotedClient? client) ? client.Visits : [];

    /// <summary>It is connected, and noted.</summary>
    public bool IsHere(string clientId) => _clients.TryGetValue(clientId, out NotedClient? client) && client.Gone.List is null;

    /// <summary>Taken now.</summary>
    public long Bytes { get; private set; }

    /// <summary>All that are noted, by Client Identifier.</summary>
    public IEnumerable<string> All => _clients.Keys;

    public void Opened(long connection, EndPoint? remote)
    {
        if (_opening.Count < clientsMax)
            _opening[connection] = remote;
    }

    public void Connected(long connection, string clientId)
    {
        _ = _opening.Remove(connection, out EndPoint? remote);
        if (!_clients.TryGetValue(clientId, out NotedClient? client) && (client = Add(clientId)) is null)
            return;
        client.Gone.List?.Remove(client.Gone);
        List<Visit> visits = client.Visits;
        if (visits.Count == VisitsMax)
            ForgetFirst(visits);

        // At a take-over the old connection ends after the new one is there.
        (long nowMs, long nowUnixMs) = (clock.NowMs, clock.NowUnixMs);
        if (visits.Count > 0 && !visits[^1].IsOver)
            visits[^1].End(nowMs, nowUnixMs, CloseReason.SessionTakenOver);
        Visit visit = new(connection, nowMs, nowUnixMs, AddressOf(remote));
        visits.Add(visit);
        Bytes += visit.Bytes;
        _ = MakeRoom();
        while (Bytes > bytesMax && visits.Count > 1)
            ForgetFirst(visits);
    }

    /// <param name="connection">Its number.</param>
    /// <param name="name">The Client Identifier, or where it came from.</param>
    /// <param name="reason">The one reason.</param>
    /// <param name="detail">More about it.</param>
    /// <returns>Where it came from if it never was a client; null otherwise.</returns>
    public EndPoint? Ended(long connection, string name, CloseReason reason, string? detail)
    {
        if (_opening.Remove(connection, out EndPoint? remote))
            return remote;
        // Of a connection that was taken over the visit is over already, and a newer one is the last.
        if (!_clients.TryGetValue(name, out NotedClient? client) || client.Visits[^1] is not { IsOver: false } last || last.Connection != connection)
            return null;
        last.End(clock.NowMs, clock.NowUnixMs, reason, detail is { Length: > DetailCharactersMax } ? detail[..DetailCharactersMax] : detail);
        Bytes += (last.Detail?.Length ?? 0) * sizeof(char);
        _ = MakeRoom(); // for its end, before it may go itself
        _gone.AddLast(client.Gone);
        return null;
    }

    public static string AddressOf(EndPoint? remote) => remote switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => mapped.Address.MapToIPv4().ToString(),
        IPEndPoint ip => ip.Address.ToString(),
        _ => "",
    };

    // Null where all that are noted are connected, and there is no room for another.
    private NotedClient? Add(string clientId)
    {
        if (!MakeRoom(clients: 1, BytesOf(clientId) + Visit.LeastBytes))
            return null;
        NotedClient client = new(clientId);
        _clients.Add(clientId, client);
        Bytes += BytesOf(clientId);
        return client;
    }

    // Those that left longest ago go for it. False where all are here, and there is none.
    private bool MakeRoom(int clients = 0, long bytes = 0)
    {
        while (_clients.Count + clients > clientsMax || Bytes + bytes > bytesMax)
        {
            if (_gone.First is not { Value: var clientId })
                return false;
            _gone.RemoveFirst();
            _ = _clients.Remove(clientId, out NotedClient? forgotten);
            Bytes -= BytesOf(clientId) + forgotten!.Visits.Sum(static visit => visit.Bytes);
        }

        return true;
    }

    private void ForgetFirst(List<Visit> visits)
    {
        Bytes -= visits[0].Bytes;
        visits.RemoveAt(0);
    }

    private static long BytesOf(string clientId) => ClientBytes + (clientId.Length * sizeof(char));
}
