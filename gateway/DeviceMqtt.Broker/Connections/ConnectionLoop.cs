using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Reads one connection: each read is one turn, in which every packet that arrived is handled before anything is flushed. What has been
/// read ahead while the connection had to wait may be more than a slice of a turn: the rest has a turn of its own, when others had theirs.
/// All connections together are bounded by <see cref="GatewayLimits.ConnectionsMax"/>.
/// </summary>
internal sealed class ConnectionLoop(BrokerState broker, PacketReceiver receiver, ConnectionTable table, FullJournal full, Departures departures, TimeProvider time)
{
    private const byte QoSBits = 0x06; // of the first byte of a PUBLISH (3.1.1 section 3.3.1)
    // Chosen: a packet that waits for the disk is looked at again after it. PublisherPauseMs may be 0, and nothing is taken by a look: it would be a loop.
    private const int DiskPauseMs = 1_000;
    private readonly GatewayLimits _limits = broker.Limits;
    private readonly Turn _turn = broker.Turn;
    private readonly UnfinishedPackets _unfinished = new(broker, table.Rich);
    private readonly OwedTime _owed = new(broker);

    /// <summary>Returns when the connection has ended and what it owned is settled.</summary>
    /// <param name="pipes">Bytes in and out; completed by the caller.</param>
    /// <param name="remote">Who connected.</param>
    /// <param name="transport">What carries them; it is told of the end.</param>
    /// <param name="transportBytes">What the transport takes in memory beside that of a plain connection.</param>
    public Task RunAsync(IDuplexPipe pipes, EndPoint? remote, ITransport transport, int transportBytes = 0)
    {
        if (Open(pipes, remote, transport, transportBytes) is { } connection)
            return RunAsync(connection, pipes.Input);
        transport.Ended(null);
        return Task.CompletedTask;
    }

