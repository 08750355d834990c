using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Arriving;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>
/// One accepted connection to the upstream: reads, watches for silence, ends. Each read is one turn, in which every packet
/// that arrived is handled before anything is flushed. What packets mean is in <see cref="RelaySession"/>.
/// </summary>
internal sealed class UplinkConnection
{
    // As for the clients' connections.
    private const int ReadsInARowMax = 16;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PacedInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(3);

    private readonly BrokerState _broker;
    private readonly RelaySession _session;
    private readonly UplinkTerms _terms;
    private readonly TimeProvider _time;
    private readonly PipeReader _input;
    private readonly ConnectionOutput _output;
    private readonly UplinkKeepAlive _keepAlive;
    private readonly StreamTransport? _stream;
    private readonly IGathering? _gathering;
    private bool _wasStalled;
    private long _taken; // of its bytes, when they were looked at last
    private readonly AckGathering _acks = new();
    private UplinkEnd _end;
    private long _heardMs;
    private long _toPassOver; // bytes of a PUBLISH that is too large

    public UplinkConnection(IDuplexPipe transport, BrokerState broker, RelaySession session, UplinkTerms terms, RelayOptions options, TimeProvider time)
    {
        _broker = broker;
        _session = session;
        _terms = terms;
        _heardMs = broker.Turn.MonotonicMs();
        _time = time;
        _input = transport.Input;
        _stream = transport as StreamTransport;
        _gathering = _stream?.Gathering;
        _output = new ConnectionOutput(transport.Output, broker.Turn, broker.Counters.Upstream, broker.Limits.OutputBytesMax, broker.Owners.Nobody[Good.Memory])
        {
            Faulted = (_, fault) => EndInTurn(UplinkEndReason.InternalError, fault.ToString()),
        };
        // An upstream that wants no Keep Alive is asked all the same, each second: nothing else shows that it is gone.
        _keepAlive = new UplinkKeepAlive(Math.Max(1, terms.PingSeconds(options.KeepAliveSeconds)) * 1000L, broker.Limits.RelayAnswerSecondsMax * 1000L, broker.Turn.MonotonicMs());
    }

    /// <summary>Returns when the connection has ended; the caller closes the transport.</summary>
    public async Task<UplinkEnd> RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(_session.IsPaced ? PacedInterval : WatchInterval, _time);
        Task watching = Task.CompletedTask;
        try
        {
            Open();
            watching = WatchAsync(timer);
            Task reading = ReadAsync();
            await reading.WaitAsync(stopping).ConfigureAwait(Awaiting.Quietly);
            if (!reading.IsCompleted)
                await LeaveAsync(reading);
            await reading;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            await LeaveTransportAsync();
            End(UplinkEndReason.ConnectionLost, UplinkText.Of(exception));
        }
        finally
        {
            await LeaveTransportAsync();
            Close();
            timer.Dispose();
            await watching;
        }

