using System.Net.Sockets;

namespace DeviceMqtt.Relay.Link;

/// <summary>
/// A socket of which one read brings what came in a moment (<see cref="IGathering"/>). An upstream answers each message with a packet of four bytes; if each of them wakes the gateway,
/// which sends the next message at once, both are busy with waking each other. It waits on a thread of its own, from the first time it has to: no other connection waits with it. Linux
/// alone; elsewhere it is a socket as any.
/// </summary>
internal sealed class GatheringStream(Socket socket) : NetworkStream(socket, ownsSocket: true), IGathering
{
    private readonly object _lock = new();
    private Thread? _thread;
    private TaskCompletionSource? _over; // somebody waits; under the lock
    private bool _isClosed; // under the lock

    /// <inheritdoc/>
    public int GatherUs { get; set; }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        GatherUs > 0 && OperatingSystem.IsLinux() ? GatherAsync(base.ReadAsync(buffer, cancellationToken), buffer) : base.ReadAsync(buffer, cancellationToken);

    private async ValueTask<int> GatherAsync(ValueTask<int> first, Memory<byte> buffer)
    {
        int bytes = await first.ConfigureAwait(false);
        if (bytes <= 0 || bytes == buffer.Length)
            return bytes;
        await WaitOnThread().ConfigureAwait(false);
        return bytes + More(buffer.Span[bytes..]);
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.Pulse(_lock);
        }

        base.Dispose(disposing);
    }

    // What goes on behind the wait runs on that thread, which has nothing else to do.
    private Task WaitOnThread()
    {
        TaskCompletionSource over = new();
        lock (_lock)
        {
            if (_isClosed)
                return Task.CompletedTask;
            _over = over;
            Monitor.Pulse(_lock);
        }

        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "relay gathering" };
            _thread.UnsafeStart();
        }

        return over.Task;
    }

    private void Run()
    {
        while (Next() is { } over)
        {
            LinuxWaits.Wait(GatherUs);
            over.SetResult();
        }
    }

    private TaskCompletionSource? Next()
    {
        lock (_lock)
        {
            while (_over is null && !_isClosed)
                _ = Monitor.Wait(_lock);
            TaskCompletionSource? over = _over;
            _over = null;
            return over;
        }
    }

    // The end, or an error, is found by the read after this one.
    private int More(Span<byte> into)
    {
        try
        {
            LinuxWaits.AcknowledgeNow(Socket);
            return Socket.Available > 0 ? Socket.Receive(into, SocketFlags.None, out _) : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
