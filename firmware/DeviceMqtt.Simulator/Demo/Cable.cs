using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Simulator;

/// <summary>
/// The line between the gateway and its upstream, as something that can be pulled out and put back: a TCP forwarder that
/// drops its connections and refuses new ones while it is out.
/// </summary>
internal sealed class Cable : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private CancellationTokenSource _pulled = new();
    private volatile bool _isIn = true;

    public Cable(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where this end of the line is.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public async Task PullOutAsync()
    {
        _isIn = false;
        await _pulled.CancelAsync();
    }

    public void PutBack()
    {
        _pulled.Dispose();
        _pulled = new CancellationTokenSource();
        _isIn = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await PullOutAsync();
        _listener.Dispose();
        await _accepting;
        _pulled.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> lines = [];
        while (!_stopping.IsCancellationRequested)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (_isIn)
                lines.Add(ForwardAsync(near, _pulled.Token));
            else
                near.Dispose();
            lines.RemoveAll(static line => line.IsCompleted);
        }

        await Task.WhenAll(lines);
    }

    private async Task ForwardAsync(Socket near, CancellationToken pulled)
    {
        using Socket _ = near;
        using Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(_host, _port, pulled);
            await Task.WhenAny(CopyAsync(near, far, pulled), CopyAsync(far, near, pulled));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The far end is not there, or the line was pulled: the near end sees its connection go, which is the point.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken pulled)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, pulled)) > 0;)
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), pulled);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end is gone: so is the line.
        }
    }
}
