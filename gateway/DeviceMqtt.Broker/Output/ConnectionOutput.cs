using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Output;

/// <summary>
/// What goes out on one connection. Packets are written during a turn and flushed once at its end.
/// <list type="bullet">
/// <item>Only the holder of the turn calls this type.</item>
/// <item>At most one flush is under way; while the network does not take it the output is congested.</item>
/// <item>Bytes that wait are at most <see cref="GatewayLimits.OutputBytesMax"/> and one packet, and beyond a block they are taken from the
/// memory of the connection's owner.</item>
/// <item>What must not leave before the journal is on disk is held, and so is all that is written behind it.</item>
/// </list>
/// </summary>
internal sealed partial class ConnectionOutput(PipeWriter writer, Turn turn, Traffic traffic, int bytesMax, Account memory) : IBufferWriter<byte>, IFlushed, IHeld
{
    private const int GrowBytes = 16 * 1024;
    private const int GatherBytesMax = 16 * 1024; // chosen: a large send costs little for each byte, and the room is not used up

    private Memory<byte> _block;
    private int _used;
    private int _unflushed;
    private int _flushing;
    private int _allowed = Math.Min(MemoryCost.OutputBlock, bytesMax); // what may wait without asking for more
    private bool _touched;
    private long _touchedIn; // the number of the turn
    private bool _isUrgent; // more was written than messages
    private bool _leftFull; // it was full when it left early: what waits for room is told at the end of the turn
    private bool _closed;
    private TurnSignal _room;
    private HeldBytes? _held;

    /// <inheritdoc/>
    public SendShare? Share { get; set; }

    /// <inheritdoc/>
    public bool IsPatient => !_isUrgent && _unflushed <= GatherBytesMax; // what is much is worth a send, and would fill the memory

    /// <inheritdoc/>
    public bool IsLate { get; set; }

    /// <summary>What waits for this output: pumped when a congested output is free again.</summary>
    public IBacklog? Backlog { get; set; }

    /// <summary>
    /// Told, inside a turn, of a fault of the gateway itself in a flush or in what follows it. It ends this connection and no
    /// other: the flush runs at the end of a turn that may be anybody's, or of nobody's.
    /// </summary>
    public required Action<ConnectionOutput, Exception> Faulted { get; init; }

    /// <summary>A flush waits for the network, or more is written than may wait.</summary>
    public bool IsCongested => StalledSinceMs != 0 || IsFull;

    /// <summary>More is written than may wait: QoS 0 is dropped now. Never of one that is closed: what is written there goes nowhere.</summary>
    public bool IsFull => HasNoRoom && !TryLeaveBefore();

    private int Waiting => _unflushed + _flushing + (_held?.Length ?? 0);

    private bool HasNoRoom => !_closed && Waiting >= _allowed && !TryGrow();

    private bool IsHeld => _held is { IsEmpty: false };

    /// <summary>When the flush that is under way began, or got further last, in monotonic milliseconds; 0 when none is.</summary>
    public long StalledSinceMs { get; private set; }

    /// <summary>
    /// More is written than may wait, and the network or the disk does not take it. The client that does not read must not
    /// make the gateway write more: what it sends is not read until then.
    /// </summary>
    public bool HoldsBackItsClient => IsFull && (StalledSinceMs != 0 || IsHeld) && !_closed;

    /// <summary>Completes when this output has room again or is closed.</summary>
    public Task WhenRoom() => HoldsBackItsClient ? _room.Next() : Task.CompletedTask;

    /// <summary>Whether there is memory for one more packet. What waits for the end of the turn leaves for it, if that helps.</summary>
    public bool HasRoomFor(int bytes)
    {
        if (bytes <= MemoryCost.OutputBlock || _closed)
            return true;
        int more = Waiting + bytes - _allowed;
        if (more <= 0)
            return true;
        if (!memory.TryTake(more))
        {
            turn.FlushEarly();
            more = Math.Max(0, Waiting + bytes - _allowed);
            if (!memory.TryTake(more))
                return false;
        }

        _allowed += more;
        return true;
    }

