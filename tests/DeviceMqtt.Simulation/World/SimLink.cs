using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation.World;

/// <summary>One network connection between a client and the gateway. Bytes of one direction keep their order; connections overtake each other.</summary>
internal sealed class SimLink : IDuplexPipe, ISimWire
{
    private readonly SimWorld _world;
    private readonly PacketFault? _fault;
    private readonly Action<byte[]> _received;
    private readonly Action _closed;
    private readonly Pipe _up;
    private readonly Pipe _down;
    private readonly PacketCutter _upCutter = new();
    private readonly PacketCutter _downCutter = new();
    private readonly Queue<byte[]> _socket = new();
    private long _socketBytes;
    private long _upAtMs;
    private long _downAtMs;

    public SimLink(SimWorld world, PacketFault? fault, Action<byte[]> received, Action closed)
    {
        (_world, _fault, _received, _closed) = (world, fault, received, closed);
        PipeOptions options = new(readerScheduler: world.Pipes, writerScheduler: world.Pipes, pauseWriterThreshold: 0, useSynchronizationContext: false);
        (_up, _down) = (new Pipe(options), new Pipe(options));
    }

    PipeReader IDuplexPipe.Input => _up.Reader;

    PipeWriter IDuplexPipe.Output => _down.Writer;

    /// <summary>The client has it no more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Completes when the gateway has done with it.</summary>
    public Task Served { get; private set; } = Task.CompletedTask;

    /// <summary>Milliseconds that what has arrived lies in the socket before the gateway's transport reads it.</summary>
    public int SocketMs { get; set; }

    /// <summary>Something has arrived, and may lie in the socket.</summary>
    public Action? Arrived { get; set; }

    public void Run(MqttBroker broker, bool hidesUnread)
    {
        _ = ReadAsync();
        Served = ServeAsync(broker, hidesUnread ? null : () => _socketBytes);
    }

    public void Send(byte[] packet)
    {
        if (IsOver)
            return;
        _upAtMs = Math.Max(_upAtMs, _world.NowMs + 1 + _world.Random.Next(20));
        _world.At(_upAtMs - _world.NowMs, () =>
        {
            if (_isGone)
                return;
            _socket.Enqueue(packet);
            _socketBytes += packet.Length;
            if (SocketMs == 0)
                ReadSocket();
            else
                _world.At(SocketMs, ReadSocket);
            Arrived?.Invoke();
        });
    }

    private bool _isGone;

    private void ReadSocket()
    {
        if (_isGone)
            return;
        while (_socket.TryDequeue(out byte[]? packet))
        {
            _socketBytes -= packet.Length;
            foreach (byte[] passed in _fault?.Up(this, _upCutter.Cut(packet)) ?? [packet])
                _up.Writer.Write(passed);
        }

        Flush();
    }

    // Never waits: the pipe takes everything.
    private async void Flush() => _ = await _up.Writer.FlushAsync();

    /// <summary>The client is off the network; the gateway notices later, or only by Keep Alive.</summary>
    public void Cut(long noticedMs)
    {
        IsOver = true;
        _world.At(noticedMs, Abort);
    }

    /// <summary>An answer that the gateway never gave.</summary>
    public void Forge(byte[] packet) => Deliver(packet);

    private async Task ServeAsync(MqttBroker broker, Func<long>? bytesUnread)
    {
        await broker.ServeAsync(this, null, Abort, bytesUnread: bytesUnread);
        await _down.Writer.CompleteAsync();
        await _up.Reader.CompleteAsync();
    }

    private void Abort()
    {
        if (_isGone)
            return;
        _isGone = true;
        _fault?.Ending(_up.Writer);
        _up.Writer.Complete(new IOException("connection reset"));
        _down.Writer.CancelPendingFlush();
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            ReadResult result = await _down.Reader.ReadAsync();
            byte[] bytes = result.Buffer.ToArray();
            _down.Reader.AdvanceTo(result.Buffer.End);
            foreach (byte[] packet in _downCutter.Cut(bytes))
                foreach (byte[] passed in _fault?.Down(this, packet) ?? [packet])
                    Deliver(passed);
            if (result.IsCompleted)
                break;
        }

        _downAtMs = Math.Max(_downAtMs, _world.NowMs + 1);
        _world.At(_downAtMs - _world.NowMs, End);
    }

    /// <summary>The gateway's machine is gone, and the client learns it now.</summary>
    public void End()
    {
        _isGone = true;
        if (IsOver)
            return;
        IsOver = true;
        _closed();
    }

    private void Deliver(byte[] packet)
    {
        _downAtMs = Math.Max(_downAtMs, _world.NowMs + 1 + _world.Random.Next(20));
        _world.At(_downAtMs - _world.NowMs, () =>
        {
            if (!IsOver)
                _received(packet);
        });
    }
}