        return _end;
    }

    private void Open()
    {
        using Turn.Scope scope = _broker.Turn.Enter();
        _session.Attach(_output, _terms);
    }

    private async Task ReadAsync()
    {
        bool open = true;
        for (int ready = 0; open;)
        {
            ValueTask<ReadResult> read = _input.ReadAsync();
            ready = read.IsCompleted ? ready + 1 : 0;
            ReadResult result = await read;
            await LeaveTransportAsync(stepBack: ready % ReadsInARowMax == ReadsInARowMax - 1);
            open = Handle(result.Buffer, out SequencePosition consumed, out bool hasMore, out Task heldBack);
            // What came behind a slice is not looked at: the next read has it at once, when others had their turn.
            _input.AdvanceTo(consumed, hasMore ? consumed : result.Buffer.End);
            if (hasMore)
                await Task.Yield();
            // As a client that has something written while the disk is behind. For a moment: what the upstream acknowledges has to be read.
            if (!heldBack.IsCompleted)
                await Awaiting.OnContextAsync(heldBack).WaitAsync(TimeSpan.FromMilliseconds(_broker.Limits.PublisherPauseMs), _time).ConfigureAwait(Awaiting.Quietly);
            if (open && !hasMore && (result.IsCompleted || result.IsCanceled))
            {
                End(UplinkEndReason.ConnectionLost, "the upstream closed the connection");
                open = false;
            }
        }
    }

    // The transport may have run this inside the flush of another connection, whose turn is still on. And an upstream that
    // always has more to say must not keep the thread that polls all sockets.
    private async ValueTask LeaveTransportAsync(bool stepBack = false)
    {
        if (stepBack || _broker.Turn.IsMine)
            await Task.Yield();
    }

    /// <summary>One turn: all packets of one read, as far as a slice goes.</summary>
    private bool Handle(in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out bool hasMore, out Task heldBack)
    {
        consumed = buffer.Start;
        hasMore = false;
        heldBack = Task.CompletedTask;
        using Turn.Scope scope = _broker.Turn.Enter();
        if (_end.Reason != UplinkEndReason.None)
            return false;
        // A part of a packet is one too: a large one may take longer than the upstream has for an answer.
        if (!buffer.IsEmpty)
        {
            _keepAlive.Receive();
            _heardMs = _broker.Turn.NowMs;
        }

        long passed = Math.Min(_toPassOver, buffer.Length);
        _toPassOver -= passed;
        FrameReader reader = new(buffer.Slice(passed), _broker.Limits.PacketBytesMax, _broker.Straddle);
        DecodeStatus status;
        bool hasSomethingWritten = false;
        int inFlight = _session.Buffer.InFlight;
        int answered = 0;
        ReadSlice slice = new(_broker.Turn);
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
        {
            hasSomethingWritten |= frame.Type is PacketType.Publish or PacketType.PubRel;
            answered += frame.Type is PacketType.PubAck or PacketType.PubRec or PacketType.PubComp ? 1 : 0;
            if (_session.Receive(frame, _output) is { } wrong)
            {
                EndInTurn(frame.Type == PacketType.Disconnect && _terms.Version == ProtocolVersion.V5 ? UplinkEndReason.ConnectionLost : UplinkEndReason.ProtocolError, $"{frame.Type}: {wrong}");
                return false;
            }

            if (EndsWhereItStands())
                return false;
            if (slice.IsOver(frame.Packet.Length) || !_broker.FanOuts.HasRoomFor(null))
                break;
        }

        if (_session.WaitsForRoom)
            _broker.Turn.Room.Wait(this, AskAgain);
        consumed = reader.Consumed;
        hasMore = status == DecodeStatus.Packet && !buffer.Slice(consumed).IsEmpty;
        Gather(inFlight, answered);
        if (hasSomethingWritten)
            heldBack = _broker.FanOuts.HasRoomFor(null) ? _broker.Turn.Gate.WhenCaughtUp() : _broker.FanOuts.WhenRoom();
        if (status != DecodeStatus.Malformed || TryPassOver(buffer, reader, ref consumed))
            return true;
        string detail = reader.Reason == MalformedReason.PacketTooLarge
            ? $"a packet of {reader.DeclaredLength} bytes exceeds Limits:PacketBytesMax of {_broker.Limits.PacketBytesMax}"
            : reader.Reason.ToText();
        EndInTurn(UplinkEndReason.ProtocolError, detail);
        return false;
    }

    private void Gather(int inFlight, int answered)
    {
        if (_gathering is null)
            return;
        _acks.Learn(inFlight, answered, _session.Buffer.Waiting > 0);
        _gathering.GatherUs = _acks.WaitUs;
    }

    // A broker of 5.0 was told in CONNECT how much this gateway takes.
    private bool TryPassOver(in ReadOnlySequence<byte> buffer, in FrameReader reader, ref SequencePosition consumed)
    {
        if (reader.Reason != MalformedReason.PacketTooLarge || _terms.Version == ProtocolVersion.V5)
            return false;
        ReadOnlySequence<byte> rest = buffer.Slice(reader.Consumed);
        DecodeStatus status = OversizedPublish.TryRead(rest, reader.DeclaredLength, out OversizedPublish publish);
        if (status != DecodeStatus.Packet)
            return status == DecodeStatus.NeedMore;
        _session.PassOver(publish, _output);
        long here = Math.Min(publish.Bytes, rest.Length);
        _toPassOver = publish.Bytes - here;
        consumed = rest.GetPosition(here);
        return true;
    }

    private async Task WatchAsync(PeriodicTimer timer)
    {
        try
        {
            while (await timer.WaitForNextTickAsync())
                Watch();
        }
        catch (Exception exception)
        {
            // Without its watch a silent upstream would keep the link for ever: it is made anew.
            End(UplinkEndReason.InternalError, exception.ToString());
        }
    }

    private bool EndsWhereItStands()
    {
        if (_session.Stands is not { Reason: not UplinkEndReason.None } stands)
            return false;
        EndInTurn(stands.Reason, stands.Detail, stands.IsToComeBack);
        return true;
    }

    private void Watch()
    {
        using Turn.Scope scope = _broker.Turn.Enter();
        long now = _broker.Turn.NowMs;
        long ackMs = _broker.Limits.RelayAckSecondsMax * 1000L;
        if (_end.Reason != UplinkEndReason.None || EndsWhereItStands())
            return;
        NoteTaken(now);
        if (_keepAlive.IsDead(now))
            EndInTurn(UplinkEndReason.PingTimeout, $"nothing came within {_broker.Limits.RelayAnswerSecondsMax} s of PINGREQ");
        else if (_session.StandingStillSinceMs is { } since && now - since >= ackMs)
            EndInTurn(UplinkEndReason.AckTimeout, $"nothing was acknowledged for {_broker.Limits.RelayAckSecondsMax} s, {_session.Buffer.InFlight} messages are in flight", isToComeBack: true);
        else if (_session.AsksAgain)
            AskAgain();
        else if (_keepAlive.TryAsk(now))
            _session.Ask();
        if (_end.Reason == UplinkEndReason.None)
            _session.Tick();
    }

    // What waits only for more room than there is now is looked at each second. Without DISCONNECT, which would drop the gateway's Will: nobody would tell the upstream that the gateway is
    // gone if it went, or the network did, before the next connection.
    private void AskAgain()
    {
        if (!_session.AsksAgain || _end.Reason != UplinkEndReason.None)
            return;
        EndInTurn(UplinkEndReason.NoRoomHere, $"the journal was full for {_session.Unacknowledged} messages of the upstream and has room again; it is to send them once more", isToComeBack: true);
    }

    // A flush is under way, and gets further: an answer cannot be there yet. What is so small that the network takes it at once says nothing, PINGREQ above all.
    private void NoteTaken(long now)
    {
        long taken = _stream?.Taken ?? 0;
        if (taken != _taken && (_output.StalledSinceMs != 0 || _wasStalled))
            _session.NoteTaken(now);
        (_taken, _wasStalled) = (taken, _output.StalledSinceMs != 0);
    }

    /// <summary>The gateway stops: what waits goes out if it can, then presence, then DISCONNECT, which drops the Will.</summary>
    private async Task LeaveAsync(Task reading)
    {
        await WhenIdleAsync(sayGoodbye: false, reading);
        await WhenIdleAsync(sayGoodbye: true, reading);
        using Turn.Scope scope = _broker.Turn.Enter();
        if (_end.Reason == UplinkEndReason.None)
            _output.Write(DisconnectPacket.Normal);
        EndInTurn(UplinkEndReason.Stopping, "the gateway stops");
    }

    private async Task WhenIdleAsync(bool sayGoodbye, Task reading)
    {
        Task idle;
        using (_broker.Turn.Enter())
        {
            if (sayGoodbye)
                _session.SayGoodbye();
            idle = _session.WhenIdle();
        }

        Task either = Task.WhenAny(Awaiting.OnContextAsync(idle), reading);
        await either.WaitAsync(FarewellTimeout, _time).ConfigureAwait(Awaiting.Quietly);
    }

    private void End(UplinkEndReason reason, string detail)
    {
        using Turn.Scope scope = _broker.Turn.Enter();
        EndInTurn(reason, detail);
    }

    /// <summary>The first reason counts.</summary>
    private void EndInTurn(UplinkEndReason reason, string detail, bool isToComeBack = false)
    {
        if (_end.Reason != UplinkEndReason.None)
            return;
        _end = new UplinkEnd(reason, detail) { IsToComeBack = isToComeBack };
        _input.CancelPendingRead();
    }

    private void Close()
    {
        using Turn.Scope scope = _broker.Turn.Enter();
        _broker.Turn.Room.Leave(this);
        _session.Detach(_end, _heardMs);
        _output.Backlog = null;
        _output.Close();
    }
}
