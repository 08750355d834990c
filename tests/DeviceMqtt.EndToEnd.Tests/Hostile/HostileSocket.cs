using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Sends what it is told for as long as the other side takes it, and reads nothing unless it is told to.</summary>
internal sealed class HostileSocket(Socket socket) : IAsyncDisposable
{
    private const int ConnAck = 0x20;
    private static readonly TimeSpan ConnAckPatience = TimeSpan.FromSeconds(20); // as a client would have: the attack goes on with the next
    private Task _draining = Task.CompletedTask;

    /// <returns>False when the connection has ended, or the other side has not read for long.</returns>
    public async Task<bool> Send(byte[] bytes)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(5));
        try
        {
            for (int sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent), timeout.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    public async Task<bool> ReadConnAck()
    {
        byte[] head = new byte[4];
        int length = await Read(head);
        return length == head.Length && head[0] == ConnAck && head[3] == 0;
    }

    /// <summary>Reads until the end, and answers nothing.</summary>
    public void Drain() => _draining = DrainAsync();

    /// <summary>Reads until the other side ends the connection.</summary>
    /// <returns>False when it does not.</returns>
    public async Task<bool> HasEnded(TimeSpan patience)
    {
        byte[] buffer = new byte[4096];
        using CancellationTokenSource timeout = new(patience);
        try
        {
            while (await socket.ReceiveAsync(buffer, timeout.Token) > 0)
            {
            }

            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        await _draining;
    }

    private async Task<int> Read(byte[] buffer)
    {
        using CancellationTokenSource timeout = new(ConnAckPatience);
        int read = 0;
        try
        {
            while (read < buffer.Length && await socket.ReceiveAsync(buffer.AsMemory(read), timeout.Token) is > 0 and int some)
                read += some;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return read;
        }

        return read;
    }

    private async Task DrainAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end, by whichever side.
        }
    }
}
