using System.IO.Pipelines;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>
/// Writes to a <see cref="PolledConnection"/>. A flush is complete when the kernel has the bytes; what it does not take leaves on the poller's thread.
/// </summary>
internal sealed class PolledWriter(PolledConnection connection) : PipeWriter
{
    private readonly record struct Unsent(byte[] Block, int Bytes);

    private static readonly FlushResult _flushed = new(isCanceled: false, isCompleted: false);
    private static readonly FlushResult _gone = new(isCanceled: false, isCompleted: true);

    // What is written now. By who writes.
    private byte[]? _block;
    private int _used;
    private int _blockBytes = Blocks.BytesUsual;

    // What was written before and the kernel does not have, from the first on. Under the lock of the connection.
    private Queue<Unsent>? _unsent;
    private int _sent; // of the first
    private TaskCompletionSource<FlushResult>? _flushing;

    /// <summary>A flush waits for room. Under the lock.</summary>
    public bool IsWaiting => _flushing is not null;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        int bytes = Math.Max(sizeHint, 1);
        if (_block is not null && _block.Length - _used < bytes)
        {
            SetAside();
            _blockBytes = Math.Min(_blockBytes * 2, Blocks.BytesMax);
        }

        _block ??= Blocks.Take(Math.Max(bytes, _blockBytes));
        return _block.AsMemory(_used);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes) => _used += bytes;

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (connection.Lock)
        {
            if (connection.IsOver)
            {
                Forget();
                return new ValueTask<FlushResult>(_gone);
            }

            if (_flushing is not null)
            {
                SetAside();
                return new ValueTask<FlushResult>(_flushing.Task);
            }

            if (_unsent is null or { Count: 0 } && TrySendBlock(out bool isGone))
                return new ValueTask<FlushResult>(isGone ? _gone : _flushed);
            SetAside();
            if (TrySendAll(out isGone))
                return new ValueTask<FlushResult>(isGone ? _gone : _flushed);
            _flushing = new TaskCompletionSource<FlushResult>();
            connection.WatchRoom();
            return new ValueTask<FlushResult>(_flushing.Task);
        }
    }

    /// <summary>There is room again, or the connection is over. On the poller's thread.</summary>
    public void GoOn()
    {
        TaskCompletionSource<FlushResult>? flushed;
        bool isGone;
        lock (connection.Lock)
        {
            if (_flushing is null)
                return;
            isGone = connection.IsOver;
            if (!isGone && !TrySendAll(out isGone))
                return;
            (flushed, _flushing) = (_flushing, null);
        }

        flushed.SetResult(isGone ? _gone : _flushed);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => throw new NotSupportedException("a flush ends when there is room, or with the connection");

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <summary>Nothing more is sent. By who writes, or when nobody writes any more: what was written last is given back, too.</summary>
    public void Forget()
    {
        lock (connection.Lock)
        {
            if (_block is not null)
                Blocks.Give(_block);
            (_block, _used) = (null, 0);
            ForgetUnsent();
        }
    }

    private void ForgetUnsent()
    {
        _sent = 0;
        while (_unsent is not null && _unsent.TryDequeue(out Unsent next))
            Blocks.Give(next.Block);
    }

    // What is usual: all of it is in one block, and the kernel takes it.
    private bool TrySendBlock(out bool isGone)
    {
        isGone = false;
        if (_used == 0)
            return true;
        int sent = connection.Send(_block.AsSpan(_sent, _used - _sent));
        if (sent < 0 && sent != -LinuxSockets.Again)
        {
            isGone = true;
            Forget();
            return true;
        }

        _sent += Math.Max(sent, 0);
        if (_sent < _used)
            return false;
        if (_used < _blockBytes / 8)
            _blockBytes = Math.Max(_blockBytes / 2, Blocks.BytesUsual);
        Blocks.Give(_block!);
        (_block, _used, _sent) = (null, 0, 0);
        return true;
    }

    // Not by who writes alone: the block that is written now stays, for somebody may be writing into it.
    private bool TrySendAll(out bool isGone)
    {
        isGone = false;
        while (_unsent is not null && _unsent.TryPeek(out Unsent first))
        {
            int sent = connection.Send(first.Block.AsSpan(_sent, first.Bytes - _sent));
            if (sent < 0)
            {
                isGone = sent != -LinuxSockets.Again;
                if (isGone)
                    ForgetUnsent();
                return isGone;
            }

            _sent += sent;
            if (_sent < first.Bytes)
                continue;
            _sent = 0;
            _ = _unsent.Dequeue();
            Blocks.Give(first.Block);
        }

        return true;
    }

    // The block becomes one of those that are sent in line.
    private void SetAside()
    {
        if (_block is null)
            return;
        lock (connection.Lock)
        {
            if (_used == 0)
                Blocks.Give(_block);
            else
                (_unsent ??= new Queue<Unsent>()).Enqueue(new Unsent(_block, _used));
        }

        (_block, _used) = (null, 0);
    }
}
