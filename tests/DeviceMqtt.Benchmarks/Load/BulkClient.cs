using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Sends a lot, of whatever kind, as fast as the broker reads, and counts the bytes that come back without looking at them.</summary>
internal sealed unsafe class BulkClient : LoadSocket
{
    private byte[] _bytes = [];
    private int _sentBytes;

    private BulkClient(LoadLoop loop, int fd)
        : base(loop, fd)
    {
    }

    public bool IsSent => _sentBytes == _bytes.Length;

    public long ReceivedBytes { get; private set; }

    public long LastReceived { get; private set; } = Stopwatch.GetTimestamp();

    public static BulkClient Open(LoadLoop loop, int port, int protocolLevel, string clientId)
    {
        var client = new BulkClient(loop, MqttHandshake.Open(port, protocolLevel, clientId));
        client.Start(Libc.EpollIn);
        return client;
    }

    /// <summary>Once what it sent before is sent.</summary>
    public void Write(byte[] bytes)
    {
        _bytes = bytes;
        _sentBytes = 0;
        Want(Libc.EpollIn | Libc.EpollOut);
    }

    public override void OnReadable()
    {
        int count = Receive(Loop.ReceiveBuffer, LoadLoop.BufferBytes);
        if (count <= 0)
            return;
        ReceivedBytes += count;
        LastReceived = Stopwatch.GetTimestamp();
    }

    public override void OnWritable()
    {
        fixed (byte* bytes = _bytes)
        {
            int count = IsSent ? 0 : Send(bytes + _sentBytes, _bytes.Length - _sentBytes);
            _sentBytes += Math.Max(0, count);
        }
        if (IsSent)
            Want(Libc.EpollIn);
    }
}
