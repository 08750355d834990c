using System.Net.Sockets;

namespace DeviceMqtt.Relay.Link;

/// <summary>TCP: finds the host by its name and connects.</summary>
internal sealed class TcpNetwork : IUpstreamNetwork
{
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
            return new GatheringStream(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new UplinkException(Classify(exception.SocketErrorCode), exception.Message, exception);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static UplinkEndReason Classify(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => UplinkEndReason.Refused,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => UplinkEndReason.NameNotFound,
        SocketError.TimedOut => UplinkEndReason.ConnectTimeout,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => UplinkEndReason.NoConnAck,
        _ => UplinkEndReason.Unreachable,
    };
}
