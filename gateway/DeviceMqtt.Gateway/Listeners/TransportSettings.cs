using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// How Kestrel moves bytes for us: no thread hop between the socket and the turn, and no buffer behind our own.
/// What each setting brings is measured in gateway/docs/performance.md.
/// </summary>
internal static class TransportSettings
{
    /// <summary>Must run before the first socket is made: the runtime reads these once.</summary>
    public static void ApplyToProcess()
    {
        SetDefault("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        // One turn at a time means one thread that polls: more would wait for each other.
        SetDefault("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    public static void Apply(SocketTransportOptions sockets)
    {
        sockets.IOQueueCount = 0;
        sockets.UnsafePreferInlineScheduling = true;
        sockets.NoDelay = true;
        sockets.Backlog = 4096;
        // A flush is complete when the kernel has the bytes, not when they lie in the pipe: a connection that is not
        // congested has nothing left to send, so closing it never waits for its peer.
        sockets.MaxWriteBufferSize = 1;
        // What is read ahead of the turns: a connection that had to step back stops the reading here.
        sockets.MaxReadBufferSize = 64 * 1024;
    }

    /// <summary>The same bounds for connections with TLS. What goes on behind a handshake runs on the thread pool: the one thread that polls the sockets would stand still for a signature.</summary>
    public static void ApplyForTls(SocketTransportOptions sockets)
    {
        Apply(sockets);
        sockets.UnsafePreferInlineScheduling = false;
        // With hops between threads a flush would never be complete at once, and a connection would look congested whenever something is sent.
        sockets.MaxWriteBufferSize = 64 * 1024;
    }

    /// <summary>For requests, and WebSockets. Requests run on the thread pool: a page is no part of a turn.</summary>
    /// <param name="sockets">Of Kestrel.</param>
    /// <param name="readAheadBytesMax">Of one connection, before whoever serves it has asked for more. Kestrel's own is 1 MB, whatever its request buffer may be.</param>
    /// <param name="unsentBytesMax">Of one connection, of what its client does not take.</param>
    public static void ApplyForHttp(SocketTransportOptions sockets, int readAheadBytesMax, int unsentBytesMax)
    {
        sockets.MaxReadBufferSize = readAheadBytesMax;
        sockets.MaxWriteBufferSize = unsentBytesMax;
    }

    private static void SetDefault(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
            Environment.SetEnvironmentVariable(name, value);
    }
}