    /// <summary>Room for one packet of at most <paramref name="size"/> bytes; <see cref="Advance"/> says how many it took.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (IsHeld)
            return _held!.GetSpan(size);
        if (_block.Length - _used < size)
            NextBlock(size);
        return _block.Span[_used..];
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        if (IsHeld)
            return _held!.GetMemory(sizeHint);
        _ = GetSpan(Math.Max(1, sizeHint));
        return _block[_used..];
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => GetSpan(Math.Max(1, sizeHint));

    /// <summary>One whole packet of so many bytes was written.</summary>
    public void Advance(int bytes)
    {
        Hurry();
        AdvancePatiently(bytes);
    }

    /// <summary>The same of a message that may leave some milliseconds later where its client's user has had its share of the time.</summary>
    public void AdvancePatiently(int bytes)
    {
        traffic.PacketsSent++;
        traffic.BytesSent += bytes;
        Written += bytes;
        turn.Wrote(bytes);
        if (IsHeld)
            _held!.Advance(bytes);
        else
            Count(bytes);
        // The memory of one that is closed was given back, or is about to be.
        if (Waiting > _allowed && !_closed)
            Take(Waiting - _allowed);
    }

    /// <summary>What is written from here on leaves when the disk has what was kept, and after all that was written before.</summary>
    /// <exception cref="InvalidOperationException">It found no room.</exception>
    public void WaitFor(Kept kept)
    {
        long position = kept.Position;
        if (_closed || (position <= turn.Gate.Durable && !IsHeld))
            return;
        _held ??= new HeldBytes();
        turn.Gate.Wait(this, isFirst: _held.IsEmpty);
        _held.Begin(position, turn.Gate.TurnNumber);
    }

    /// <inheritdoc/>
    public bool Release(long durable)
    {
        while (_held!.TryTake(durable, out ReadOnlySpan<byte> bytes))
        {
            if (_block.Length - _used < bytes.Length)
                NextBlock(bytes.Length);
            bytes.CopyTo(_block.Span[_used..]);
            Count(bytes.Length);
            Hurry();
        }

        return _held.IsEmpty;
    }

    /// <summary>What waits for the journal is not sent any more: the connection is about to end, and nothing of it was promised yet.</summary>
    public void ForgetHeld() => _held?.Clear();

    /// <summary>Copies a packet that exists already.</summary>
    public void Write(ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(GetSpan(packet.Length));
        Advance(packet.Length);
    }