    private async Task RunAsync(MqttConnection connection, PipeReader input)
    {
        // Next to no variables across its awaits: this state is there once for each connection.
        Exception? failure = null;
        try
        {
            while (await TakeAsync(connection, input, await input.ReadAsync()).ConfigureAwait(connection.HasContext))
            {
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (IsOutOfPlace(connection))
            await BackAsync(connection);
        try
        {
            await SettleAsync(connection, failure);
            failure = null;
        }
        catch (Exception exception)
        {
            failure = exception; // it was told: see Departures
        }

        connection.Transport.Ended(failure);
    }

    /// <returns>False when the connection has ended. Mostly there is nothing to wait for before the next read.</returns>
    private ValueTask<bool> TakeAsync(MqttConnection connection, PipeReader input, ReadResult result)
    {
        if (IsOutOfPlace(connection))
            return TakeBehindAsync(connection, input, result);
        bool open = TakeTurn(connection, result.Buffer, out SequencePosition consumed, out Pause pause);
        return open && pause.IsInPlace ? HeldAsync(input, connection, result, consumed, pause) : AdvanceAsync(input, connection, result, consumed, pause, open);
    }

    private async ValueTask<bool> TakeBehindAsync(MqttConnection connection, PipeReader input, ReadResult result)
    {
        await BackAsync(connection);
        return await TakeAsync(connection, input, result);
    }

    // The first packet waits until all have it (MqttConnection.Left), or waits for the disk, and part of it may have been looked at before. A pipe that is told of less than that has no bound any more: so it is
    // told nothing until the packet is taken, and what comes meanwhile is bounded as always.
    private async ValueTask<bool> HeldAsync(PipeReader input, MqttConnection connection, ReadResult result, SequencePosition consumed, Pause pause)
    {
        ReadOnlySequence<byte> rest = result.Buffer.Slice(consumed);
        while (true)
        {
            _ = await WaitAsync(pause);
            if (IsOutOfPlace(connection))
                await BackAsync(connection);
            bool open = TakeTurn(connection, rest, out consumed, out pause);
            rest = rest.Slice(consumed);
            if (!open || !pause.IsInPlace)
                return await AdvanceAsync(input, connection, result, consumed, pause, open);
        }
    }

    private ValueTask<bool> AdvanceAsync(PipeReader input, MqttConnection connection, ReadResult result, SequencePosition consumed, Pause pause, bool open)
    {
        open = Advance(input, connection, result, consumed, pause, open);
        return open && !pause.IsNone ? WaitAsync(pause) : new ValueTask<bool>(open);
    }

    // The transport may have run this inside the flush of another connection, whose turn is still on.
    private bool IsOutOfPlace(MqttConnection connection) => _turn.IsMine || connection.IsElsewhere;

    // Where it was before: a connection of the thread pool may be told of something by the thread that polls the sockets. It would stay there, with all that its transport
    // works out in a read, as TLS does.
    private static ConfiguredTaskAwaitable BackAsync(MqttConnection connection) =>
        Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | (connection.HasContext ? ConfigureAwaitOptions.ContinueOnCapturedContext : ConfigureAwaitOptions.None));

    private bool TakeTurn(MqttConnection connection, in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out Pause pause)
    {
        bool open = Handle(connection, buffer, out consumed, out pause, out long workUs);
        connection.CountTime(time, workUs); // with what was sent behind the turn
        connection.TurnBegan = 0; // a read that is no turn, of a connection that was closed by another, takes nobody's time
        return open;
    }

    private static bool Advance(PipeReader input, MqttConnection connection, ReadResult result, SequencePosition consumed, Pause pause, bool open)
    {
        bool hasMore = pause.HasMore || connection.Held is not null;
        open = open && (hasMore || !result.IsCompleted);
        // A connection that has ended may wait for a slow disk until it is settled: nothing that it has sent stays in memory for so long.
        if (!open)
            consumed = result.Buffer.End;
        // What came behind a CONNECT that is held, or behind a slice, is not looked at: the next read has it at once, and the transport stops at its bound.
        input.AdvanceTo(consumed, open && hasMore ? consumed : result.Buffer.End);
        return open;
    }

    /// <returns>Always true: the connection is open. So whoever asks may return this task as its own.</returns>
    private async ValueTask<bool> WaitAsync(Pause pause)
    {
        if (pause.StepsBack)
            await Task.Yield();
        if (!pause.HeldBack.IsCompleted)
            await Awaiting.OnContextAsync(pause.HeldBack).WaitAsync(TimeSpan.FromMilliseconds(pause.OwedMs > 0 ? pause.OwedMs : pause.HeldMs > 0 ? pause.HeldMs : DiskPauseMs), time).ConfigureAwait(Awaiting.Quietly);
        await pause.Room;
        return true;
    }

    private MqttConnection? Open(IDuplexPipe pipes, EndPoint? remote, ITransport transport, int transportBytes)
    {
        using Turn.Scope scope = _turn.Enter();
        return table.TryOpen(pipes, remote, transport, transportBytes);
    }

    private bool Handle(MqttConnection connection, in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out Pause pause, out long workUs)
    {
        (consumed, pause, workUs) = (buffer.End, Pause.None, 0);
        if (buffer.IsEmpty && !connection.IsOpen)
            return false;
        using Turn.Scope scope = _turn.Enter();
        bool open = HandleInTurn(connection, buffer, out consumed, out pause);
        workUs = _turn.WorkUs;
        return open;
    }

    /// <summary>One turn: all packets of one read.</summary>
    private bool HandleInTurn(MqttConnection connection, in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out Pause pause)
    {
        (consumed, pause) = (buffer.End, Pause.None);
        connection.TurnBegan = _turn.BeganAt;
        receiver.BeginRead();
        connection.GoesOn();
        if (!connection.IsOpen)
            return false;
        if (!buffer.IsEmpty && _owed.IsHeldBack(connection, buffer.Start, ref consumed, ref pause))
            return true;

        if (connection.Held is { } held && !GoOn(connection, held, buffer.Start, out consumed, out pause))
            return connection.IsOpen;

        if (FirstByte.CloseIfTls(connection, buffer))
            return false;

        FrameReader reader = new(buffer, connection.Session is null ? _limits.ConnectPacketBytesMax : _limits.PacketBytesMax, broker.Straddle);
        DecodeStatus status;
        Task disk = Task.CompletedTask;
        int waits = 0; // bytes of the packet that is not taken yet
        ReadSlice slice = new(_turn);
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
        {
            (bool wasConnected, bool wentOn) = (connection.Session is not null, connection.Left is not null);
            if (wasConnected && !wentOn && IsWritten(frame.Type) && !(disk = WhenMayWrite(connection, frame)).IsCompleted)
            {
                waits = frame.Packet.Length;
                break;
            }

            Receive(connection, frame);
            if (connection.Left is { } left)
            {
                consumed = StartOf(buffer, reader, frame.Packet.Length);
                pause = UntilAllHaveIt(connection, left);
                return true;
            }

            if (!connection.IsOpen)
                return false;
            if (connection.Held is { } begun)
            {
                consumed = reader.Consumed;
                pause = Pause.None with { Room = begun.WhenReleased() };
                return _unfinished.TryKeep(connection, buffer.Slice(consumed).Length, waits: 0);
            }

            connection.LastReceivedMs = _turn.NowMs;
            if (wasConnected)
            {
                if (wentOn || slice.IsOver(frame.Packet.Length))
                    break; // who has had several turns for one message pays, and waits for those that it was too much for
                continue;
            }

            table.Connected(connection);
            // From CONNECT on, larger packets are welcome.
            reader = new FrameReader(buffer.Slice(reader.Consumed), _limits.PacketBytesMax, broker.Straddle);
            if (connection.Owes(_turn))
                break;
        }

        connection.DeclaredBytes = status == DecodeStatus.NeedMore ? reader.DeclaredLength : 0;
        if (status == DecodeStatus.Malformed)
        {
            Refuse(connection, reader);
            return false;
        }

        if (connection.Blocked is { } blocked)
            full.Look(connection, blocked);
        receiver.SendNext();
        if (!connection.IsOpen)
            return false;
        consumed = StartOf(buffer, reader, waits);
        return TryLeave(connection, buffer, buffer.Slice(consumed), status == DecodeStatus.Packet, waits, disk, ref pause);
    }

    // Of the packet that was cut last, of so many bytes; with 0 the place behind it.
    private static SequencePosition StartOf(in ReadOnlySequence<byte> buffer, in FrameReader reader, int bytes) =>
        bytes == 0 ? reader.Consumed : buffer.GetPosition(buffer.Slice(buffer.Start, reader.Consumed).Length - bytes);

    // It is not silent meanwhile, nor does it stand still: its packet is whole. What its owner owes for the time is paid behind it, before the next one.
    private Pause UntilAllHaveIt(MqttConnection connection, FanOut left)
    {
        (connection.LastReceivedMs, connection.UnfinishedMs, connection.WaitsForDisk) = (_turn.NowMs, _turn.NowMs, false);
        connection.LeaveDiskLine(_turn.Gate);
        connection.Collect(null);
        connection.CountTime(time, _turn.WorkUs);
        _ = connection.Spend(_turn.MonotonicUs());
        return Pause.None with { HasMore = true, IsInPlace = true, Room = left.WhenDone() };
    }

    /// <summary>What was read is handled but for this: it is counted, and what has to happen before the connection is read again is said.</summary>
    /// <returns>False when the connection is closed.</returns>
    private bool TryLeave(MqttConnection connection, in ReadOnlySequence<byte> buffer, in ReadOnlySequence<byte> unfinished, bool isWhole, int waits, Task disk, ref Pause pause)
    {
        // A turn may be one in which nothing was sent (MqttConnection.WakeReader).
        bool hasMore = isWhole && !unfinished.IsEmpty;
        connection.WaitsForDisk = waits != 0;
        if (waits == 0)
            connection.LeaveDiskLine(_turn.Gate);
        bool isUntouched = unfinished.Length == buffer.Length;
        if (!isUntouched)
            connection.Collect(null); // what was collected is whole: the next large packet has to ask again
        // Whole packets do not stay: the next turn has them. One that waits for the disk does, if it is a long one.
        bool stays = !hasMore || waits > MqttConnection.ReadAheadBytes;
        bool isKept = _unfinished.TryKeep(connection, stays ? unfinished.Length : 0, waits);
        if (!connection.IsOpen || FirstByte.CloseIfNoConnect(connection, unfinished))
            return false;
        if (!isKept && waits == 0)
            (waits, hasMore, disk) = ((int)unfinished.Length, true, _unfinished.WhenMayGoOn(connection));

        if (connection.IsBeingTakenOver)
            receiver.Connect.TakeOvers.OldWasRead(connection, buffer.Length - unfinished.Length, hasMore);
        Task room = connection.Output.WhenRoom();
        if (waits != 0 && !room.IsCompleted)
        {
            // Its turn at the disk would come while it cannot use it, and everybody behind it would wait for a client that does not read.
            connection.LeaveDiskLine(_turn.Gate);
            disk = Task.CompletedTask;
        }

        pause = new Pause(table.CountTurn(connection) || hasMore, disk, room, hasMore, IsForDisk: waits != 0) { IsInPlace = waits > 0 && isUntouched };
        if (waits == 0)
            pause = _owed.WhenItsTurn(connection, buffer.Length, pause);
        return true;
    }

    // Packets that make the gateway write something to the disk. Acknowledgements of what was sent make room, and a PINGREQ is a sign of life: whoever sends
    // nothing else is not held back by a disk that is behind.
    private static bool IsWritten(PacketType type) =>
        type is PacketType.Publish or PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe;

    // Before it is taken: with a slow disk each of a thousand connections had a packet more on its way each time that the disk got a little further. What there is
    // no room for does not wait for any.
    private Task WhenMayWrite(MqttConnection connection, in Frame frame)
    {
        bool isAtMostOnce = frame.Type == PacketType.Publish && (frame.Packet[0] & QoSBits) == 0; // seldom is there anything of it on the disk
        Task wait = connection.WhenMayWrite(_turn.Gate, isAtMostOnce ? 0 : frame.Packet.Length);
        if (wait.IsCompleted)
            return wait;
        if (broker.Custody.IsFull)
        {
            connection.LeaveDiskLine(_turn.Gate);
            return Task.CompletedTask;
        }

        connection.LastReceivedMs = _turn.NowMs; // it is not silent
        return wait;
    }

    /// <summary>Goes on with a CONNECT that was held.</summary>
    /// <returns>False when there is nothing more to do in this turn: it waits still, or again, or the connection is closed.</returns>
    private bool GoOn(MqttConnection connection, HeldConnect held, SequencePosition start, out SequencePosition consumed, out Pause pause)
    {
        consumed = start;
        pause = Pause.None;
        if (held.IsReleased)
            receiver.GoOn(connection);
        if (connection.Held is { } again)
            pause = Pause.None with { Room = again.WhenReleased() };
        if (!connection.IsOpen || connection.Held is not null)
            return false;
        connection.LastReceivedMs = _turn.NowMs;
        table.Connected(connection);
        if (!connection.Owes(_turn))
            return true;
        pause = _owed.WhenItsTurn(connection, bytes: 0, Pause.None with { HasMore = true });
        return false;
    }

    private void Receive(MqttConnection connection, in Frame frame)
    {
        bool isNew = connection.Left is null;
        broker.Counters.Clients.PacketsReceived += isNew ? 1 : 0;
        broker.Counters.Clients.BytesReceived += isNew ? frame.Packet.Length : 0;
        // Behind one that found no room, or its topic would be out of order.
        bool waits = isNew && connection.Blocked is not null && frame.Type == PacketType.Publish;
        if (!waits)
            receiver.Receive(connection, frame);
        if (waits || connection.FoundNoRoom)
            full.Take(connection, frame);
        connection.FoundNoRoom = false;
    }

    private void Refuse(MqttConnection connection, in FrameReader reader)
    {
        if (reader.Reason == MalformedReason.PacketTooLarge)
        {
            int max = connection.Session is null ? _limits.ConnectPacketBytesMax : _limits.PacketBytesMax;
            connection.Close(CloseReason.PacketTooLarge, $"a packet of {reader.DeclaredLength} bytes exceeds {max}", ReasonCode.PacketTooLarge);
            return;
        }

        connection.Close(CloseReason.MalformedPacket, reader.Reason.ToText(), reader.Reason.ToReasonCode());
    }

    private Task SettleAsync(MqttConnection connection, Exception? failure)
    {
        Task settled;
        using (_turn.Enter())
        {
            // What it had sent is gone by now; until it is settled it may wait for a slow disk.
            connection.GoesOn();
            connection.LeaveDiskLine(_turn.Gate);
            _unfinished.Ended(connection);
            table.Rich.Ended(connection);
            settled = departures.SettleAsync(connection, failure);
        }

        return settled;
    }
}
