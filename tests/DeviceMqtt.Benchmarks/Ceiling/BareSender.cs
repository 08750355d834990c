using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Ceiling;

/// <summary>
/// Sends messages of QoS 1 to an upstream from the broker's core and does nothing else: packets that were encoded before, one write for what the window has room for, and one read for what was acknowledged while half of a window was handled.
/// No relay drains a backlog faster into that upstream on that core.
/// </summary>
internal sealed unsafe class BareSender : IDisposable
{
    private const uint PauseUsMax = 1_000;
    private const uint PauseUsOfMessage = 10; // the upstream takes twice as long for one
    private const int BufferBytes = 64 * 1024;
    private const int AckBytes = 4;

    private readonly int _fd;
    private readonly PublishRing _ring;
    private readonly long _messages;
    private readonly Thread _thread;
    private volatile bool _isOver;

    private BareSender(int fd, PublishRing ring, long messages)
    {
        _fd = fd;
        _ring = ring;
        _messages = messages;
        _thread = new Thread(Run) { IsBackground = true };
    }

    /// <summary>Connects; it sends when it is told to.</summary>
    public static BareSender Open(int port, int protocolLevel, string topic, int window, long messages) =>
        new(MqttHandshake.Open(port, protocolLevel, "bare"), new PublishRing(protocolLevel, topic, qos: 1, window), messages);

    public void Go() => _thread.Start();

    public void Dispose()
    {
        _isOver = true;
        if (_thread.ThreadState != System.Threading.ThreadState.Unstarted)
            _thread.Join();
        _ = Libc.Close(_fd);
        _ring.Dispose();
    }

    private void Run()
    {
        CpuCore.MoveThisThread(CpuCore.Broker);
        byte[] buffer = new byte[BufferBytes];
        long sent = 0; // bytes
        long acknowledged = 0; // bytes of acknowledgements: packets of 3.1.1 have one length
        fixed (byte* bytes = buffer)
            while (!_isOver && acknowledged < _messages * AckBytes)
            {
                long until = Math.Min(_messages, (acknowledged / AckBytes) + _ring.Count) * _ring.PacketBytes;
                while (sent < until && Libc.Send(_fd, _ring.At(sent), (nint)(until - sent), Libc.MessageDontWait | Libc.MessageNoSignal) is > 0 and var count)
                    sent += count;
                _ = Libc.Sleep(Math.Min(PauseUsMax, PauseUsOfMessage * (uint)_ring.Count));
                while (Libc.Receive(_fd, bytes, BufferBytes, Libc.MessageDontWait) is > 0 and var received)
                    acknowledged += received;
                // Or the kernel of the upstream, which sends without TCP_NODELAY, keeps its acknowledgements back for 40 ms.
                int isOn = 1;
                _ = Libc.SetSocketOption(_fd, Libc.LevelTcp, Libc.OptionQuickAck, &isOn, sizeof(int));
            }
    }
}
