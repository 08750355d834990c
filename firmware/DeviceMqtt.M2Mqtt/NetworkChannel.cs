using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace nanoFramework.M2Mqtt;

/// <summary>A TCP connection. Sending is synchronous and from any thread, one packet at a time; receiving is a pipe.</summary>
internal sealed class NetworkChannel : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private PipeReader? _input;

    internal PipeReader Input => _input ?? throw new InvalidOperationException("not connected");

    /// <exception cref="SocketException">The network refused, or did not answer in time.</exception>
    internal void Connect(EndPoint remote, int timeoutMs)
    {
        Task connecting = _socket.ConnectAsync(remote);
        // WhenAny, so that a failure is thrown as what it is below, and not wrapped.
        if (Task.WaitAny([connecting], timeoutMs) < 0)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }

        connecting.GetAwaiter().GetResult();
        _input = PipeReader.Create(new NetworkStream(_socket, ownsSocket: false));
    }

    /// <exception cref="SocketException">The link is dead.</exception>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    internal void Send(ReadOnlySpan<byte> packet)
    {
        lock (_sending)
        {
            while (packet.Length > 0)
            {
                packet = packet[_socket.Send(packet)..];
            }
        }
    }

    /// <summary>Ends the connection at once. What waits in the socket's buffer is still sent, as TCP does.</summary>
    public void Dispose() => _socket.Dispose();
}
