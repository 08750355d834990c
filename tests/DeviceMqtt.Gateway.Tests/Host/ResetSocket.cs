using System.Net.Sockets;
using System.Net.WebSockets;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>A WebSocket whose network connection was reset: as the runtime tells of it.</summary>
internal sealed class ResetSocket : WebSocket
{
    private static WebSocketException Reset => new(WebSocketError.Faulted, new IOException("Unable to read", new SocketException((int)SocketError.ConnectionReset, "Connection reset by peer")));

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Aborted;

    public override string? SubProtocol => null;

    public override void Abort()
    {
        // It is over already.
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Reset;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Reset;

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw Reset;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw Reset;

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw Reset;

    public override void Dispose()
    {
        // Nothing is held.
    }
}
