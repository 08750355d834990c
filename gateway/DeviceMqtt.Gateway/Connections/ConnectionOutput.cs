using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>
/// What goes out on one connection. Packets are written during a turn and flushed once at its end.
/// <list type="bullet">
/// <item>Only the holder of the turn calls this type.</item>
/// <item>At most one flush is under way; while the network does not take it the output is congested.</item>
/// <item>Bytes that wait are at most <see cref="GatewayLimits.OutputBytesMax"/> and one packet.</item>
/// </list>
/// </summary>
internal sealed class ConnectionOutput(PipeWriter writer, Turn turn, Traffic traffic, int bytesMax) : IBufferWriter<byte>
{
    private Memory<byte> _block;
    private int _used;
    private int _unflushed;
    private bool _touched;
    private bool _closed;
    private TaskCompletionSource? _room;

    /// <summary>What waits for this output: pumped when a congested output is free again.</summary>
    public IBacklog? Backlog { get; set; }

    /// <summary>A flush waits for the network, or more is written than may wait.</summary>
    public bool IsCongested => StalledSinceMs != 0 || _unflushed >= bytesMax;

    /// <summary>More is written than may wait: QoS 0 is dropped now.</summary>
    public bool IsFull => _unflushed >= bytesMax;

    /// <summary>When the flush that is under way began, in monotonic milliseconds; 0 when none is.</summary>
    public long StalledSinceMs { get; private set; }

    /// <summary>
    /// More is written than may wait, and the network does not take it. The client that does not read must not make the
    /// gateway write more: what it sends is not read until then.
    /// </summary>
    public bool HoldsBackItsClient => IsFull && StalledSinceMs != 0 && !_closed;

    /// <summary>Completes when this output has room again or is closed.</summary>
    public Task WhenRoom()
    {
        if (!HoldsBackItsClient)
            return Task.CompletedTask;
        // The client's read loop goes on elsewhere: it must not run inside this turn.
        _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _room.Task;
    }

    /// <summary>Room for one packet of at most <paramref name="size"/> bytes; <see cref="Advance"/> says how many it took.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_block.Length - _used < size)
            NextBlock(size);
        return _block.Span[_used..];
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        _ = GetSpan(Math.Max(1, sizeHint));
        return _block[_used..];
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => GetSpan(Math.Max(1, sizeHint));

    /// <summary>One whole packet of so many bytes was written.</summary>
    public void Advance(int bytes)
    {
        traffic.PacketsSent++;
        traffic.BytesSent += bytes;
        _used += bytes;
        _unflushed += bytes;
        if (_touched)
            return;
        _touched = true;
        turn.Touch(this);
    }

    /// <summary>Copies a packet that exists already.</summary>
    public void Write(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(GetSpan(packet.Length));
        Advance(packet.Length);
    }

    /// <summary>Hands what was written to the network: the end of a turn.</summary>
    public void Flush()
    {
        bool wasFull = IsFull;
        FlushOnce();
        // What found it full in this turn waits, and no flush is under way whose end would send it.
        if (wasFull && !IsCongested && !_closed)
            Backlog?.Pump(turn.NowMs);
    }

    /// <summary>No more is written: the transport is about to be closed.</summary>
    public void Close()
    {
        if (_closed)
            return;
        FlushOnce();
        _closed = true;
        _block = default;
        _used = 0;
        _room?.TrySetResult();
    }

    private void FlushOnce()
    {
        _touched = false;
        if (_closed || StalledSinceMs != 0)
            return;
        CommitBlock();
        if (_unflushed == 0)
            return;
        _unflushed = 0;
        try
        {
            ValueTask<FlushResult> flush = writer.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                _closed |= flush.Result.IsCompleted;
                return;
            }

            StalledSinceMs = Math.Max(1, turn.NowMs);
            _ = WaitForNetworkAsync(flush);
        }
        catch (Exception exception) when (IsTransportGone(exception))
        {
            // In the turn of another connection, which has nothing to do with it.
            _closed = true;
        }
    }

    private async Task WaitForNetworkAsync(ValueTask<FlushResult> flush)
    {
        bool isGone = await IsTransportGoneAsync(flush);
        // The transport goes on from wherever its send ended, which may be inside another connection's flush.
        if (turn.IsMine)
            await Task.Yield();
        OnFlushed(isGone);
    }

    private void OnFlushed(bool isGone)
    {
        using Turn.Scope scope = turn.Enter();
        StalledSinceMs = 0;
        _closed |= isGone;
        if (!_closed)
            FlushOnce();
        if (!HoldsBackItsClient)
        {
            _room?.TrySetResult();
            _room = null;
        }

        if (_closed)
            return;
        if (!IsCongested)
            Backlog?.Pump(turn.NowMs);
    }

    // A transport that is gone completes its pipe, with the error if there was one. What is written from here on goes
    // nowhere; the read loop sees the same end and closes the connection with its reason.
    private static async Task<bool> IsTransportGoneAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return (await flush).IsCompleted;
        }
        catch (Exception exception) when (IsTransportGone(exception))
        {
            return true;
        }
    }

    private static bool IsTransportGone(Exception exception) => exception is IOException or OperationCanceledException or SocketException;

    private void NextBlock(int size)
    {
        CommitBlock();
        _block = _closed ? new byte[size] : writer.GetMemory(size);
    }

    private void CommitBlock()
    {
        if (_used > 0 && !_closed)
            writer.Advance(_used);
        _block = default;
        _used = 0;
    }
}
