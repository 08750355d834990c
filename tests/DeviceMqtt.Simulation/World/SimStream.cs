using System.Buffers;
using System.Threading.Tasks.Sources;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation.World;

/// <summary>
/// A gateway's end of a connection to an upstream. A read that waits is completed by an event of the world and goes on within
/// it: a task would send it to the thread pool, as the pipe of the relay does not ask for the context.
/// </summary>
internal sealed class SimStream(SimWorld world, WireFault? fault, Action<byte[]> sent) : Stream, IValueTaskSource<int>
{
    private readonly Queue<byte[]> _arrived = new();
    private readonly PacketCutter _upCutter = new();
    private readonly PacketCutter _downCutter = new();
    private ManualResetValueTaskSourceCore<int> _read;
    private CancellationTokenRegistration _cancellation;
    private Memory<byte> _into;
    private int _consumed; // of the first that arrived
    private bool _isWaiting;
    private bool _isDead;
    private bool _isEnded;
    private bool _isReset;
    private bool _isCut;
    private bool _isToldToGo; // DISCONNECT of the upstream

    public ISimWire? Wire { get; set; }

    /// <summary>Told of CONNECT: whether it is of the gateway itself, and not of one that holds a Will.</summary>
    public Action<bool>? Began { get; set; }

    /// <summary>The upstream has ended it.</summary>
    public bool IsEndedThere => _isEnded;

    /// <summary>The upstream or the network has ended it.</summary>
    public bool IsEndedFromOutside => _isEnded || _isCut || _isToldToGo;

    /// <summary>Nothing comes or goes here any more.</summary>
    public bool IsOver { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Bytes of the upstream are here.</summary>
    public void Receive(byte[] bytes)
    {
        if (IsOver || _isCut)
            return;
        _isToldToGo |= PacketBytes.TypeOf(bytes) == PacketType.Disconnect;
        if (fault is null)
        {
            _arrived.Enqueue(bytes);
        }
        else
        {
            foreach (byte[] packet in _downCutter.Cut(bytes))
                foreach (byte[] passed in fault.Down(this, packet))
                    _arrived.Enqueue(passed);
        }

        Wake();
    }

    /// <summary>A packet that the upstream never sent.</summary>
    public void Forge(byte[] packet)
    {
        _arrived.Enqueue(packet);
        world.At(0, Wake);
    }

    /// <summary>A packet that the gateway never sent.</summary>
    public void ForgeUp(byte[] packet) => Wire?.Send(packet);

    /// <summary>The upstream has closed the connection.</summary>
    public void EndedThere()
    {
        if (_isCut)
            return;
        _isEnded = true;
        Wake();
    }

    /// <summary>The network between breaks.</summary>
    public void Break(long noticedHereMs, long noticedThereMs)
    {
        if (IsOver)
            return;
        _isCut = true;
        Wire?.Cut(noticedThereMs);
        if (noticedHereMs >= 0)
            world.At(noticedHereMs, Reset);
    }

    /// <summary>The gateway as a wrong one would end the connection.</summary>
    public void Reset()
    {
        _isReset = true;
        Wake();
    }

    /// <summary>The process is gone, and with it whoever waits here.</summary>
    public void Die(long noticedThereMs)
    {
        _isDead = true;
        IsOver = true;
        if (!_isCut)
            Wire?.Cut(noticedThereMs);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isWaiting)
            throw new InvalidOperationException("two reads at once");
        _read.Reset();
        _into = buffer;
        _isWaiting = true;
        ValueTask<int> reading = new(this, _read.Version);
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (self, token) => ((SimStream)self!).Cancel(token), this);
        if (_arrived.Count > 0 || _isReset || _isEnded)
            world.At(0, Wake);
        return reading;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isDead || _isCut)
            return default;
        if (IsOver || _isReset || _isEnded)
            return ValueTask.FromException(new IOException("connection reset"));
        foreach (byte[] packet in _upCutter.Cut(buffer.ToArray()))
        {
            if (PacketBytes.TypeOf(packet) == PacketType.Connect)
                Began?.Invoke(IsOfGateway(packet));
            foreach (byte[] passed in fault?.Up(this, packet) ?? [packet])
            {
                sent(passed);
                Wire!.Send(passed);
            }
        }

        return default;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (IsOver)
            return;
        IsOver = true;
        fault?.Ending(this);
        if (!_isCut)
            Wire?.Cut(1 + world.Random.Next(20));
        world.At(0, Wake);
        base.Dispose(disposing);
    }

    private static bool IsOfGateway(byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
        return reader.TryRead(out Frame frame) == DecodeStatus.Packet && ConnectPacket.TryDecode(frame, out ConnectPacket? connect, out _) && !connect.ClientId.Contains('/', StringComparison.Ordinal);
    }

    private void Cancel(CancellationToken token)
    {
        short version = _read.Version;
        world.At(0, () =>
        {
            if (_isWaiting && version == _read.Version && !_isDead)
                Complete(0, new OperationCanceledException(token));
        });
    }

    private void Wake()
    {
        if (!_isWaiting || _isDead)
            return;
        if (IsOver || _isReset)
        {
            Complete(0, new IOException("connection reset"));
        }
        else if (_arrived.Count > 0)
        {
            int bytes = Math.Min(_into.Length, _arrived.Peek().Length - _consumed);
            _arrived.Peek().AsSpan(_consumed, bytes).CopyTo(_into.Span);
            _consumed += bytes;
            if (_consumed == _arrived.Peek().Length)
            {
                _ = _arrived.Dequeue();
                _consumed = 0;
            }

            Complete(bytes, null);
        }
        else if (_isEnded)
        {
            Complete(0, null);
        }
    }

    private void Complete(int bytes, Exception? exception)
    {
        _isWaiting = false;
        _ = _cancellation.Unregister();
        if (exception is null)
            _read.SetResult(bytes);
        else
            _read.SetException(exception);
    }
}
