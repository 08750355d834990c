using System.Net;
using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Who may have one of the <see cref="GatewayLimits.HttpConnectionsMax"/> HTTP connections, so that those that open them and say nothing keep nobody from the page.
/// <list type="bullet">
/// <item>One address (<see cref="AddressKey"/>) has its share; a trusted proxy has many behind it, and no share.</item>
/// <item>When all are taken, or those of an address, another one is closed for the newcomer: of strangers that of the address, then of the network, that has most of them, then
/// one that asks nothing at the moment, then the one that has been quiet for longest. Who is logged in has to go where there is no stranger, and only from a connection that is idle. Where all are at work, one goes of
/// who is no operator, and has most: who comes may be an operator, and would be let in nowhere else.</item>
/// <item>One that becomes a WebSocket is the broker's to count from then on.</item>
/// </list>
/// Safe from any thread.
/// </summary>
/// <param name="limits">How many.</param>
/// <param name="proxies">Those that are trusted.</param>
/// <param name="lines">Where it is said who was closed, and counted.</param>
/// <param name="time">For how long each has been quiet.</param>
internal sealed class HttpSeats(GatewayLimits limits, TrustedProxies proxies, HandshakeLines lines, TimeProvider time)
{
    private const int Percent = 100;
    // Chosen: a request that is being answered has its memory for a moment longer. Who comes from an address that has a stranger here already waits for more of them to end than who does not.
    private const int LeavingShare = 4;
    private const int LeavingShareOfNew = 2;
    private readonly Lock _lock = new();
    private readonly HashSet<HttpSeat> _seats = [];
    private readonly Dictionary<UInt128, int> _ofAddress = []; // proxies apart
    private readonly Dictionary<UInt128, int> _crowd = []; // strangers of an address, and of a network, for one look
    private readonly Dictionary<UInt128, int> _crowdOfNetwork = [];
    private int _leaving;

    /// <summary>Connections that may be there at once, with those that were thrown out and have not ended yet.</summary>
    public static long ConnectionsMax(GatewayLimits limits) => limits.HttpConnectionsMax + LeavingMax(limits, LeavingShareOfNew);

    /// <summary>A connection middleware.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => connection => RunAsync(connection, next);

    /// <summary>The connection of a request is a WebSocket now.</summary>
    public void Upgraded(HttpContext context)
    {
        if (context.Features.Get<HttpSeat>() is { } seat)
            lock (_lock)
                Leave(seat);
    }

    /// <summary>Answers a request, during which its connection is not idle.</summary>
    public async Task AnswerAsync(HttpContext context, RequestDelegate answer)
    {
        HttpSeat? seat = context.Features.Get<HttpSeat>();
        Count(seat, 1);
        try
        {
            await answer(context);
        }
        finally
        {
            Count(seat, -1);
        }
    }

