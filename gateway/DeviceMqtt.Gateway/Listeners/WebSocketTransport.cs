using System.IO.Pipelines;
using System.Net.WebSockets;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// MQTT over WebSocket: binary messages in any size, whose boundaries mean nothing [MQTT-6.0.0-2], as a pair of pipes.
/// Both pipes are bounded by what pipes hold back at (64 KB).
/// </summary>
/// <param name="socket">The other side.</param>
/// <param name="abort">Ends the network connection at once.</param>
/// <param name="time">The clock of the time limits.</param>
/// <param name="aborted">Cancelled when the network connection has ended.</param>
internal sealed class WebSocketTransport(WebSocket socket, Action abort, TimeProvider time, CancellationToken aborted) : IDuplexPipe
{
    /// <summary>What a client gets for taking its last bytes, and for a close frame.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    // The broker's side runs on the thread pool: its turns are not to run inside a WebSocket's receive.
    private readonly Pipe _in = new();
    private readonly Pipe _out = new();

    public PipeReader Input => _in.Reader;

    public PipeWriter Output => _out.Writer;

    /// <summary>Moves bytes until either side ends; <paramref name="loop"/> reads and writes the pipes meanwhile.</summary>
    public async Task RunAsync(Func<IDuplexPipe, Task> loop)
    {
        Task receiving = ReceiveAsync();
        Task sending = SendAsync();
        await loop(this);
        await _in.Reader.CompleteAsync();
        await _out.Writer.CompleteAsync();
        // A client that has stopped reading takes nothing more: it must not keep its connection, and the stop of the gateway, waiting.
        await sending.WaitAsync(CloseTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!sending.IsCompleted)
            abort();
        await sending;
        await CloseAsync();
        // The client answers with a close frame of its own. To end the connection before would take from it what it has not read yet: its CONNACK.
        await receiving.WaitAsync(CloseTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!receiving.IsCompleted)
            abort();
        await receiving;
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                // What is left of the piece that is being filled, if only a byte: with a wish for more each frame of one byte would take a piece of 4 KB, which no bound counts.
                Memory<byte> buffer = _in.Writer.GetMemory();
                ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer, aborted);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                // [MQTT-6.0.0-1]: anything but binary ends the connection.
                if (received.MessageType != WebSocketMessageType.Binary)
                    throw new IOException("a WebSocket message that is not binary");
                _in.Writer.Advance(received.Count);
                if ((await _in.Writer.FlushAsync(aborted)).IsCompleted)
                    break;
            }

            await _in.Writer.CompleteAsync();
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely)
        {
            // Gone without a close frame, as browsers and phones go: the same as a TCP connection that ends.
            await _in.Writer.CompleteAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            await _in.Writer.CompleteAsync(Ended(exception));
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ReadResult result = await _out.Reader.ReadAsync(aborted);
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                    await socket.SendAsync(segment, WebSocketMessageType.Binary, endOfMessage: true, aborted);
                _out.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    break;
            }

            await _out.Reader.CompleteAsync();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            await _out.Reader.CompleteAsync(Ended(exception));
        }
    }

    // The words of a WebSocket's own exception say to look at the one inside it.
    private static IOException Ended(Exception exception) => new("the WebSocket ended: " + exception.GetBaseException().Message, exception);

    private async Task CloseAsync()
    {
        using CancellationTokenSource timeout = new(CloseTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, either.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // The other side is gone already, which is what closing was for.
            socket.Abort();
        }
    }
}
