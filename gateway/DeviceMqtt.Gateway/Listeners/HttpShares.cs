using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// HTTP connections of one address, of IPv6 one /64 network: no more than its share of <see cref="GatewayLimits.HttpConnectionsMax"/>, so that one that opens them and says nothing keeps
/// nobody from the page; a trusted proxy has many behind it, and no share. One that becomes a WebSocket is the broker's to count from then on. Safe from any thread.
/// </summary>
internal sealed class HttpShares(GatewayLimits limits, TrustedProxies proxies)
{
    private const int Percent = 100;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, int> _open = [];
    private readonly int _max = Math.Max(1, limits.HttpConnectionsMax * limits.SharePercentMax / Percent);

    /// <summary>A connection middleware.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => connection => RunAsync(connection, next);

    /// <summary>The connection of a request is a WebSocket now.</summary>
    public static void Upgraded(HttpContext context) => context.Features.Get<Place>()?.Leave();

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (proxies.Contains(connection.RemoteEndPoint))
        {
            await next(connection);
            return;
        }

        ulong address = AddressKey.Of(connection.RemoteEndPoint);
        if (!TryEnter(address))
        {
            connection.Abort();
            return;
        }

        using Place place = new(this, address);
        connection.Features.Set(place);
        await next(connection);
    }

    private bool TryEnter(ulong address)
    {
        lock (_lock)
        {
            int open = _open.GetValueOrDefault(address);
            if (open >= _max)
                return false;
            _open[address] = open + 1;
            return true;
        }
    }

    private void Leave(ulong address)
    {
        lock (_lock)
        {
            if (_open[address] == 1)
                _ = _open.Remove(address);
            else
                _open[address]--;
        }
    }

    private sealed class Place(HttpShares shares, ulong address) : IDisposable
    {
        private int _isTaken = 1;

        public void Leave()
        {
            if (Interlocked.Exchange(ref _isTaken, 0) == 1)
                shares.Leave(address);
        }

        public void Dispose() => Leave();
    }
}
