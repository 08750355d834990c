using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Presence;

/// <summary>
/// A connection to the upstream for the Will in its CONNECT, and for nothing else. Made anew when it is lost, until it is
/// ended. Not owned by the turn: it tells <see cref="DeviceWills"/> what became of it in turns of its own.
/// </summary>
internal sealed class WillLink(UplinkConnector connector, RelayOptions options, GatewayLimits limits, Turn turn, RelayWorld world)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _whenEnded = Task.CompletedTask; // from RunAsync on
    private bool _dropsWill;
    private volatile bool _isAnswered;
    private Task? _flush; // of the connection there is

    /// <summary>Inside a turn: the upstream has the Will.</summary>
    public required Action<WillLink> Held { get; init; }

    /// <summary>Inside a turn: it has not, or not any more.</summary>
    public required Action<WillLink, UplinkEnd> Lost { get; init; }

    /// <summary>Ends the connection.</summary>
    /// <param name="dropsWill">With DISCONNECT, so that the Will is not published [MQTT-3.14.4-3]. Without, it is.</param>
    public void End(bool dropsWill)
    {
        _dropsWill = dropsWill;
        _ = _ended.TrySetResult();
    }

    /// <summary>Returns when <see cref="End"/> was called and the connection is closed. Does not throw, and runs nothing in the turn of its caller.</summary>
    public async Task RunAsync()
    {
        await Task.Yield();
        _whenEnded = Awaiting.OnContextAsync(_ended.Task);
        Backoff backoff = new(TimeSpan.FromMilliseconds(options.BackoffMinMs), TimeSpan.FromMilliseconds(options.BackoffMaxMs), world.Random);
        while (!_whenEnded.IsCompleted)
        {
            long began = world.Time.GetTimestamp();
            UplinkEnd end = await HoldAsync();
            Tell(() => Lost(this, end));
            if (world.Time.GetElapsedTime(began) >= Backoff.GoodConnection)
                backoff.Reset();
            await _whenEnded.WaitAsync(backoff.Next(), world.Time).ConfigureAwait(Awaiting.Quietly);
        }
    }

    private async Task<UplinkEnd> HoldAsync()
    {
        try
        {
            (StreamTransport transport, UplinkTerms terms) = await ConnectAsync();
            await using (transport)
            {
                _flush = null;
                Tell(() => Held(this));
                return await KeepAsync(transport, terms);
            }
        }
        catch (UplinkException exception)
        {
            return exception.End;
        }
        catch (Exception exception)
        {
            return new UplinkEnd(UplinkEndReason.InternalError, exception.ToString());
        }
    }

    // Where the Will is to be dropped the upstream may have it already: only a DISCONNECT tells it so.
    private async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync()
    {
        using CancellationTokenSource stopping = new();
        Task<(StreamTransport Transport, UplinkTerms Terms)> connecting = connector.ConnectAsync(stopping.Token);
        if (await Task.WhenAny(connecting, _whenEnded) != connecting && !_dropsWill)
            stopping.Cancel();
        return await connecting;
    }

    private async Task<UplinkEnd> KeepAsync(StreamTransport transport, UplinkTerms terms)
    {
        int keepAliveSeconds = terms.PingSeconds(options.KeepAliveSeconds);
        TimeSpan answer = TimeSpan.FromSeconds(limits.RelayAnswerSecondsMax);
        UplinkKeepAlive keepAlive = new(keepAliveSeconds == 0 ? UplinkKeepAlive.Never : keepAliveSeconds * 1000L, (long)answer.TotalMilliseconds, NowMs());
        Task gone = ReadAsync(transport.Input);
        Task either = Task.WhenAny(gone, _whenEnded);
        _isAnswered = true;
        UplinkEnd? end = null;
        while (end is null)
        {
            await either.WaitAsync(keepAlive.UntilDue(NowMs()), world.Time).ConfigureAwait(Awaiting.Quietly);
            long now = NowMs();
            if (_isAnswered)
                keepAlive.Receive();
            if (_whenEnded.IsCompleted)
                end = new UplinkEnd(UplinkEndReason.Stopping, "the Will is not needed any more");
            else if (gone.IsCompleted)
                end = new UplinkEnd(UplinkEndReason.ConnectionLost, "the upstream closed the connection");
            else if (keepAlive.IsDead(now))
                end = new UplinkEnd(UplinkEndReason.PingTimeout, $"nothing came within {limits.RelayAnswerSecondsMax} s of PINGREQ");
            else if (keepAlive.TryAsk(now))
                await SendAsync(transport.Output, PingPackets.PingReq.ToArray(), answer);
        }

        if (_whenEnded.IsCompleted && _dropsWill)
            await SendAsync(transport.Output, DisconnectPacket.Normal.ToArray(), answer);
        transport.Input.CancelPendingRead();
        await gone;
        return end.Value;
    }

    // Returns within the time, whether the network has taken it or not: where it has not, no answer comes.
    private async Task SendAsync(PipeWriter output, byte[] packet, TimeSpan within)
    {
        if (_flush is { IsCompleted: false })
            return;
        _isAnswered = false;
        output.Write(packet);
        _flush = output.FlushAsync().AsTask();
        await _flush.WaitAsync(within, world.Time).ConfigureAwait(Awaiting.Quietly);
    }

    private async Task ReadAsync(PipeReader input)
    {
        try
        {
            ReadResult result;
            do
            {
                result = await input.ReadAsync();
                _isAnswered = true;
                input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted && !result.IsCanceled);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Its end is all there is to know.
        }
    }

    private long NowMs() => world.Time.MonotonicMs();

    private void Tell(Action what)
    {
        using Turn.Scope scope = turn.Enter();
        what();
    }
}
