using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;
using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What a client has taken of what was sent to it, and what of its own is not read yet, asked of the kernel: a pipe knows neither.</summary>
internal static class TcpProgress
{
    /// <summary>Serves a connection whose socket may be asked; null where there is none to ask. Without a closure for each: there are as many as clients.</summary>
    public static Task ServeAsync(this MqttBroker broker, IDuplexPipe transport, EndPoint? remote, Action abort, Socket? socket, int transportBytes = 0) =>
        broker.ServeAsync(transport, remote, abort, socket is null ? null : socket.BytesAcknowledged, socket is null ? null : socket.BytesUnread, transportBytes);

    /// <summary>Bytes that the client's machine has acknowledged on this connection; 0 where the kernel does not say.</summary>
    public static long BytesAcknowledged(this Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        Span<byte> info = stackalloc byte[TcpInfo.Bytes];
        try
        {
            return TcpInfo.BytesAckedOf(info, socket.GetRawSocketOption(TcpInfo.Level, TcpInfo.Option, info));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0; // The connection is ending.
        }
    }

    /// <summary>Bytes that have arrived from the client and wait in the kernel; 0 when the connection is ending.</summary>
    public static long BytesUnread(this Socket socket)
    {
        try
        {
            return socket.Available;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
