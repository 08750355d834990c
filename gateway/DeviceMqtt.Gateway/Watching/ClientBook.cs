using System.Net;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>When each client was here, and why its connections ended: the last <see cref="VisitsMax"/> of each. Owned by the turn.</summary>
/// <param name="clock">Of the wall.</param>
/// <param name="clientsMax">Clients that are kept.</param>
/// <param name="bytesMax">Bytes of memory for all of them; beyond, some that are gone are forgotten.</param>
internal sealed class ClientBook(WallClock clock, int clientsMax, long bytesMax)
{
    /// <summary>Connections that are kept of one client.</summary>
    public const int VisitsMax = 24;

    private const int DetailCharactersMax = 200;
    private const int ClientBytes = 200; // its list and its place
    private readonly Dictionary<string, List<Visit>> _visits = new(StringComparer.Ordinal);
    private readonly Dictionary<long, EndPoint?> _opening = [];

    /// <summary>The connections of a client, the last one at the end; empty for one that was not here since the gateway started.</summary>
    public IReadOnlyList<Visit> Of(string clientId) => _visits.TryGetValue(clientId, out List<Visit>? visits) ? visits : [];

    /// <summary>Taken now.</summary>
    public long Bytes { get; private set; }

    public IEnumerable<KeyValuePair<string, List<Visit>>> All => _visits;

    public void Opened(long connection, EndPoint? remote)
    {
        if (_opening.Count < clientsMax)
            _opening[connection] = remote;
    }

    public void Connected(long connection, string clientId)
    {
        _ = _opening.Remove(connection, out EndPoint? remote);
        if (!_visits.TryGetValue(clientId, out List<Visit>? visits))
        {
            if (_visits.Count >= clientsMax)
                ForgetOne();
            _visits.Add(clientId, visits = new List<Visit>(1));
            Bytes += BytesOf(clientId);
        }

        if (visits.Count == VisitsMax)
        {
            Bytes -= visits[0].Bytes;
            visits.RemoveAt(0);
        }

        // At a take-over the old connection ends after the new one is there.
        (long nowMs, long nowUnixMs) = (clock.NowMs, clock.NowUnixMs);
        if (visits.Count > 0 && !visits[^1].IsOver)
            visits[^1].End(nowMs, nowUnixMs, CloseReason.SessionTakenOver);
        Visit visit = new(nowMs, nowUnixMs, AddressOf(remote));
        visits.Add(visit);
        Bytes += visit.Bytes;
        // Each of them makes room for what one visit takes, and for its end.
        for (int i = 0; i < 2 && Bytes > bytesMax; i++)
            ForgetOne();
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
        if (reason == CloseReason.SessionTakenOver || !_visits.TryGetValue(name, out List<Visit>? visits) || visits[^1].IsOver)
            return null;
        Visit last = visits[^1];
        last.End(clock.NowMs, clock.NowUnixMs, reason, detail is { Length: > DetailCharactersMax } ? detail[..DetailCharactersMax] : detail);
        Bytes += (last.Detail?.Length ?? 0) * sizeof(char);
        return null;
    }

    public static string AddressOf(EndPoint? remote) => remote switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => mapped.Address.MapToIPv4().ToString(),
        IPEndPoint ip => ip.Address.ToString(),
        _ => "",
    };

    // Any one that is gone: the sessions are bounded, and this is more than there may be.
    private void ForgetOne()
    {
        string? gone = null;
        int looked = 0;
        foreach ((string clientId, List<Visit> visits) in _visits)
        {
            gone ??= clientId;
            if (visits[^1].IsOver)
                gone = clientId;
            if (visits[^1].IsOver || ++looked == LooksMax)
                break;
        }

        if (gone is not null && _visits.Remove(gone, out List<Visit>? forgotten))
            Bytes -= BytesOf(gone) + forgotten.Sum(static visit => visit.Bytes);
    }

    private static long BytesOf(string clientId) => ClientBytes + (clientId.Length * sizeof(char));

    private const int LooksMax = 64;
}
