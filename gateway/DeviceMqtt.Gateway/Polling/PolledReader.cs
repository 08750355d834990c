using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>
/// Reads a <see cref="PolledConnection"/>. It takes from the kernel what is asked for, one block at a time: what nobody asks for stays there, and holds back who sent it.
/// A block is as large as what usually comes. What was read and not taken stays in as little memory as it fits into.
/// </summary>
internal sealed class PolledReader(PolledConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = false };

    // What was read and not taken, in one block or in several. By who reads.
    private byte[]? _block;
    private int _from;
    private int _to;
    private Segment? _first; // with more than one block: then _block is not used
    private Segment? _last;
    private Segment? _beforeLast; // where there was something before the block that was received last

    private int _blockBytes = Blocks.BytesUsual;
    private bool _isNew; // something was not looked at yet
    private bool _isAtEnd;
    private bool _wasCancelled; // the read that is told of now
    private Exception? _failure;

    // Under the lock of the connection.
    private bool _isCancelled;

    /// <summary>A read waits. Under the lock.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Bytes of memory that it has for what was read and not taken. By who reads.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = _block?.Length ?? 0;
            for (Segment? at = _first; at is not null; at = at.Following)
                bytes += at.Block.Length;
            return bytes;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
            return ReadCancellableAsync(cancellationToken);
        while (!IsDecided())
        {
            lock (connection.Lock)
            {
                if (connection.IsReadable || connection.IsOver || _isCancelled)
                    continue;
                _source.Reset();
                IsWaiting = true;
                return new ValueTask<ReadResult>(this, _source.Version);
            }
        }

        return _failure is null ? new ValueTask<ReadResult>(Result()) : ValueTask.FromException<ReadResult>(_failure);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!IsDecided())
        {
            result = default;
            return false;
        }

        if (_failure is not null)
            throw _failure;
        result = Result();
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ReadOnlySequence<byte> all = Sequence();
        _isNew = !all.Slice(examined).IsEmpty;
        Drop(all.Slice(all.Start, consumed).Length);
        Fit();
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        lock (connection.Lock)
        {
            _isCancelled = true;
            if (!IsWaiting)
                return;
        }

        connection.WakeReader();
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => Forget();

    /// <summary>Something has come for a read that waits. On the poller's thread.</summary>
    public void Wake()
    {
        lock (connection.Lock)
        {
            if (!IsWaiting)
                return;
            IsWaiting = false;
        }

        while (!IsDecided())
        {
            lock (connection.Lock)
            {
                if (connection.IsReadable || connection.IsOver || _isCancelled)
                    continue;
                IsWaiting = true;
                return;
            }
        }

        if (_failure is null)
            _source.SetResult(true);
        else
            _source.SetException(_failure);
    }

    /// <summary>What was not taken is given back. Nobody reads any more.</summary>
    public void Forget()
    {
        Drop(long.MaxValue);
        _isNew = false;
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _ = _source.GetResult(token);
        return Result();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    // What follows runs where it is told, which is the poller's thread and never inside anything: to go by way of its line would only cost.
    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private async ValueTask<ReadResult> ReadCancellableAsync(CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static reader => ((PolledReader)reader!).CancelPendingRead(), this);
        ReadResult result = await ReadAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return result;
    }

    // Reads, if there is something to read and nothing else to tell. What was left to another turn is told together with what has come since: many packets in one
    // turn cost less for each.
    private bool IsDecided()
    {
        for (bool hasRead = false; ; hasRead = true)
        {
            bool isLast;
            lock (connection.Lock)
            {
                _wasCancelled = _isCancelled;
                _isCancelled = false;
                _isAtEnd |= connection.IsOver;
                if (_wasCancelled || _isAtEnd || _failure is not null || (_isNew && (hasRead || !connection.IsReadable || Sequence().Length >= Blocks.BytesMax)))
                    return true;
                if (!connection.IsReadable)
                    return false;
                connection.IsReadable = false;
                isLast = connection.IsHungUp && !connection.HasUrgent;
            }

            Receive(isLast);
        }
    }

    // `isLast`: the other side has ended, so that nothing comes behind what there is now.
    private void Receive(bool isLast)
    {
        byte[] block = Blocks.Take(_blockBytes);
        int bytes = connection.Receive(block);
        if (bytes <= 0)
        {
            Blocks.Give(block);
            if (bytes == 0)
                _isAtEnd = true;
            else if (bytes != -LinuxSockets.Again)
                _failure = new IOException(LinuxSockets.TextOf(-bytes));
            return;
        }

        bool mayHaveMore = bytes == block.Length;
        if (mayHaveMore)
            _blockBytes = Math.Min(block.Length * 2, Blocks.BytesMax);
        else if (bytes < block.Length / 8)
            _blockBytes = Math.Max(block.Length / 2, Blocks.BytesUsual);
        Append(block, bytes);
        _isNew = true;
        lock (connection.Lock)
        {
            connection.IsReadToTheEnd = isLast && !mayHaveMore;
            connection.IsReadable |= mayHaveMore || connection.IsHungUp || connection.HasUrgent;
        }
    }

    private ReadResult Result()
    {
        bool wasCancelled = _wasCancelled;
        _wasCancelled = false;
        return new ReadResult(Sequence(), wasCancelled, _isAtEnd);
    }

    private ReadOnlySequence<byte> Sequence() =>
        _first is not null ? new ReadOnlySequence<byte>(_first, _first.From, _last!, _last!.To)
        : _block is not null ? new ReadOnlySequence<byte>(_block, _from, _to - _from) : ReadOnlySequence<byte>.Empty;

    private void Append(byte[] block, int bytes)
    {
        if (_block is null && _first is null)
        {
            (_block, _from, _to) = (block, 0, bytes);
            return;
        }

        if (_first is null)
        {
            _first = _last = new Segment(_block!, _from, _to);
            (_block, _from, _to) = (null, 0, 0);
        }

        Segment next = new(block, 0, bytes);
        _last!.Precede(next);
        (_beforeLast, _last) = (_last, next);
    }

    private void Drop(long bytes)
    {
        if (_block is not null)
        {
            _from += (int)Math.Min(bytes, _to - _from);
            if (_from < _to)
                return;
            Blocks.Give(_block);
            (_block, _from, _to) = (null, 0, 0);
        }

        while (_first is not null && bytes >= _first.Length)
        {
            bytes -= _first.Length;
            Blocks.Give(_first.Block);
            _first = _first.Following;
        }

        if (_first is null)
        {
            _last = _beforeLast = null;
            return;
        }

        _first.Skip((int)bytes);
        if (_first == _last)
            TakeAsOne(_first);
    }

    // Of the first block something may have been taken, and the last is the one that was received into: what stays of them goes where it takes no more room than it needs.
    private void Fit()
    {
        if (_block is not null)
        {
            int bytes = _to - _from;
            if (!IsTooLargeFor(_block, bytes))
                return;
            byte[] fitting = Blocks.Take(bytes);
            _block.AsSpan(_from, bytes).CopyTo(fitting);
            Blocks.Give(_block);
            (_block, _from, _to) = (fitting, 0, bytes);
        }
        else if (_last is not null)
        {
            FitEnds();
        }
    }

    // Whoever sends a packet byte by byte fills one block before the next.
    private void FitEnds()
    {
        Segment last = _last!;
        if (IsTooLargeFor(_first!.Block, _first.Length))
            _first.MoveTo(Blocks.Take(_first.Length));
        if (_beforeLast is { } before && before.TryTake(last.Bytes))
        {
            Blocks.Give(last.Block);
            before.EndHere();
            (_last, _beforeLast) = (before, null);
            if (_first == before)
                TakeAsOne(before);
        }
        else if (IsTooLargeFor(last.Block, last.Length))
        {
            last.MoveTo(Blocks.Take(last.Length));
        }
    }

    private void TakeAsOne(Segment only)
    {
        (_block, _from, _to) = (only.Block, only.From, only.To);
        _first = _last = _beforeLast = null;
    }

    private static bool IsTooLargeFor(byte[] block, int bytes) => block.Length >= 2 * Math.Max(bytes, Blocks.BytesMin);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] block, int from, int to)
        {
            (Block, From) = (block, from);
            Memory = block.AsMemory(0, to);
        }

        public byte[] Block { get; private set; }

        /// <summary>Where what was not taken begins; of the first alone it is not the beginning.</summary>
        public int From { get; private set; }

        public int To => Memory.Length;

        public int Length => To - From;

        public ReadOnlySpan<byte> Bytes => Block.AsSpan(From, Length);

        public Segment? Following => (Segment?)Next;

        public void Precede(Segment next)
        {
            next.RunningIndex = RunningIndex + To;
            Next = next;
        }

        public void EndHere() => Next = null;

        public void Skip(int bytes) => From += bytes;

        public bool TryTake(ReadOnlySpan<byte> bytes)
        {
            int to = To;
            if (!bytes.TryCopyTo(Block.AsSpan(to)))
                return false;
            Memory = Block.AsMemory(0, to + bytes.Length);
            return true;
        }

        public void MoveTo(byte[] block)
        {
            Bytes.CopyTo(block);
            RunningIndex += From; // what was taken before it is not there any more
            Memory = block.AsMemory(0, Length);
            Blocks.Give(Block);
            (Block, From) = (block, 0);
        }
    }
}
