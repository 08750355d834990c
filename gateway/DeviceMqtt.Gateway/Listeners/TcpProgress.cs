using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What a client has taken of what was sent to it, and what of its own is not read yet, asked of the kernel: a pipe knows neither.</summary>
internal static class TcpProgress
{
    private const int LevelTcp = 6; // IPPROTO_TCP
    private const int TcpInfo = 11; // TCP_INFO of linux/tcp.h
    private const int BytesAckedOffset = 120; // tcpi_bytes_acked of struct tcp_info, since Linux 4.1

    /// <summary>Serves a connection whose socket may be asked; null where there is none to ask. Without a closure for each: there are as many as clients.</summary>
    public static Task ServeAsync(this MqttBroker broker, IDuplexPipe transport, EndPoint? remote, Action abort, Socket? socket, int transportBytes = 0) =>
        broker.ServeAsync(transport, remote, abort, socket is null ? null : socket.BytesAcknowledged, socket is null ? null : socket.BytesUnread, transportBytes);

    /// <summary>Bytes that the client's machine has acknowledged on this connection; 0 where the kernel does not say.</summary>
    public static long BytesAcknowledged(this Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        Span<byte> info = stackalloc byte[BytesAckedOffset + sizeof(long)];
        try
        {
            int bytes = socket.GetRawSocketOption(LevelTcp, TcpInfo, info);
            return bytes < info.Length ? 0 : BinaryPrimitives.ReadInt64LittleEndian(info[BytesAckedOffset..]);
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