    /// <summary>Hands what was written to the network: the end of a turn.</summary>
    public void Flush()
    {
        IsLate = false;
        try
        {
            (bool wasFull, _leftFull, _tellsBacklog) = (_leftFull || _tellsBacklog || HasNoRoom, false, false);
            FlushOnce();
            SignalRoom();
            // What found it full in this turn waits, and no flush is under way whose end would send it.
            // A network that takes everything at once must not make this the longest turn there ever was.
            if (!wasFull || IsCongested || _closed || Backlog is not { } backlog)
                return;
            if (turn.IsSliceOver)
                turn.Jobs.Continue(backlog);
            else
                backlog.Pump(turn.NowMs);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <inheritdoc/>
    public void FlushEarly()
    {
        if (_unflushed == 0)
            return;
        bool wasTouched = _touched;
        _leftFull |= Waiting >= _allowed;
        try
        {
            FlushOnce();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }

        _touched = wasTouched; // what waits for room is told at the end of the turn
    }

    /// <summary>The network has taken some of the flush that is under way: the client reads, slowly.</summary>
    public void Progressed()
    {
        if (StalledSinceMs != 0)
            StalledSinceMs = Math.Max(1, turn.NowMs);
    }

    /// <summary>No more is written: the transport is about to be closed.</summary>
    public void Close()
    {
        if (_closed)
            return;
        FlushOnce();
        _held?.Clear();
        _closed = true;
        (_block, _used) = (default, 0);
        _room.Set();
    }

    // What turns before this one have written, that were gathered, takes no room from this one: without the gathering it had left.
    private bool TryLeaveBefore()
    {
        if (!_touched || _touchedIn == turn.Number)
            return false;
        _touchedIn = turn.Number;
        FlushEarly();
        return Waiting < _allowed || _closed;
    }

    private bool TryGrow()
    {
        int more = Math.Min(GrowBytes, bytesMax - _allowed);
        if (more <= 0 || !memory.TryTake(more))
            return false;
        _allowed += more;
        return true;
    }

    // It is written already: an acknowledgement, or the one packet that is let through. Not for each of many.
    private void Take(int more)
    {
        more = Math.Max(more, Math.Min(GrowBytes, bytesMax - _allowed));
        memory.Take(more);
        _allowed += more;
    }

    private void GiveBack()
    {
        int kept = Math.Max(Math.Min(MemoryCost.OutputBlock, bytesMax), Waiting);
        if (_allowed <= kept)
            return;
        memory.Give(_allowed - kept);
        _allowed = kept;
    }

    private void Count(int bytes)
    {
        (_used, _unflushed) = (_used + bytes, _unflushed + bytes);
        HasBegun = true;
        turn.NoteUnflushed(this, isFirst: _unflushed == bytes);
        if (_unflushed > GatherBytesMax)
        {
            turn.GatherNoMore();
            LeaveWithTurn();
        }

        if (_touched)
            return;
        _touched = true;
        _touchedIn = turn.Number;
        turn.Touch(this);
    }

    private void Hurry()
    {
        _isUrgent = true;
        LeaveWithTurn();
    }

    // It may wait since an earlier turn.
    private void LeaveWithTurn()
    {
        if (!IsLate)
            return;
        IsLate = false;
        turn.Touch(this);
    }

    private void FlushOnce()
    {
        (_touched, _isUrgent) = (false, false);
        if (_closed || StalledSinceMs != 0)
            return;
        CommitBlock();
        if (_unflushed == 0)
        {
            GiveBack();
            return;
        }

        _flushing = _unflushed;
        _unflushed = 0;
        try
        {
            ValueTask<FlushResult> flush = writer.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                NoteTaken(isGone: flush.Result.IsCompleted);
                GiveBack();
                return;
            }

            StalledSinceMs = Math.Max(1, turn.NowMs);
            _ = WaitForNetworkAsync(flush);
        }
        catch (Exception exception) when (TransportEnd.Is(exception))
        {
            // In the turn of another connection, which has nothing to do with it.
            _closed = true;
        }
    }

    private async Task WaitForNetworkAsync(ValueTask<FlushResult> flush)
    {
        bool isGone = await TransportEnd.HasComeAsync(flush);
        // The transport goes on from wherever its send ended, which may be inside another connection's flush.
        if (turn.IsMine)
            await Task.Yield();
        OnFlushed(isGone);
    }

    private void OnFlushed(bool isGone)
    {
        using Turn.Scope scope = turn.Enter();
        try
        {
            StalledSinceMs = 0;
            NoteTaken(isGone);
            if (!_closed)
                FlushOnce();
            SignalRoom();
            if (_closed)
                return;
            if (!IsCongested)
                Backlog?.Pump(turn.NowMs);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <summary>A fault of the gateway itself in what is sent here: it ends this connection (<see cref="Faulted"/>). What was written is not known to be whole packets any more.</summary>
    public void Fail(Exception exception)
    {
        _closed = true;
        _room.Set();
        Faulted(this, exception);
    }

    private void SignalRoom()
    {
        if (_room.IsAwaited && !HoldsBackItsClient)
            _room.Set();
    }

    private void NextBlock(int size)
    {
        CommitBlock();
        _block = _closed ? new byte[size] : writer.GetMemory(size);
    }

    private void CommitBlock()
    {
        if (_used > 0 && !_closed)
            writer.Advance(_used);
        (_block, _used) = (default, 0);
    }
}
