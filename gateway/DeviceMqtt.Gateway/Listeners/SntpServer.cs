using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Tells boards what time it is (SNTP, RFC 4330), where they have no other server. Only those of the local network are answered, each with one packet as
/// long as its own, so that nobody can use it against others. While the gateway does not know the time itself, it says so.
/// </summary>
/// <param name="address">Where it listens.</param>
/// <param name="now">What time it is; null where nobody knows.</param>
internal sealed class SntpServer(IPEndPoint address, Func<DateTimeOffset?> now) : BackgroundService
{
    private Socket? _socket;

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint? EndPoint => _socket?.LocalEndPoint as IPEndPoint;

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                _socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            _socket.Bind(address);
        }
        catch (SocketException exception)
        {
            throw new IOException($"Time:Sntp: cannot listen on {address}: {exception.Message}{(exception.SocketErrorCode == SocketError.AccessDenied ? "; a port below 1024 needs CAP_NET_BIND_SERVICE (gateway/docs/settings.md#time), or say Time:Sntp=off" : "")}", exception);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _socket?.Dispose();
        base.Dispose();
    }

    /// <summary>Whether an address is of this machine or of a local network (RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6).</summary>
    internal static bool IsLocal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
            return true;
        byte[] bytes = address.GetAddressBytes();
        return bytes.Length == 4 && (bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        byte[] request = new byte[SntpPacket.Bytes * 2];
        byte[] answer = new byte[SntpPacket.Bytes];
        EndPoint anybody = new IPEndPoint(address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await _socket!.ReceiveFromAsync(request, anybody, stoppingToken);
                if (received.RemoteEndPoint is IPEndPoint client && IsLocal(client.Address) && SntpPacket.TryAnswer(request.AsSpan(0, received.ReceivedBytes), answer, now()))
                    _ = await _socket.SendToAsync(answer, client, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return; // the gateway stops
            }
            catch (SocketException)
            {
                // The one who asked is gone (ICMP), or sent more than a request has: the next one is not to suffer from it.
            }
        }
    }
}