    /// <summary>It was found out who makes a request: somebody that is logged in, or a stranger.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="user">Whose it is; null for a stranger.</param>
    /// <param name="isOperator">That user is an operator.</param>
    public static void Found(HttpContext context, string? user, bool isOperator)
    {
        // Read under the lock of others: late by a moment is early enough.
        if (context.Features.Get<HttpSeat>() is { } seat)
            (seat.User, seat.IsOperator) = (user, isOperator);
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        EndPoint? remote = connection.RemoteEndPoint;
        HttpSeat seat = new(connection, AddressKey.Of(remote), AddressKey.NetworkOf(remote), proxies.Contains(remote), time.MonotonicMs());
        (string? refusal, HttpSeat? gone) = Enter(seat);
        if (gone is not null)
        {
            lines.Refused(gone.Remote, $"its HTTP connection was closed for another one: {Limit}");
            gone.Close();
        }

        if (refusal is not null)
        {
            lines.Refused(remote, refusal);
            connection.Abort();
            return;
        }

        connection.Features.Set(seat);
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_lock)
            {
                Leave(seat);
                if (seat.IsThrownOut)
                    _leaving--;
            }
        }
    }

    private string Limit => $"Limits:HttpConnectionsMax is {limits.HttpConnectionsMax}, and an address has {ShareMax} of them";

    private int ShareMax => Math.Max(1, limits.HttpConnectionsMax * limits.SharePercentMax / Percent);

    private static int LeavingMax(GatewayLimits limits, int share) => Math.Max(1, limits.HttpConnectionsMax / share);

    // Why there is no place, or who has to go for it.
    private (string? Refusal, HttpSeat? Gone) Enter(HttpSeat seat)
    {
        lock (_lock)
        {
            bool isShareFull = !seat.IsProxied && _ofAddress.GetValueOrDefault(seat.Address) >= ShareMax;
            HttpSeat? gone = null;
            if (isShareFull || _seats.Count >= limits.HttpConnectionsMax)
            {
                CountCrowds();
                if (_leaving < LeavingMax(limits, _crowd.ContainsKey(seat.Address) ? LeavingShare : LeavingShareOfNew))
                    gone = FindLeast(isShareFull ? seat.Address : null);
                if (gone is null && _leaving < LeavingMax(limits, LeavingShareOfNew))
                    gone = FindAtWork(isShareFull ? seat.Address : null);
                if (gone is null)
                    return ($"no HTTP connection can be closed for it: {Limit}", null);
                gone.IsThrownOut = true;
                _leaving++;
                Leave(gone);
            }

            _ = _seats.Add(seat);
            if (!seat.IsProxied)
                CollectionsMarshal.GetValueRefOrAddDefault(_ofAddress, seat.Address, out _)++;
            return (null, gone);
        }
    }

    private void CountCrowds()
    {
        _crowd.Clear();
        _crowdOfNetwork.Clear();
        foreach (HttpSeat seat in _seats)
        {
            if (seat.IsIn || seat.IsProxied)
                continue;
            CollectionsMarshal.GetValueRefOrAddDefault(_crowd, seat.Address, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_crowdOfNetwork, seat.Network, out _)++;
        }
    }

    // Null when all that could go are at work.
    private HttpSeat? FindLeast(UInt128? ofAddress)
    {
        HttpSeat? least = null;
        (bool IsStranger, int OfAddress, int OfNetwork, bool IsIdle, long QuietMs) rank = default;
        long now = time.MonotonicMs();
        foreach (HttpSeat seat in _seats)
        {
            if ((ofAddress is not null && (seat.IsProxied || seat.Address != ofAddress)) || (seat.IsIn && seat.UnderWay > 0))
                continue;
            // Who is logged in meanwhile, or comes through a proxy, is no crowd.
            (int OfAddress, int OfNetwork) crowd = seat.IsIn || seat.IsProxied ? (1, 1) : (_crowd.GetValueOrDefault(seat.Address), _crowdOfNetwork.GetValueOrDefault(seat.Network));
            (bool, int, int, bool, long) its = (!seat.IsIn, crowd.OfAddress, crowd.OfNetwork, seat.UnderWay == 0, now - seat.QuietSinceMs);
            if (least is null || its.CompareTo(rank) > 0)
                (least, rank) = (seat, its);
        }

        return least;
    }

    // Of those at work that are no operators: of the user that has most of them, the one that has been at it for longest.
    private HttpSeat? FindAtWork(UInt128? ofAddress)
    {
        Dictionary<string, int> ofUser = new(StringComparer.Ordinal);
        foreach (HttpSeat seat in _seats)
            if (seat is { User: { } user, IsOperator: false })
                CollectionsMarshal.GetValueRefOrAddDefault(ofUser, user, out _)++;
        HttpSeat? most = null;
        (int OfUser, long QuietMs) rank = default;
        long now = time.MonotonicMs();
        foreach (HttpSeat seat in _seats)
        {
            if (seat is not { User: { } user, IsOperator: false } || (ofAddress is not null && (seat.IsProxied || seat.Address != ofAddress)))
                continue;
            (int, long) its = (ofUser.GetValueOrDefault(user), now - seat.QuietSinceMs);
            if (most is null || its.CompareTo(rank) > 0)
                (most, rank) = (seat, its);
        }

        return most;
    }

    private void Count(HttpSeat? seat, int requests)
    {
        if (seat is null)
            return;
        lock (_lock)
        {
            seat.UnderWay += requests;
            seat.QuietSinceMs = time.MonotonicMs();
        }
    }

    private void Leave(HttpSeat seat)
    {
        if (seat.HasLeft)
            return;
        seat.HasLeft = true;
        _ = _seats.Remove(seat);
        if (seat.IsProxied)
            return;
        if (--CollectionsMarshal.GetValueRefOrNullRef(_ofAddress, seat.Address) == 0)
            _ = _ofAddress.Remove(seat.Address);
    }
}
